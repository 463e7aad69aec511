/**
 * What two versions of a gateway are compared by, and how much worse counts.
 *
 * A change counts only beyond a tolerance: a part of the baseline, and at least an absolute amount, so that half a millisecond on
 * a fast machine is no regression. The defaults are our judgement; a scenario sets its own under `regression`.
 */
import type { Unit } from "../../core/finding.ts";
import { isOk, type RequestRecord } from "../../core/record.ts";
import type { ComparedMetric, ToleranceSpec } from "../../core/scenario/regression-schema.ts";
import { isFailed } from "../errors.ts";
import { type LatencyKind, latencyNames } from "../latency.ts";

export interface WatchedMetric {
  readonly metric: ComparedMetric;
  readonly title: string;
  readonly unit: Unit;
  readonly statistic: WatchedStatistic;
  readonly tolerance: Tolerance;
}

/** A percentile of the answered requests' latency, or a sum over a sum, both of all requests of the load phase. */
export type WatchedStatistic =
  | { readonly kind: "percentile"; readonly latency: LatencyKind; readonly p: number }
  | {
      readonly kind: "ratio";
      readonly numerator: (record: RequestRecord) => number;
      readonly denominator: (record: RequestRecord) => number;
    };

/** More of every metric here is worse. The larger of both parts is tolerated. */
export interface Tolerance {
  /** Part of the baseline: 0.1 tolerates 10 % more. */
  readonly relative: number;
  /** In the metric's own unit. */
  readonly absolute: number;
}

const one = (): number => 1;

/** Every metric that a comparison looks at, in reading order. */
export const watchedMetrics: readonly WatchedMetric[] = [
  latency("ttft.p50", "ttft", 0.5, { relative: 0.1, absolute: 10 }),
  latency("ttft.p95", "ttft", 0.95, { relative: 0.1, absolute: 20 }),
  latency("itl.p50", "itl", 0.5, { relative: 0.1, absolute: 1 }),
  latency("e2e.p50", "e2e", 0.5, { relative: 0.1, absolute: 20 }),
  latency("e2e.p95", "e2e", 0.95, { relative: 0.1, absolute: 50 }),
  {
    metric: "errors",
    title: "Failed requests",
    unit: "share",
    statistic: ratio(
      (record) => Number(isFailed(record)),
      (record) => Number(record.outcome !== "aborted"),
    ),
    tolerance: { relative: 0, absolute: 0.01 },
  },
  {
    metric: "rate-limited",
    title: "Requests refused for load (429)",
    unit: "share",
    statistic: ratio((record) => Number(record.outcome === "rate-limited"), one),
    tolerance: { relative: 0, absolute: 0.01 },
  },
  {
    metric: "calls.per-request",
    title: "Calls to providers per request",
    unit: "count",
    statistic: ratio((record) => record.upstreamCalls, one),
    tolerance: { relative: 0.05, absolute: 0.02 },
  },
  {
    metric: "tokens.input.per-request",
    title: "Prompt tokens per request",
    unit: "tokens",
    statistic: ratio((record) => record.inputTokens, one),
    tolerance: { relative: 0.05, absolute: 1 },
  },
  {
    metric: "cost.per-success",
    title: "Cost per answered request",
    unit: "money",
    statistic: ratio(
      (record) => record.cost,
      (record) => Number(isOk(record)),
    ),
    tolerance: { relative: 0.05, absolute: 0 },
  },
];

/** The tolerance of a metric: the scenario's own, else the default. A scenario's own is taken at its word, without a least amount. */
export function toleranceOf(metric: WatchedMetric, own: readonly ToleranceSpec[]): Tolerance {
  const tolerated = own.find((each) => each.metric === metric.metric)?.tolerated;
  if (tolerated === undefined) return metric.tolerance;
  return metric.unit === "share" ? { relative: 0, absolute: tolerated } : { relative: tolerated, absolute: 0 };
}

function latency(metric: ComparedMetric, kind: LatencyKind, p: number, tolerance: Tolerance): WatchedMetric {
  return {
    metric,
    title: `${latencyNames[kind]} p${Math.round(p * 100)}`,
    unit: "ms",
    statistic: { kind: "percentile", latency: kind, p },
    tolerance,
  };
}

function ratio(
  numerator: (record: RequestRecord) => number,
  denominator: (record: RequestRecord) => number,
): WatchedStatistic {
  return { kind: "ratio", numerator, denominator };
}
