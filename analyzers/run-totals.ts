/**
 * A run as totals and percentiles, folded from records that nobody keeps: memory does not depend on how long the run is.
 *
 * Counts, tokens and money are exact; percentiles are within `sketchAccuracy` of the true ones. Latencies are those of answered
 * requests of the load phase, as everywhere (`latency.ts` says why).
 */
import { addMoney, type NanoDollars } from "../core/money.ts";
import { isOk, type Outcome, outcomes, type RequestRecord } from "../core/record.ts";
import { LatencySketch, sketchAccuracy } from "../core/sketch.ts";
import type { Ms } from "../core/time.ts";
import { latencyKinds, latencyOf } from "./latency.ts";

/** Of one latency; null where no request has it. */
export interface LatencyTotals {
  readonly samples: number;
  readonly meanMs: Ms | null;
  readonly p50Ms: Ms | null;
  readonly p95Ms: Ms | null;
  readonly p99Ms: Ms | null;
  readonly maxMs: Ms | null;
}

export interface RunTotals {
  /** Of the load phase. */
  readonly requests: number;
  /** Those that occurred. */
  readonly outcomes: Readonly<Partial<Record<Outcome, number>>>;
  readonly latency: Readonly<Record<(typeof latencyKinds)[number], LatencyTotals>>;
  /** Relative error of a percentile. */
  readonly percentileError: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly wastedTokens: number;
  readonly upstreamCalls: number;
  readonly cost: NanoDollars;
}

export interface TotalsFold {
  readonly add: (record: RequestRecord) => void;
  readonly totals: () => RunTotals;
}

export function totalsFold(): TotalsFold {
  const counts = new Map<Outcome, number>(outcomes.map((outcome) => [outcome, 0]));
  const sketches = latencyKinds.map((kind) => ({ kind, sketch: new LatencySketch() }));
  const sums = { requests: 0, inputTokens: 0, outputTokens: 0, wastedTokens: 0, upstreamCalls: 0, cost: 0 };
  return {
    add: (record) => {
      if (record.phase !== "load") return;
      counts.set(record.outcome, (counts.get(record.outcome) ?? 0) + 1);
      sums.requests += 1;
      sums.inputTokens += record.inputTokens;
      sums.outputTokens += record.outputTokens;
      sums.wastedTokens += record.wastedTokens;
      sums.upstreamCalls += record.upstreamCalls;
      sums.cost = addMoney(sums.cost, record.cost);
      if (!isOk(record)) return;
      for (const { kind, sketch } of sketches) {
        const latencyMs = latencyOf(record, kind);
        if (latencyMs !== undefined) sketch.add(latencyMs);
      }
    },
    totals: () => {
      const [ttft, itl, e2e] = sketches.map(({ sketch }) => totalsOf(sketch));
      return {
        ...sums,
        outcomes: Object.fromEntries([...counts].filter(([, count]) => count > 0)),
        latency: { ttft: ttft ?? noLatency, itl: itl ?? noLatency, e2e: e2e ?? noLatency },
        percentileError: sketchAccuracy,
      };
    },
  };
}

const noLatency: LatencyTotals = { samples: 0, meanMs: null, p50Ms: null, p95Ms: null, p99Ms: null, maxMs: null };

function totalsOf(sketch: LatencySketch): LatencyTotals {
  const at = (q: number): Ms | null => sketch.quantile(q) ?? null;
  return {
    samples: sketch.count,
    meanMs: sketch.meanMs ?? null,
    p50Ms: at(0.5),
    p95Ms: at(0.95),
    p99Ms: at(0.99),
    maxMs: at(1),
  };
}
