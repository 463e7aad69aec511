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
    const { name, scope } = splitMetric(objective.metric);
    const expressed = expressionOf(name);
    if (expressed === undefined || scope?.kind === "provider") {
      lost.push(`${objective.metric}: ${objective.text}`);
      continue;
    }
    const tags = scope === undefined ? "phase:load" : `phase:load,${scope.kind}:${scope.name}`;
    const conditions = (thresholds[`${expressed.metric}{${tags}}`] ??= []);
    conditions.push(`${expressed.aggregation}${objective.comparison}${objective.limit}`);
  }
  return { thresholds, lost };
}

interface Expression {
  /** As scenarios/k6/measures.ts names it. */
  readonly metric: string;
  readonly aggregation: string;
}

function expressionOf(metric: string): Expression | undefined {
  if (metric === "errors") return { metric: "squall_errors", aggregation: "rate" };
  if (metric === "rate-limited") return { metric: "squall_rate_limited", aggregation: "rate" };
  const [, kind, percentile, plain] = /^(ttft|e2e)\.(?:p(\d+(?:\.\d+)?)|(mean|max))$/.exec(metric) ?? [];
  if (kind === undefined) return undefined;
  const aggregation = percentile === undefined ? (plain === "mean" ? "avg" : "max") : `p(${percentile})`;
  return { metric: `squall_${kind}`, aggregation };
}
