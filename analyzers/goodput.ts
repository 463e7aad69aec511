/**
 * Goodput: the share of requests that were answered and met every latency objective at once. Each objective alone can
 * hold while different requests miss different ones; goodput is what a single user sees (Zhong et al., "DistServe", OSDI 2024,
 * define it per request with one limit for each latency).
 *
 * An objective on a percentile is a limit for a percentile, not for each request. Where a scenario limits several
 * percentiles of one latency (p50 < 1 s, p95 < 2 s), a single request has to meet the loosest; limits on means say nothing about one.
 */
import type { Objective } from "../core/scenario/scenario.ts";
import { isOk, type RequestRecord } from "../core/record.ts";
import { type LatencyKind, latencyOf, parseLatencyMetric } from "./latency.ts";
import type { Share } from "./errors.ts";

/** What one request has to stay within. */
export interface RequestLimit {
  readonly kind: LatencyKind;
  readonly limitMs: number;
  /** Whether the limit itself still meets it. */
  readonly inclusive: boolean;
}

/** The limits that a scenario's objectives put on a single request, one for each latency that has an upper limit. */
export function requestLimits(objectives: readonly Objective[]): readonly RequestLimit[] {
  const loosest = new Map<LatencyKind, RequestLimit>();
  for (const { metric, comparison, limit } of objectives) {
    const parsed = parseLatencyMetric(metric);
    if (parsed === undefined || parsed.statistic.kind === "mean") continue;
    if (comparison !== "<" && comparison !== "<=") continue;
    const known = loosest.get(parsed.kind);
    if (known !== undefined && known.limitMs >= limit) continue;
    loosest.set(parsed.kind, { kind: parsed.kind, limitMs: limit, inclusive: comparison === "<=" });
  }
  return [...loosest.values()];
}

/** Requests answered within every limit, among all. A latency that a request does not have (not streamed) is no miss. */
export function goodput(records: readonly RequestRecord[], limits: readonly RequestLimit[]): Share {
  const part = records.filter((record) => isOk(record) && limits.every((limit) => meets(record, limit))).length;
  return { part, whole: records.length, share: records.length === 0 ? undefined : part / records.length };
}

function meets(record: RequestRecord, { kind, limitMs, inclusive }: RequestLimit): boolean {
  const latencyMs = latencyOf(record, kind);
  if (latencyMs === undefined) return true;
  return inclusive ? latencyMs <= limitMs : latencyMs < limitMs;
}
