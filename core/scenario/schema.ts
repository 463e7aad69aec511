/**
 * The schema of a scenario file: one zod schema that checks the file, turns what people write into milliseconds, tokens and
 * fractions, and is exported as JSON Schema for editors (`json-schema.ts`).
 *
 * Each section has its own file. What concerns two sections at once is in `cross-checks.ts`.
 */
import * as z from "zod";
import { noPlatform, platformSchema, type PlatformDocument } from "./platform-schema.ts";
import { type PricesDocument, pricesSchema } from "./price-schema.ts";
import { providersSchema } from "./provider-schema.ts";
import type { ProviderSpec } from "./provider-spec.ts";
import type { TimelineEntry } from "./scenario.ts";
import type { TimedAction } from "./event-spec.ts";
import { faultsOf, happeningsSchema, eventsOf } from "./happenings-schema.ts";
import { regressionSchema, type ToleranceSpec } from "./regression-schema.ts";
import { sloSchema, type SloSpec } from "./slo-schema.ts";
import { trafficSchema, type TrafficDocument } from "./traffic-schema.ts";
import { count, fields, namesTo, notAllowed, text } from "./written.ts";

/** A scenario file whose every section is right by itself. */
export interface ScenarioDocument {
  readonly scenario: string;
  readonly about: string;
  readonly seed: number;
  readonly traffic: TrafficDocument;
  readonly providers: readonly ProviderSpec[];
  readonly prices?: PricesDocument;
  readonly platform: PlatformDocument;
  readonly timeline: readonly TimelineEntry[];
  /** What is done to the platform; the other half of what the file calls its timeline. */
  readonly events: readonly TimedAction[];
  /** Limits as written, by metric. */
  readonly objectives: Readonly<Record<string, string | number>>;
  readonly regression: readonly ToleranceSpec[];
  readonly slo: readonly SloSpec[];
  readonly alerts?: string;
}

const limitForm = "a limit such as < 2s, <= 1% or 0";

const limit = z.union([z.string(), z.number()], { error: (issue) => notAllowed(issue.input, limitForm) }).meta({
  description: "A comparison and an amount in the metric's unit: < 2s, <= 1%, < $120. Quote one that starts with >.",
});

export const scenarioSchema: z.ZodType<ScenarioDocument> = fields(
  {
    scenario: text(
      "a name of lowercase letters, digits and hyphens",
      "Name of the scenario.",
      /^[a-z0-9][a-z0-9-]{0,63}$/,
    ),
    about: text("a sentence", "What it asks, in a sentence.").optional(),
    seed: count("Same seed, same run. Default: 1.", 0).optional(),
    traffic: trafficSchema,
    providers: providersSchema,
    prices: pricesSchema.optional(),
    platform: platformSchema.optional(),
    timeline: happeningsSchema.optional(),
    objectives: namesTo(limit, "limits", "What must hold, by metric: ttft.p95: < 2s.").optional(),
    regression: regressionSchema.optional(),
    slo: sloSchema.optional(),
    alerts: text("a file name", "File of alerts, relative to the scenario: ./alerts/defaults.yaml.").optional(),
  },
  "A Squall scenario: traffic, providers, platform, what goes wrong, and what must hold.",
).transform((written): ScenarioDocument => ({
  scenario: written.scenario,
  about: written.about ?? "",
  seed: written.seed ?? 1,
  traffic: written.traffic,
  providers: written.providers,
  ...(written.prices === undefined ? {} : { prices: written.prices }),
  platform: written.platform ?? noPlatform,
  timeline: faultsOf(written.timeline ?? []),
  events: eventsOf(written.timeline ?? []),
  objectives: written.objectives ?? {},
  regression: written.regression ?? [],
  slo: written.slo ?? [],
  ...(written.alerts === undefined ? {} : { alerts: written.alerts }),
}));
