/** A history of runs: each metric from run to run, and where it moved for good. */
import type { Unit } from "../../core/finding.ts";
import { randomStream } from "../../core/random.ts";
import type { Run } from "../../core/run.ts";
import { type ChangePoint, changePoints } from "./change-points.ts";
import { estimateChange } from "./estimate.ts";
import { watchedMetrics } from "./watched-metrics.ts";

export interface MetricHistory {
  readonly metric: string;
  readonly title: string;
  readonly unit: Unit;
  /** In the order of the runs; undefined where a run has no request that has the metric. */
  readonly values: readonly (number | undefined)[];
  /** Indexes are into `values`. */
  readonly changes: readonly ChangePoint[];
}

/** Histories of the metrics that comparisons look at; a metric that no run has is left out. The seed is that of the first run. */
export function historyOf(runs: readonly Run[]): readonly MetricHistory[] {
  const random = randomStream(runs[0]?.manifest.seed ?? 0).split("history");
  return watchedMetrics.flatMap(({ metric, title, unit, statistic, tolerance }) => {
    const values = runs.map((run) => estimateChange([run], [run], statistic, random, 0)?.candidate);
    const places = values.flatMap((value, index) => (value === undefined ? [] : [index]));
    if (places.length === 0) return [];
    const found = changePoints(
      values.flatMap((value) => value ?? []),
      random.split(metric),
      (before, after) => Math.abs(after - before) > Math.max(tolerance.absolute, tolerance.relative * before),
    );
    const changes = found.map((change) => ({ ...change, index: places[change.index] ?? change.index }));
    return [{ metric, title, unit, values, changes }];
  });
}
