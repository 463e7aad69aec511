/** What a trace holds, in numbers. */
import { mean, quantileSorted, standardDeviation } from "simple-statistics";
import { minuteMs, secondMs, type Ms } from "../../core/time.ts";
import type { TraceRows } from "./trace-rows.ts";

export interface TraceSummary {
  readonly requests: number;
  readonly spanMs: Ms;
  /** Requests per second, over the whole and in the busiest minute. */
  readonly ratePerSecond: number;
  readonly busiestMinutePerSecond: number;
  /** Standard deviation of the gaps over their mean: 1 for chance alone (Poisson), more in bursts; null below three requests. */
  readonly gapVariation: number | null;
  readonly inputTokens: TokenQuantiles;
  readonly outputTokens: TokenQuantiles;
  /** Share of the prompts' named blocks that an earlier request had; null where blocks have no names. */
  readonly repeatedBlocks: number | null;
}

export interface TokenQuantiles {
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly max: number;
}

export function traceSummary(rows: TraceRows): TraceSummary {
  const { count, atMs, inputTokens, outputTokens } = rows;
  const spanMs = atMs.at(-1) ?? 0;
  const gaps = Array.from({ length: Math.max(0, count - 1) }, (_, row) => (atMs[row + 1] ?? 0) - (atMs[row] ?? 0));
  const meanGap = gaps.length === 0 ? 0 : mean(gaps);
  return {
    requests: count,
    spanMs,
    ratePerSecond: spanMs === 0 ? 0 : ((count - 1) * secondMs) / spanMs,
    busiestMinutePerSecond: busiestMinute(atMs) / 60,
    gapVariation: gaps.length < 2 || meanGap === 0 ? null : standardDeviation(gaps) / meanGap,
    inputTokens: quantilesOf(inputTokens),
    outputTokens: quantilesOf(outputTokens),
    repeatedBlocks: repeatedBlocksOf(rows),
  };
}

/** Requests of the busiest minute, minutes counted from the first request. */
function busiestMinute(atMs: Float64Array): number {
  let most = 0;
  let minute = -1;
  let requests = 0;
  for (const each of atMs) {
    const its = Math.floor(each / minuteMs);
    requests = its === minute ? requests + 1 : 1;
    minute = its;
    most = Math.max(most, requests);
  }
  return most;
}

function quantilesOf(tokens: Uint32Array): TokenQuantiles {
  const sorted = [...tokens.slice().sort()];
  const [p50 = 0, p95 = 0, p99 = 0] = [0.5, 0.95, 0.99].map((share) => Math.round(quantileSorted(sorted, share)));
  return { p50, p95, p99, max: sorted.at(-1) ?? 0 };
}

function repeatedBlocksOf({ blockNames }: TraceRows): number | null {
  if (blockNames === undefined) return null;
  return 1 - new Set(blockNames).size / blockNames.length;
}
