/**
 * Percentiles, defined once and used everywhere.
 *
 * A percentile is Hyndman and Fan's type 7 ("Sample Quantiles in Statistical Packages", The American Statistician 50(4),
 * 1996): with the sorted sample x[0..n-1] and h = (n - 1) p, it is x[floor h] + (h - floor h)(x[floor h + 1] - x[floor h]).
 * This is what NumPy, R and k6 print, so that numbers can be compared between tools. It is computed from every record,
 * never from a histogram and never as a mean of percentiles.
 */
import { mean as compensatedMean, quantile, quantileSorted } from "simple-statistics";
import { ln } from "../core/elementary.ts";
import { invariant } from "../core/invariant.ts";

/** What people ask of a sample. Same unit as the sample. */
export interface Summary {
  readonly count: number;
  readonly mean: number;
  readonly p50: number;
  readonly p90: number;
  readonly p95: number;
  readonly p99: number;
  readonly max: number;
}

/** Statistics of a sample by the names that objectives use, in the order in which tables show them. */
export const summaryStatistics: readonly (keyof Summary)[] = ["mean", "p50", "p90", "p95", "p99", "max"];

/** Summary of a sample in any order; undefined when it is empty, so that nothing measured is never mistaken for zero. */
export function summarize(values: readonly number[]): Summary | undefined {
  if (values.length === 0) return undefined;
  const sorted = ascending(values);
  return {
    count: sorted.length,
    mean: mean(sorted),
    p50: quantileSorted(sorted, 0.5),
    p90: quantileSorted(sorted, 0.9),
    p95: quantileSorted(sorted, 0.95),
    p99: quantileSorted(sorted, 0.99),
    max: quantileSorted(sorted, 1),
  };
}

/**
 * Type 7 percentile of a sample in any order, `p` from 0 to 1; undefined when the sample is empty. The one or two values that it
 * lies between are selected, without sorting the others (Floyd and Rivest, Communications of the ACM 18(3), 1975).
 */
export function percentile(values: readonly number[], p: number): number | undefined {
  return values.length === 0 ? undefined : quantile([...values], p);
}

/** Arithmetic mean, with compensated summation. The sample is not empty. */
export function mean(values: readonly number[]): number {
  return compensatedMean([...values]);
}

/** A sorted copy. */
export function ascending(values: readonly number[]): number[] {
  return Array.from(Float64Array.from(values).sort());
}

/** A statistic named in a metric: `mean`, `max`, `p95`, `p99.9`. */
export type Statistic =
  | { readonly kind: "mean" }
  | { readonly kind: "max" }
  | { readonly kind: "percentile"; readonly p: number };

/** Reads `mean`, `max` or `p` followed by a number above 0 and below 100; undefined for anything else. */
export function parseStatistic(name: string): Statistic | undefined {
  if (name === "mean") return { kind: "mean" };
  if (name === "max") return { kind: "max" };
  const percent = /^p(\d{1,2}(?:\.\d+)?)$/.exec(name)?.[1];
  const p = Number(`${percent}e-2`);
  return p > 0 ? { kind: "percentile", p } : undefined;
}

/** The statistic of a sample in any order; undefined when the sample is empty. */
export function statisticOf(values: readonly number[], statistic: Statistic): number | undefined {
  if (values.length === 0) return undefined;
  if (statistic.kind === "mean") return mean(values);
  return percentile(values, statistic.kind === "max" ? 1 : statistic.p);
}

/**
 * Smallest sample whose maximum lies above the p-th percentile of its population with 95 % confidence: the least n with
 * p^n <= 0.05 (59 for p95, 299 for p99), after Wilks, "Determination of Sample Sizes for Setting Tolerance Limits" (1941).
 * With fewer, the sample says nothing about an upper bound of that percentile. `p` strictly between 0 and 1.
 */
export function samplesNeeded(p: number): number {
  invariant(p > 0 && p < 1, `a percentile lies strictly between 0 and 1, got ${p}`);
  return Math.ceil(ln(0.05) / ln(p));
}
