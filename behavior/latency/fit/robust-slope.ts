/**
 * The slope of a line through points of which some lie far off: the median of the slopes between pairs of points (Theil, 1950;
 * Sen, JASA 63, 1968). Almost a third of all points may be wrong without moving it much, where least squares follow a single
 * slow call.
 *
 * Up to `allPairsMax` points every pair counts. Beyond that each point, in order of x, is paired with the one half of them
 * further on, and with those a third and two thirds further on: long pairs, which know most about the slope, and three for each
 * point instead of n.
 */
import { median } from "simple-statistics";

export interface Point {
  readonly x: number;
  readonly y: number;
}

const allPairsMax = 1_000;

/** y per x; undefined where no two points differ in x. */
export function robustSlope(points: readonly Point[]): number | undefined {
  const sorted = points.toSorted((left, right) => left.x - right.x);
  const slopes: number[] = [];
  const take = (from: number, to: number): void => {
    const [left, right] = [sorted[from], sorted[to]];
    if (left !== undefined && right !== undefined && right.x > left.x) {
      slopes.push((right.y - left.y) / (right.x - left.x));
    }
  };
  const n = sorted.length;
  if (n <= allPairsMax) {
    for (let from = 0; from < n; from++) for (let to = from + 1; to < n; to++) take(from, to);
  } else {
    const steps = [Math.floor(n / 2), Math.floor(n / 3), Math.floor((2 * n) / 3)];
    for (const step of steps) for (let from = 0; from + step < n; from++) take(from, from + step);
  }
  return slopes.length === 0 ? undefined : median(slopes);
}
