/**
 * How long a run takes to settle: MSER-5.
 *
 * The marginal standard error rule (White, Cobb and Spratt, "A comparison of five steady-state truncation heuristics for
 * simulation", WSC 2000): means of five requests at a time, and the cut that makes the standard error of what is left smallest. A
 * cut in the second half means that the series never settled, so no cut is named.
 *
 * Squall says it and cuts nothing: people feel the first minute too. Who wants a steady state only takes longer phases, or
 * `traffic.warmup`, whose requests nobody judges.
 */
import type { Finding } from "../core/finding.ts";
import { e2eMs, isOk } from "../core/record.ts";
import type { Run } from "../core/run.ts";
import { formatDuration } from "../core/time.ts";
import { recordsOf } from "./phases.ts";

/** Observations in one batch; the 5 of MSER-5. */
const batchSize = 5;

/** Fewer batches say nothing. */
const batchesMin = 20;

/** Observations before the series has settled; undefined when it is too short, or never settles. */
export function settledAfter(values: readonly number[]): number | undefined {
  const batches = Array.from({ length: Math.floor(values.length / batchSize) }, (_, batch) => {
    let sum = 0;
    for (let index = 0; index < batchSize; index++) sum += values[batch * batchSize + index] ?? 0;
    return sum / batchSize;
  });
  if (batches.length < batchesMin) return undefined;
  let best = { cut: 0, error: Number.POSITIVE_INFINITY };
  let count = 0;
  let sum = 0;
  let squares = 0;
  // From the end, so that each cut costs one step: sums of what is left, not of what is cut off.
  for (let cut = batches.length - 1; cut >= 0; cut--) {
    const value = batches[cut] ?? 0;
    count++;
    sum += value;
    squares += value * value;
    if (count < batchSize) continue;
    const error = Math.max(0, squares - (sum * sum) / count) / (count * count);
    if (error <= best.error) best = { cut, error };
  }
  return best.cut > batches.length / 2 ? undefined : best.cut * batchSize;
}

/** When the latency of the load phase has settled, as information. */
export function warmUpFindings(run: Run): readonly Finding[] {
  const answered = recordsOf(run, "load")
    .filter(isOk)
    .toSorted((left, right) => left.intendedMs - right.intendedMs);
  if (answered.length < batchSize * batchesMin) return [];
  const about = { analyzer: "warm-up", id: "warm-up.mser5", title: "Time until latency had settled (MSER-5)" } as const;
  const after = settledAfter(answered.map(e2eMs));
  if (after === undefined) return [{ ...about, detail: "it never settled: the load or the fleet kept changing" }];
  const startMs = answered[0]?.intendedMs ?? 0;
  const measured = (answered[after]?.intendedMs ?? startMs) - startMs;
  return [
    {
      ...about,
      measured,
      unit: "ms",
      samples: answered.length,
      detail: `${formatDuration(measured)}; nothing is cut off`,
    },
  ];
}
