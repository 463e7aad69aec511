/**
 * Traffic on top of the rest, for a while: a script that loops, a batch job, a tenant that runs away, prompts that have swollen.
 *
 *     { at: 3m, for: 10m, rate: 8/s, tenant: marketing, model: gpt-4o, input: 12k, output: 300 }
 */
import type * as z from "zod";
import { distributionOf } from "./distribution-schema.ts";
import type { ExtraTraffic } from "./traffic-spec.ts";
import { count, duration, fields, listOf, rate, someTime, text, yesOrNo } from "./written.ts";

const tokens = (description: string): z.ZodType<ExtraTraffic["input"]> =>
  distributionOf({ quantity: (each) => count(each, 1, 10_000_000), min: 1, whole: true }, description);

export const extraTrafficSchema: z.ZodType<readonly ExtraTraffic[]> = listOf(
  fields(
    {
      at: duration("When it starts, counted from the start of the load."),
      for: someTime("How long it lasts."),
      rate: rate("Requests per unit of time, by chance (poisson)."),
      tenant: text("a tenant", "Who sends it. Default: the first tenant.").optional(),
      model: text("a model name", "Model asked for. Default: that of the first kind of request.").optional(),
      input: tokens("Prompt tokens. Default: as the first kind of request.").optional(),
      output: tokens("Answer tokens. Default: as the first kind of request.").optional(),
      stream: yesOrNo("Whether the answer is streamed. Default: as the first kind of request.").optional(),
    },
    "Traffic on top of the rest.",
  ).transform((written): ExtraTraffic => ({
    atMs: written.at,
    forMs: written.for,
    perMs: written.rate,
    tenant: written.tenant,
    model: written.model,
    input: written.input,
    output: written.output,
    stream: written.stream,
  })),
  "traffic such as { at: 3m, for: 10m, rate: 8/s, tenant: marketing }",
  "With arrivals: what comes on top of them for a while.",
);
