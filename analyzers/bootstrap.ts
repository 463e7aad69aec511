/**
 * A bootstrap interval for the ratio of the same percentile in two paired samples.
 *
 * The turns of one conversation share their history and their moment, so they are not independent; conversations are. Whole blocks
 * (conversations) are drawn with replacement, each with both of its sides, and the ratio is computed anew from every
 * draw (Efron and Tibshirani, "An Introduction to the Bootstrap", 1993: chapter 8.6 for blocks, chapter 13 for the percentile interval).
 *
 * Percentile interval, not BCa: the acceleration that BCa needs comes from a jackknife, which is inconsistent for
 * percentiles (ibid., chapter 11.6), and the percentile interval keeps its meaning under any monotone change of scale, a ratio's logarithm
 * included (ibid., chapter 13.6).
 */
import { quantileSorted } from "simple-statistics";
import { invariant } from "../core/invariant.ts";
import type { RandomStream } from "../core/random.ts";
import { percentileOfDraw, type SortedSample, sortedSample } from "./weighted-percentile.ts";

/** One request measured twice, under the same draw of everything that the platform does not decide. */
export interface Pair {
  /** Pairs of one block are drawn together. */
  readonly block: string;
  readonly before: number;
  readonly after: number;
}

export interface RatioEstimate {
  /** p-th percentile after, divided by p-th percentile before. */
  readonly ratio: number;
  /** 95 % percentile interval of the ratio. */
  readonly interval: readonly [number, number];
  readonly blocks: number;
}

/** Draws made for one interval: 50 of them lie outside each end, enough for two digits of a 2.5 % tail. */
export const resamplesDefault = 2_000;

/**
 * Estimates percentile(after) / percentile(before) at `p`. Undefined when there is no pair or the percentile before is not
 * above zero in every draw, so that no ratio exists.
 */
export function percentileRatio(
  pairs: readonly Pair[],
  p: number,
  random: RandomStream,
  resamples: number = resamplesDefault,
): RatioEstimate | undefined {
  invariant(resamples >= 2_000, `a 95 % bootstrap interval needs at least 2,000 draws, got ${resamples}`);
  const names = [...new Set(pairs.map((pair) => pair.block))].toSorted();
  const blockOf = new Map(names.map((name, index) => [name, index]));
  const blocks = pairs.map((pair) => blockOf.get(pair.block) ?? 0);
  const before = sortedSample(
    pairs.map((pair) => pair.before),
    blocks,
  );
  const after = sortedSample(
    pairs.map((pair) => pair.after),
    blocks,
  );

  const once = new Uint32Array(names.length).fill(1);
  const ratio = ratioOf(before, after, once, p);
  if (ratio === undefined) return undefined;

  const ratios: number[] = [];
  const times = new Uint32Array(names.length);
  for (let draw = 0; draw < resamples; draw++) {
    times.fill(0);
    for (let index = 0; index < names.length; index++) {
      const chosen = random.integer(names.length);
      times[chosen] = (times[chosen] ?? 0) + 1;
    }
    const drawn = ratioOf(before, after, times, p);
    if (drawn === undefined) return undefined;
    ratios.push(drawn);
  }
  ratios.sort((left, right) => left - right);
  return {
    ratio,
    interval: [quantileSorted(ratios, 0.025), quantileSorted(ratios, 0.975)],
    blocks: names.length,
  };
}

function ratioOf(before: SortedSample, after: SortedSample, times: Uint32Array, p: number): number | undefined {
  const denominator = percentileOfDraw(before, times, p);
  const numerator = percentileOfDraw(after, times, p);
  return denominator === undefined || numerator === undefined || denominator <= 0 ? undefined : numerator / denominator;
}
