/** The schema of the mock's configuration, on the blocks of the scenario's. */
import type * as z from "zod";
import type { Account } from "../behavior/provider-model.ts";
import { defaultOrganization, keysSchema } from "../core/scenario/key-schema.ts";
import { providersSchema } from "../core/scenario/provider-schema.ts";
import type { ProviderSpec } from "../core/scenario/provider-spec.ts";
import type { TimelineEntry } from "../core/scenario/scenario.ts";
import { timelineSchema } from "../core/scenario/timeline-schema.ts";
import { count, factor, fields, namesTo, oneOf } from "../core/scenario/written.ts";

/** A configuration whose every section is right by itself. */
export interface MockDocument {
  readonly seed: number;
  readonly timeScale: number;
  readonly latencyScale: number;
  readonly streamHeaders: "first-event" | "at-once";
  readonly providers: readonly ProviderSpec[];
  /** By name of the provider. */
  readonly keys: Readonly<Record<string, readonly Account[]>>;
  readonly timeline: readonly TimelineEntry[];
}

export const mockConfigSchema: z.ZodType<MockDocument> = fields(
  {
    seed: count("Same seed, same answers. Default: 1.", 0, Number.MAX_SAFE_INTEGER).optional(),
    "time-scale": factor("Speed of the scenario's clock. Default: 1.", 0.001).optional(),
    "latency-scale": factor("Multiplies every planned time; 0 answers at once. Default: 1.", 0).optional(),
    "stream-headers": oneOf(
      ["first-event", "at-once"],
      "When a stream's headers leave. Default: first-event.",
    ).optional(),
    providers: providersSchema,
    keys: namesTo(
      keysSchema,
      "a list of keys",
      "Keys by provider. Default for a provider named x: sk-squall-x.",
    ).optional(),
    timeline: timelineSchema.optional(),
  },
  "What a mock serves.",
).transform((written): MockDocument => ({
  seed: written.seed ?? 1,
  timeScale: written["time-scale"] ?? 1,
  latencyScale: written["latency-scale"] ?? 1,
  streamHeaders: written["stream-headers"] ?? "first-event",
  providers: written.providers,
  keys: written.keys ?? {},
  timeline: written.timeline ?? [],
}));

/** The key of a provider that names none: worthless anywhere else. */
export function defaultKey(provider: string): Account {
  return { apiKey: `sk-squall-${provider}`, organization: defaultOrganization, state: "active" };
}
