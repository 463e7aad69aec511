/** The SLIs that conditions may be about: their units, and whose part of the traffic each is measured for. */
import type { MetricUnit } from "../../core/scenario/metrics.ts";

export interface Sli {
  readonly unit: MetricUnit;
  readonly scopes: readonly ScopeKind[];
}

export type ScopeKind = "provider" | "model" | "tenant";

const anyPart: readonly ScopeKind[] = ["provider", "model", "tenant"];

interface Family extends Sli {
  readonly names: readonly string[];
}

const families: readonly Family[] = [
  { unit: "share", scopes: anyPart, names: ["errors", "rate-limited", "goodput", "as-asked", "cache.hits"] },
  { unit: "share", scopes: ["provider"], names: ["tokens.of-limit"] },
  { unit: "money", scopes: anyPart, names: ["cost.per-hour", "cost.per-request"] },
  { unit: "money", scopes: [], names: ["cost.total"] },
  {
    unit: "count",
    scopes: anyPart,
    names: ["requests.per-second", "calls.per-request", "tokens.per-request", "tokens.per-minute"],
  },
  {
    unit: "count",
    scopes: [],
    names: ["tokens.total", "queue.depth", "replicas.ready", "replicas.wished", "scaling.reversals"],
  },
];

/** Latencies of answered requests take `.mean`, `.max` or a percentile. */
const latency = /^(?:ttft|itl|e2e)\.(?:mean|max|p\d{1,2}(?:\.\d+)?)$/;

/** What there is, for messages. */
export const sliExamples: readonly string[] = [
  "ttft.p95",
  "itl.p50",
  "e2e.p95",
  ...families.flatMap(({ names }) => names),
];

/** Undefined where there is no such SLI. */
export function sliOf(metric: string): Sli | undefined {
  if (latency.test(metric)) return { unit: "ms", scopes: anyPart };
  return families.find(({ names }) => names.includes(metric));
}
