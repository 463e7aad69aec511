/**
 * Objectives as thresholds of k6: what k6 itself can check while it runs, and what only Squall can afterwards.
 *
 * Percentiles of k6 are interpolated, Squall's are not; on few requests the two may differ in the last place.
 */
import { splitMetric } from "../../core/scenario/metrics.ts";
import type { Objective } from "../../core/scenario/scenario.ts";

export interface Thresholds {
  readonly thresholds: Readonly<Record<string, readonly string[]>>;
  /** Objectives that k6 cannot check, as written. */
  readonly lost: readonly string[];
}

export function thresholdsOf(objectives: readonly Objective[]): Thresholds {
  const thresholds: Record<string, string[]> = {};
  const lost: string[] = [];
  for (const objective of objectives) {
    const expressed = k6Figure(objective.metric);
    if (expressed === undefined) {
      lost.push(`${objective.metric}: ${objective.text}`);
      continue;
    }
    const conditions = (thresholds[expressed.metric] ??= []);
    conditions.push(`${expressed.aggregation}${objective.comparison}${objective.limit}`);
  }
  return { thresholds, lost };
}

/** A figure as k6 has it. */
export interface K6Figure {
  /** As scenarios/k6/measures.ts names it, of a part of the requests: `squall_ttft{phase:load}`. */
  readonly metric: string;
  /** `p(95)`, `avg`, `max`, `rate`. */
  readonly aggregation: string;
}

/** What an objective's metric is to k6; undefined: k6 does not measure it. */
export function k6Figure(metric: string): K6Figure | undefined {
  const { name, scope } = splitMetric(metric);
  const plain = figureOf(name);
  if (plain === undefined || scope?.kind === "provider") return undefined;
  const tags = scope === undefined ? "phase:load" : `phase:load,${scope.kind}:${scope.name}`;
  return { ...plain, metric: `${plain.metric}{${tags}}` };
}

function figureOf(metric: string): K6Figure | undefined {
  if (metric === "errors") return { metric: "squall_errors", aggregation: "rate" };
  if (metric === "rate-limited") return { metric: "squall_rate_limited", aggregation: "rate" };
  const [, kind, percentile, plain] = /^(ttft|e2e)\.(?:p(\d+(?:\.\d+)?)|(mean|max))$/.exec(metric) ?? [];
  if (kind === undefined) return undefined;
  const aggregation = percentile === undefined ? (plain === "mean" ? "avg" : "max") : `p(${percentile})`;
  return { metric: `squall_${kind}`, aggregation };
}
