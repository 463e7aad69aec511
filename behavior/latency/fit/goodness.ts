/**
 * How well a fit fits: the Kolmogorov distance, and what was seen beside what the fit says, quantile by quantile.
 *
 * The p-value is Kolmogorov's asymptotic one with Stephens' correction for small samples (JRSS B 32, 1970). It holds for a
 * distribution that was known before. This one was fitted to the same calls, so the true value is smaller (Lilliefors, JASA 62,
 * 1967): a small p speaks against the fit, a large one is no proof. With many calls any model fails it; the table of quantiles
 * says whether the difference matters.
 */
import { exp } from "../../../core/elementary.ts";
import { quantileSorted } from "simple-statistics";

export interface Goodness {
  /** Largest distance between the two distribution functions, 0..1. */
  readonly ks: number;
  readonly p: number;
  readonly quantiles: readonly QuantilePair[];
}

export interface QuantilePair {
  readonly share: number;
  readonly observed: number;
  readonly fitted: number;
}

/** The quantiles that are shown; those with fewer than ten calls beyond them are left out. */
const shares = [0.05, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 0.999];
const callsBeyondMin = 10;

export function goodnessOf(
  sorted: readonly number[],
  cdf: (value: number) => number,
  quantile: (share: number) => number,
): Goodness {
  const n = sorted.length;
  let ks = 0;
  for (const [index, value] of sorted.entries()) {
    const fitted = cdf(value);
    ks = Math.max(ks, fitted - index / n, (index + 1) / n - fitted);
  }
  return {
    ks,
    p: kolmogorovP(ks, n),
    quantiles: shares
      .filter((share) => Math.min(share, 1 - share) * n >= callsBeyondMin - 1e-9)
      .map((share) => ({ share, observed: quantileSorted([...sorted], share), fitted: quantile(share) })),
  };
}

/** P(distance >= ks): 2 Σ (−1)^(j−1) e^(−2 j² t²) with t = (√n + 0.12 + 0.11/√n) ks. */
function kolmogorovP(ks: number, n: number): number {
  const root = Math.sqrt(n);
  const t = (root + 0.12 + 0.11 / root) * ks;
  if (t < 0.2) return 1; // the series alternates too slowly there, and P is above 0.999999
  let sum = 0;
  for (let j = 1; j <= 100; j++) sum += (j % 2 === 1 ? 2 : -2) * exp(-2 * j * j * t * t);
  return Math.min(1, Math.max(0, sum));
}
