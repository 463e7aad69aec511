/**
 * How far a metric moved between two sets of runs, with an interval that knows both chances: which conversations were asked,
 * and which run it was.
 *
 * Requests of one run share its machine, its minute and its neighbours, so they are not independent, and more requests do not make
 * a comparison surer; more runs do. Runs and conversations are crossed: every run asks the same conversations. Both are drawn
 * with replacement and a request counts as often as its run and its conversation were drawn, multiplied: the pigeonhole
 * bootstrap (Owen, "The Pigeonhole Bootstrap", Annals of Applied Statistics 1(2), 2007), which errs towards wide intervals. A
 * conversation that both sides asked is drawn once for both, and runs are drawn in pairs where both sides have as many, as
 * interleaved runs are: the comparison is paired wherever the design is.
 */
import { conversationOf } from "../../core/conversation.ts";
import type { RandomStream } from "../../core/random.ts";
import { isOk, type RequestRecord } from "../../core/record.ts";
import type { Run } from "../../core/run.ts";
import { latencyOf } from "../latency.ts";
import { recordsOf } from "../phases.ts";
import { percentileOfDraw, sortedSample } from "../weighted-percentile.ts";
import type { WatchedStatistic } from "./watched-metrics.ts";

export interface Estimate {
  readonly baseline: number;
  readonly candidate: number;
  /** Of each run by itself, in the order given; runs with an empty sample are left out. */
  readonly baselineRuns: readonly number[];
  readonly candidateRuns: readonly number[];
  /** candidate - baseline in each draw, ascending. Empty when nothing was drawn. */
  readonly drawn: readonly number[];
  /** Requests behind it on either side. */
  readonly samples: readonly [baseline: number, candidate: number];
}

/** Draws made for one estimate: 50 of them lie outside each end of a 95 % interval. */
export const drawsDefault = 2_000;

/**
 * Measures a statistic on both sides. `draws` 0 makes no interval, which is right for simulations: they are exact. Undefined
 * when a side has no request that has the statistic.
 */
export function estimateChange(
  baseline: readonly Run[],
  candidate: readonly Run[],
  statistic: WatchedStatistic,
  random: RandomStream,
  draws: number = drawsDefault,
): Estimate | undefined {
  const loads = [baseline, candidate].map((runs) => runs.map((run) => recordsOf(run, "load")));
  const names = new Set(loads.flat(2).map((record) => conversationOf(record.key)));
  const blockOf = new Map([...names].toSorted().map((name, index) => [name, index]));
  const [before, after] = loads.map((runs) => measuredSide(runs, statistic, blockOf));
  if (before === undefined || after === undefined) return undefined;
  const wholeBefore = before.value(before.once);
  const wholeAfter = after.value(after.once);
  if (wholeBefore === undefined || wholeAfter === undefined) return undefined;
  return {
    baseline: wholeBefore,
    candidate: wholeAfter,
    baselineRuns: before.ofRuns,
    candidateRuns: after.ofRuns,
    samples: [before.samples, after.samples],
    drawn: drawDifferences(before, after, blockOf.size, random, draws),
  };
}

function drawDifferences(
  before: MeasuredSide,
  after: MeasuredSide,
  blocks: number,
  random: RandomStream,
  draws: number,
): readonly number[] {
  const drawn: number[] = [];
  const blockTimes = new Uint32Array(blocks);
  const beforeRuns = new Uint32Array(before.runs);
  const afterRuns = new Uint32Array(after.runs);
  for (let draw = 0; draw < draws; draw++) {
    drawTimes(blockTimes, random);
    drawTimes(beforeRuns, random);
    if (after.runs === before.runs) afterRuns.set(beforeRuns);
    else drawTimes(afterRuns, random);
    const left = before.value(crossed(before.times, beforeRuns, blockTimes));
    const right = after.value(crossed(after.times, afterRuns, blockTimes));
    // A draw without a single request of the kind says nothing about the change.
    if (left !== undefined && right !== undefined) drawn.push(right - left);
  }
  return drawn.sort((left, right) => left - right);
}

/** How often each of `times.length` things is drawn in as many draws with replacement; a single one is always drawn once. */
function drawTimes(times: Uint32Array, random: RandomStream): void {
  times.fill(0);
  for (let index = 0; index < times.length; index++) {
    const chosen = random.integer(times.length);
    times[chosen] = (times[chosen] ?? 0) + 1;
  }
}

function crossed(times: Uint32Array, runs: Uint32Array, blocks: Uint32Array): Uint32Array {
  for (let run = 0; run < runs.length; run++) {
    for (let block = 0; block < blocks.length; block++) {
      times[run * blocks.length + block] = (runs[run] ?? 0) * (blocks[block] ?? 0);
    }
  }
  return times;
}

/** One side, ready to be measured under any draw. A cell is one conversation in one run. */
interface MeasuredSide {
  readonly runs: number;
  readonly samples: number;
  readonly ofRuns: readonly number[];
  /** Every cell once. */
  readonly once: Uint32Array;
  /** Room for a draw. */
  readonly times: Uint32Array;
  readonly value: (times: Uint32Array) => number | undefined;
}

function measuredSide(
  runs: readonly (readonly RequestRecord[])[],
  statistic: WatchedStatistic,
  blockOf: ReadonlyMap<string, number>,
): MeasuredSide {
  const cellOf = (run: number, record: RequestRecord): number =>
    run * blockOf.size + (blockOf.get(conversationOf(record.key)) ?? 0);
  const cells = runs.length * blockOf.size;
  const { value, samples } =
    statistic.kind === "percentile"
      ? percentileSide(runs, statistic, cellOf)
      : ratioSide(runs, statistic, cellOf, cells);
  const times = new Uint32Array(cells);
  const ofRuns = runs.flatMap((_, run) => {
    times.fill(0).fill(1, run * blockOf.size, (run + 1) * blockOf.size);
    return value(times) ?? [];
  });
  return { runs: runs.length, samples, ofRuns, once: new Uint32Array(cells).fill(1), times, value };
}

type CellOf = (run: number, record: RequestRecord) => number;

function percentileSide(
  runs: readonly (readonly RequestRecord[])[],
  { latency, p }: Extract<WatchedStatistic, { readonly kind: "percentile" }>,
  cellOf: CellOf,
): Pick<MeasuredSide, "value" | "samples"> {
  const values: number[] = [];
  const cells: number[] = [];
  for (const [run, records] of runs.entries()) {
    for (const record of records) {
      const latencyMs = isOk(record) ? latencyOf(record, latency) : undefined;
      if (latencyMs === undefined) continue;
      values.push(latencyMs);
      cells.push(cellOf(run, record));
    }
  }
  const sample = sortedSample(values, cells);
  return { samples: values.length, value: (times) => percentileOfDraw(sample, times, p) };
}

function ratioSide(
  runs: readonly (readonly RequestRecord[])[],
  { numerator, denominator }: Extract<WatchedStatistic, { readonly kind: "ratio" }>,
  cellOf: CellOf,
  cells: number,
): Pick<MeasuredSide, "value" | "samples"> {
  const tops = new Float64Array(cells);
  const bottoms = new Float64Array(cells);
  let samples = 0;
  for (const [run, records] of runs.entries()) {
    for (const record of records) {
      const cell = cellOf(run, record);
      tops[cell] = (tops[cell] ?? 0) + numerator(record);
      bottoms[cell] = (bottoms[cell] ?? 0) + denominator(record);
      samples++;
    }
  }
  const value = (times: Uint32Array): number | undefined => {
    let [top, bottom] = [0, 0];
    for (let cell = 0; cell < cells; cell++) {
      const weight = times[cell] ?? 0;
      top += weight * (tops[cell] ?? 0);
      bottom += weight * (bottoms[cell] ?? 0);
    }
    return bottom > 0 ? top / bottom : undefined;
  };
  return { samples, value };
}
