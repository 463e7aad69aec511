/**
 * Latency of the load phase: time to first token, inter-token latency, end to end.
 *
 * Only answered requests are in these samples. A refused request is fast and a timed-out one is cut at the client's
 * patience; either would bend a percentile into something that nobody experienced. `errors` and `goodput` judge those.
 */
import type { Finding } from "../core/finding.ts";
import { e2eMs, isOk, itlMs, type RequestRecord, ttftMs } from "../core/record.ts";
import type { Run } from "../core/run.ts";
import type { Ms } from "../core/time.ts";
import { parseStatistic, type Statistic, summarize, summaryStatistics } from "./percentile.ts";
import { recordsOf } from "./phases.ts";

/** A latency that every request may have. */
export type LatencyKind = "ttft" | "itl" | "e2e";

export const latencyKinds: readonly LatencyKind[] = ["ttft", "itl", "e2e"];

/** The names people read. */
export const latencyNames: Readonly<Record<LatencyKind, string>> = {
  ttft: "Time to first token",
  itl: "Time between tokens",
  e2e: "End to end",
};

/** A statistic of a latency, as objectives name it: `ttft.p95`, `e2e.max`, `itl.mean`. */
export interface LatencyMetric {
  readonly kind: LatencyKind;
  readonly statistic: Statistic;
}

/** Reads `ttft.p95`, `e2e.p99.9`, `itl.mean`; undefined for anything else. */
export function parseLatencyMetric(metric: string): LatencyMetric | undefined {
  const dot = metric.indexOf(".");
  const kind = latencyKinds.find((candidate) => candidate === metric.slice(0, Math.max(0, dot)));
  const statistic = parseStatistic(metric.slice(dot + 1));
  return kind === undefined || statistic === undefined ? undefined : { kind, statistic };
}

/** One latency of one record; undefined where the request has none (no token came, not streamed). */
export function latencyOf(record: RequestRecord, kind: LatencyKind): Ms | undefined {
  if (kind === "ttft") return ttftMs(record);
  return kind === "itl" ? itlMs(record) : e2eMs(record);
}

/** The latencies of the answered requests among these, in their order. */
export function latencies(records: readonly RequestRecord[], kind: LatencyKind): readonly Ms[] {
  const found: Ms[] = [];
  for (const record of records) {
    const latencyMs = isOk(record) ? latencyOf(record, kind) : undefined;
    if (latencyMs !== undefined) found.push(latencyMs);
  }
  return found;
}

/** Mean, percentiles and maximum of each latency, as information. */
export function latencyFindings(run: Run): readonly Finding[] {
  const records = recordsOf(run, "load");
  return latencyKinds.flatMap((kind) => {
    const summary = summarize(latencies(records, kind));
    if (summary === undefined) return [];
    return summaryStatistics.map((statistic) => ({
      analyzer: "latency",
      id: `${kind}.${statistic}`,
      title: `${latencyNames[kind]}, ${statistic}`,
      measured: summary[statistic],
      unit: "ms" as const,
      samples: summary.count,
    }));
  });
}
