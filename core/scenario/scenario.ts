/**
 * A Scenario as the rest of Squall sees it: complete, in milliseconds, tokens and nano-dollars, nothing optional that has a
 * default. `parse.ts` makes it from the YAML that people write; `schema.ts` says what they may write.
 *
 * The same value is simulated, run live, drilled and gated.
 */
import type { Ms } from "../time.ts";
import type { Traffic } from "./traffic-spec.ts";
import type { ProviderSpec } from "./provider-spec.ts";
import type { PlatformSpec } from "./platform-spec.ts";
import type { TimedAction } from "./event-spec.ts";
import type { FaultSpec } from "./fault-spec.ts";
import type { SloSpec } from "./slo-schema.ts";
import type { ToleranceSpec } from "./regression-schema.ts";

export interface Scenario {
  readonly name: string;
  readonly about: string;
  readonly seed: number;
  readonly traffic: Traffic;
  readonly providers: readonly ProviderSpec[];
  /** File of prices in LiteLLM's format, relative to the scenario; prices that the scenario itself names are with the models. */
  readonly priceFile?: string;
  readonly platform: PlatformSpec;
  /** What goes wrong at providers. */
  readonly timeline: readonly TimelineEntry[];
  /** What is done to the platform; without it nothing is. */
  readonly events?: readonly TimedAction[];
  readonly objectives: readonly Objective[];
  /** How much worse than a baseline is tolerated, where the scenario says so. */
  readonly regression?: readonly ToleranceSpec[];
  /** Service levels with their error budgets. */
  readonly slo?: readonly SloSpec[];
  /** File of alerts, relative to the scenario. */
  readonly alerts?: string;
}

export interface TimelineEntry {
  /** From the start of the load phase: a warm-up or a baseline before it does not move it. */
  readonly atMs: Ms;
  /** undefined: until the end of the run. */
  readonly forMs: Ms | undefined;
  readonly fault: FaultSpec;
}

export interface Objective {
  /** `ttft.p95`, `e2e.p99`, `itl.p50`, `errors`, `rate-limited`, `goodput`, `cost.per-hour`, `degradation.ttft.p95`, ... */
  readonly metric: string;
  readonly comparison: "<" | "<=" | ">" | ">=" | "==";
  /** In the metric's own unit: milliseconds, fraction, nano-dollars or count. */
  readonly limit: number;
  /** As written, for reports: `< 2s`. */
  readonly text: string;
  /** 1-based line in the scenario file. */
  readonly line: number;
}
