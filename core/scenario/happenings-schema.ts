/** The `timeline` section: what goes wrong at providers (faults), what is done to the platform (events), and when. */
import * as z from "zod";
import { eventSchema } from "./event-schema.ts";
import type { TimedAction } from "./event-spec.ts";
import { faultSchema } from "./fault-schema.ts";
import type { TimelineEntry } from "./scenario.ts";
import { duration, fields, listOf, someTime } from "./written.ts";

export type Happening =
  | { readonly side: "provider"; readonly entry: TimelineEntry }
  | { readonly side: "platform"; readonly entry: TimedAction };

const happening = fields(
  {
    at: duration("When it starts, counted from the start of the load (after warm-up and baseline)."),
    for: someTime("How long it lasts. Default: until the end.").optional(),
    fault: faultSchema.optional(),
    event: eventSchema.optional(),
  },
  "Something that happens: a fault or an event.",
)
  .meta({ oneOf: [{ required: ["fault"] }, { required: ["event"] }] })
  .transform((written, context): Happening => {
    const { at: atMs, for: forMs, fault, event } = written;
    if (fault !== undefined && event === undefined) return { side: "provider", entry: { atMs, forMs, fault } };
    if (event !== undefined && fault === undefined) {
      return { side: "platform", entry: { atMs, forMs, action: event } };
    }
    const given = fault === undefined ? "has neither fault nor event" : "has both fault and event";
    context.issues.push({ code: "custom", message: `${given}; needed is one of them`, input: written });
    return z.NEVER;
  });

export const happeningsSchema: z.ZodType<readonly Happening[]> = listOf(
  happening,
  "happenings such as { at: 2m, fault: { provider: openai, kind: outage }, for: 1m }",
  "What goes wrong or is done, and when.",
);

export function faultsOf(happenings: readonly Happening[]): readonly TimelineEntry[] {
  return happenings.flatMap(({ side, entry }) => (side === "provider" ? [entry] : []));
}

export function eventsOf(happenings: readonly Happening[]): readonly TimedAction[] {
  return happenings.flatMap(({ side, entry }) => (side === "platform" ? [entry] : []));
}
