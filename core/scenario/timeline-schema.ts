/** The `timeline` section: what goes wrong, and when. */
import type * as z from "zod";
import { faultSchema } from "./fault-schema.ts";
import type { TimelineEntry } from "./scenario.ts";
import { duration, fields, listOf, someTime } from "./written.ts";

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
