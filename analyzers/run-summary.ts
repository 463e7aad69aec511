/**
 * A run in a few dozen numbers: what a sweep keeps of each simulation, so that its memory does not grow with their length.
 */
import type { Run } from "../core/run.ts";
import type { Scenario } from "../core/scenario/scenario.ts";
import type { Ms } from "../core/time.ts";
import { type Scarcity, scarcitiesOf } from "./scarcity.ts";
import { flappingOf } from "./flapping.ts";
import { measure } from "./metrics.ts";
import { recordsOf } from "./phases.ts";

export interface RunSummary {
  readonly seed: number;
  /** Requests of the load phase. */
  readonly requests: number;
  readonly durationMs: Ms;
  /** By metric, in its unit; null where there was nothing to measure. */
  readonly figures: Readonly<Record<string, number | null>>;
  /** What there was too little of, worst first. */
  readonly scarcities: readonly Scarcity[];
  /** The policy drove the fleet up and down by itself. */
  readonly hasLimitCycle: boolean;
}

/** Metrics that every candidate shows, whatever its scenario's objectives are. */
export const headlineMetrics: readonly string[] = [
  "errors",
  "rate-limited",
  "ttft.p95",
  "e2e.p95",
  "cost.per-hour",
  "cost.replicas.per-hour",
  "tokens.of-limit.max",
  "scaling.replicas.max",
  "scaling.reversals",
];

export function summarizeRun(run: Run, scenario: Scenario): RunSummary {
  const flapping = flappingOf(run);
  const metrics = new Set([...scenario.objectives.map(({ metric }) => metric), ...headlineMetrics]);
  const figures = [...metrics].map((metric): readonly [string, number | null] => {
    const measured = measure(metric, run, scenario);
    return [metric, measured?.kind === "value" ? measured.value : null];
  });
  return {
    seed: run.manifest.seed,
    requests: recordsOf(run, "load").length,
    durationMs: run.manifest.durationMs,
    figures: Object.fromEntries([...figures, ["replicas.mean", flapping?.readyMean ?? null]]),
    scarcities: scarcitiesOf(run, flapping),
    hasLimitCycle: flapping?.reversals.some(({ isLimitCycle }) => isLimitCycle) ?? false,
  };
}
