/** The `timeline` section: what goes wrong, and when. */
import * as z from "zod";
import type { FaultSpec } from "./fault-spec.ts";
import type { TimelineEntry } from "./scenario.ts";
import { count, duration, factor, fields, listOf, notAllowed, oneOf, share, someTime, text } from "./written.ts";

const target = {
  provider: text("a provider", "Provider that it hits, by name."),
  model: text("a model", "Only this model. Default: all.").optional(),
  share: share("Part of the calls that it hits. Default: 100%.").optional(),
};

const status = (description: string): z.ZodType<number> => count(description, 400, 599);

const outage = fields(
  {
    ...target,
    kind: z.literal("outage"),
    how: oneOf(["status", "reset"], "An error status, or a connection that is reset. Default: status.").optional(),
    status: status("HTTP status of every answer. Default: 503.").optional(),
  },
  "The provider is down.",
).transform((written): FaultSpec => ({
  kind: "outage",
  ...targetOf(written),
  how: written.how ?? "status",
  status: written.status ?? 503,
}));

const errorRate = fields(
  {
    ...target,
    kind: z.literal("error-rate"),
    status: status("HTTP status of the failed answers. Default: 500.").optional(),
    "retry-after": duration("Sent as retry-after. Default: not sent.").optional(),
  },
  "Some answers fail.",
).transform((written): FaultSpec => ({
  kind: "error-rate",
  ...targetOf(written),
  status: written.status ?? 500,
  retryAfterMs: written["retry-after"],
}));

const latency = fields(
  { ...target, kind: z.literal("latency"), factor: factor("Multiplies every time.", 0) },
  "Answers take longer.",
).transform((written): FaultSpec => ({ kind: "latency", ...targetOf(written), factor: written.factor }));

export const faultSchema: z.ZodType<FaultSpec> = z
  .discriminatedUnion("kind", [outage, errorRate, latency], {
    error: (issue) =>
      issue.code === "invalid_union"
        ? notAllowed(kindOf(issue.input), "one of outage, error-rate, latency")
        : notAllowed(issue.input, "a mapping of provider, kind and what the kind needs"),
  })
  .meta({ description: "What goes wrong." });

function kindOf(given: unknown): unknown {
  return typeof given === "object" && given !== null && "kind" in given ? given.kind : undefined;
}

export const timelineSchema: z.ZodType<readonly TimelineEntry[]> = listOf(
  fields(
    {
      at: duration("When it starts, counted from the start of the load (after warm-up and baseline)."),
      for: someTime("How long it lasts. Default: until the end.").optional(),
      fault: faultSchema,
    },
    "Something that happens.",
  ).transform((written): TimelineEntry => ({ atMs: written.at, forMs: written.for, fault: written.fault })),
  "events such as { at: 2m, fault: { provider: openai, kind: outage }, for: 1m }",
  "What goes wrong, and when.",
);

function targetOf(written: {
  readonly provider: string;
  readonly model?: string | undefined;
  readonly share?: number | undefined;
}): { readonly provider: string; readonly model: string | undefined; readonly share: number } {
  return { provider: written.provider, model: written.model, share: written.share ?? 1 };
}
