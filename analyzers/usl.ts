/**
 * The Universal Scalability Law: how throughput grows with load, and where it stops growing.
 *
 *     X(N) = gamma N / (1 + alpha (N - 1) + beta N (N - 1))
 *
 * after Gunther, "A General Theory of Computational Scalability Based on Rational Functions" (2008), in the form with three
 * parameters (gamma is the throughput of one, alpha the share that waits its turn, beta the cost of agreeing with everybody else). Throughput peaks at
 * N* = sqrt((1 - alpha) / beta); without beta it never does.
 *
 * N / X is linear in the parameters, so the fit is least squares with alpha, beta >= 0, each point weighted by what makes errors
 * relative. Intervals are from a bootstrap over the points. The law speaks of throughput, not of tails, and of the range it was
 * fitted on: beyond twice the largest load it says nothing.
 */
import { quantileSorted } from "simple-statistics";
import type { RandomStream } from "../core/random.ts";

/** Throughput measured at a load: users, replicas or requests in flight, and what was done in a second. */
export interface LoadPoint {
  readonly load: number;
  readonly throughput: number;
}

export interface UslFit {
  readonly gamma: number;
  readonly alpha: number;
  readonly beta: number;
  /** 95 %. */
  readonly intervals: Readonly<Record<"gamma" | "alpha" | "beta", readonly [number, number]>>;
  /** Load of the highest throughput; undefined when the fit has no peak. */
  readonly peakLoad: number | undefined;
  /** 95 %; an end without a peak is infinite. */
  readonly peakInterval: readonly [number, number];
  /** Coefficient of determination of the throughput. */
  readonly rSquared: number;
  readonly largestLoad: number;
  /** Throughput at a load; undefined beyond twice the largest one measured. */
  readonly at: (load: number) => number | undefined;
  /** The same as an interval, 95 %. */
  readonly between: (load: number) => readonly [number, number] | undefined;
}

/** Fewest different loads for three parameters and a say about their errors (Gunther asks for at least six). */
export const loadsNeeded = 6;
/** How far beyond the data the law may be asked. */
export const extrapolationMax = 2;
const draws = 2_000;

/** Fits the law; undefined with fewer than `loadsNeeded` different loads, or where throughput is not above zero. */
export function fitUsl(points: readonly LoadPoint[], random: RandomStream): UslFit | undefined {
  const loads = new Set(points.map(({ load }) => load));
  if (loads.size < loadsNeeded || points.some(({ load, throughput }) => !(load > 0 && throughput > 0)))
    return undefined;
  const best = leastSquares(points);
  if (best === undefined) return undefined;
  const drawn = Array.from({ length: draws }, () => drawFit(points, random)).flatMap((fit) => fit ?? []);
  const interval = (values: readonly number[]): readonly [number, number] => {
    const sorted = values.toSorted((left, right) => left - right);
    return [quantileSorted(sorted, 0.025), quantileSorted(sorted, 0.975)];
  };
  const largestLoad = Math.max(...loads);
  return {
    ...best,
    intervals: {
      gamma: interval(drawn.map(({ gamma }) => gamma)),
      alpha: interval(drawn.map(({ alpha }) => alpha)),
      beta: interval(drawn.map(({ beta }) => beta)),
    },
    peakLoad: peakOf(best),
    peakInterval: interval(drawn.map((fit) => peakOf(fit) ?? Number.POSITIVE_INFINITY)),
    rSquared: determination(points, best),
    largestLoad,
    at: (load) => (load <= extrapolationMax * largestLoad ? throughputOf(best, load) : undefined),
    between: (load) =>
      load <= extrapolationMax * largestLoad ? interval(drawn.map((fit) => throughputOf(fit, load))) : undefined,
  };
}

interface Parameters {
  readonly gamma: number;
  readonly alpha: number;
  readonly beta: number;
}

function throughputOf({ gamma, alpha, beta }: Parameters, load: number): number {
  return (gamma * load) / (1 + alpha * (load - 1) + beta * load * (load - 1));
}

function peakOf({ alpha, beta }: Parameters): number | undefined {
  return beta > 1e-12 && alpha < 1 ? Math.sqrt((1 - alpha) / beta) : undefined;
}

/** One draw of the bootstrap: as many points, with replacement; undefined when they are too few different loads to fit. */
function drawFit(points: readonly LoadPoint[], random: RandomStream): Parameters | undefined {
  const drawn = points.flatMap(() => points[random.integer(points.length)] ?? []);
  return new Set(drawn.map(({ load }) => load)).size < 3 ? undefined : leastSquares(drawn);
}

/** The best of the four fits in which alpha and beta are free or zero, among those where neither is negative. */
function leastSquares(points: readonly LoadPoint[]): Parameters | undefined {
  const columns: readonly ((load: number) => number)[] = [() => 1, (load) => load - 1, (load) => load * (load - 1)];
  const subsets = [[0, 1, 2], [0, 1], [0, 2], [0]];
  let best: { readonly parameters: Parameters; readonly error: number } | undefined;
  for (const subset of subsets) {
    const used = subset.flatMap((index) => columns[index] ?? []);
    const solved = solveWeighted(points, used);
    if (solved === undefined) continue;
    const [first = 0, ...rest] = solved;
    const of = (index: number): number => rest[subset.indexOf(index) - 1] ?? 0;
    const parameters = { gamma: 1 / first, alpha: of(1) / first, beta: of(2) / first };
    if (!(first > 0 && parameters.alpha >= 0 && parameters.beta >= 0)) continue;
    const error = relativeError(points, parameters);
    if (best === undefined || error < best.error) best = { parameters, error };
  }
  return best?.parameters;
}

function relativeError(points: readonly LoadPoint[], parameters: Parameters): number {
  return points.reduce((sum, { load, throughput }) => {
    const off = (load / throughputOf(parameters, load) - load / throughput) / (load / throughput);
    return sum + off * off;
  }, 0);
}

function determination(points: readonly LoadPoint[], parameters: Parameters): number {
  const mean = points.reduce((sum, { throughput }) => sum + throughput, 0) / points.length;
  const [residual, total] = points.reduce(
    ([left, right], { load, throughput }) => {
      const off = throughput - throughputOf(parameters, load);
      return [left + off * off, right + (throughput - mean) * (throughput - mean)] as const;
    },
    [0, 0] as readonly [number, number],
  );
  return total === 0 ? 1 : 1 - residual / total;
}

/** Normal equations of N / X on the columns, weighted by (X / N)^2; undefined when they have no single solution. */
function solveWeighted(
  points: readonly LoadPoint[],
  columns: readonly ((load: number) => number)[],
): number[] | undefined {
  const size = columns.length;
  const rows = Array.from({ length: size }, () => Array.from({ length: size + 1 }, () => 0));
  for (const { load, throughput } of points) {
    const weight = (throughput / load) * (throughput / load);
    const values = columns.map((column) => column(load));
    for (const [index, row] of rows.entries()) {
      const left = (values[index] ?? 0) * weight;
      for (let column = 0; column < size; column++) row[column] = (row[column] ?? 0) + left * (values[column] ?? 0);
      row[size] = (row[size] ?? 0) + (left * load) / throughput;
    }
  }
  return eliminate(rows);
}

/** Gauss-Jordan elimination with row pivots; the last column is the right side. */
function eliminate(rows: number[][]): number[] | undefined {
  const size = rows.length;
  for (let column = 0; column < size; column++) {
    const at = (row: number): number => Math.abs(rows[row]?.[column] ?? 0);
    const pivot = Array.from({ length: size - column }, (_, index) => column + index).reduce((best, row) =>
      at(row) > at(best) ? row : best,
    );
    const top = rows[pivot];
    if (top === undefined || at(pivot) < 1e-14) return undefined;
    rows[pivot] = rows[column] ?? top;
    rows[column] = top;
    const divisor = top[column] ?? 1;
    for (let index = 0; index <= size; index++) top[index] = (top[index] ?? 0) / divisor;
    for (const [index, row] of rows.entries()) {
      if (index === column) continue;
      const factor = row[column] ?? 0;
      for (let cell = 0; cell <= size; cell++) row[cell] = (row[cell] ?? 0) - factor * (top[cell] ?? 0);
    }
  }
  return rows.map((row) => row[size] ?? 0);
}
