/**
 * Change points of a series: where a metric of one run after the other moved for good.
 *
 * E-divisive (Matteson and James, "A Nonparametric Approach for Multiple Change Point Analysis of Multivariate Data", Journal of the
 * American Statistical Association 109, 2014), which MongoDB and Apache Otava use on histories of benchmarks: split where the
 * distributions on both sides differ most in energy distance, keep the split if permuting the values rarely does as well, and
 * look again on both sides.
 */
import type { RandomStream } from "../../core/random.ts";

export interface ChangePoint {
  /** The first run of the new level. */
  readonly index: number;
  /** Mean before it, back to the change point before, and after it, up to the next one. */
  readonly before: number;
  readonly after: number;
  /** Share of permutations that split at least as well. */
  readonly p: number;
}

/** Fewest runs on either side of a change: two can be a coincidence. */
const sideMin = 3;
const permutations = 199;
const significance = 0.05;

/**
 * Change points in order. Short or level series have none. Those between levels whose difference does not matter to anybody are
 * taken out, the smallest first, as Otava's pass over weak points does.
 */
export function changePoints(
  values: readonly number[],
  random: RandomStream,
  matters: (before: number, after: number) => boolean = () => true,
): readonly ChangePoint[] {
  const found: { readonly index: number; readonly p: number }[] = [];
  split(values, 0, random, found);
  let points = levels(
    values,
    found.toSorted((left, right) => left.index - right.index),
  );
  for (;;) {
    const weakest = points
      .filter(({ before, after }) => !matters(before, after))
      .toSorted((left, right) => Math.abs(left.after - left.before) - Math.abs(right.after - right.before))[0];
    if (weakest === undefined) return points;
    points = levels(
      values,
      points.filter((point) => point !== weakest),
    );
  }
}

/** Points with the mean on either side, up to the neighbouring ones. */
function levels(
  values: readonly number[],
  points: readonly { readonly index: number; readonly p: number }[],
): readonly ChangePoint[] {
  return points.map(({ index, p }, place) => ({
    index,
    p,
    before: meanOf(values.slice(points[place - 1]?.index ?? 0, index)),
    after: meanOf(values.slice(index, points[place + 1]?.index ?? values.length)),
  }));
}

function split(
  values: readonly number[],
  offset: number,
  random: RandomStream,
  found: { readonly index: number; readonly p: number }[],
): void {
  const best = bestSplit(values);
  if (best === undefined) return;
  const draw = random.split(`${offset}+${values.length}`);
  let asGood = 0;
  for (let round = 0; round < permutations; round++) {
    if ((bestSplit(shuffled(values, draw))?.gain ?? 0) >= best.gain) asGood++;
  }
  const p = (asGood + 1) / (permutations + 1);
  if (p > significance) return;
  found.push({ index: offset + best.at, p });
  split(values.slice(0, best.at), offset, random, found);
  split(values.slice(best.at), offset + best.at, random, found);
}

interface Split {
  readonly at: number;
  /** Scaled energy distance between both sides. */
  readonly gain: number;
}

function bestSplit(values: readonly number[]): Split | undefined {
  let best: Split | undefined;
  for (let at = sideMin; at <= values.length - sideMin; at++) {
    const [left, right] = [values.slice(0, at), values.slice(at)];
    const distance = 2 * meanDistance(left, right) - meanDistance(left, left) - meanDistance(right, right);
    const gain = ((left.length * right.length) / values.length) * distance;
    if (best === undefined || gain > best.gain) best = { at, gain };
  }
  return best !== undefined && best.gain > 0 ? best : undefined;
}

function meanDistance(left: readonly number[], right: readonly number[]): number {
  let sum = 0;
  for (const one of left) for (const other of right) sum += Math.abs(one - other);
  return sum / (left.length * right.length);
}

function shuffled(values: readonly number[], random: RandomStream): readonly number[] {
  const copy = [...values];
  for (let last = copy.length - 1; last > 0; last--) {
    const chosen = random.integer(last + 1);
    const moved = copy[last] ?? 0;
    copy[last] = copy[chosen] ?? 0;
    copy[chosen] = moved;
  }
  return copy;
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
