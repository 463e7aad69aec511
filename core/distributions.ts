/**
 * Distributions with exact moments.
 *
 * A distribution is a value: how to draw, and its exact mean and variance, so that tests and analytic checks need no
 * sampling. All quantities carry the unit of the thing drawn.
 */
import { exp, ln } from "./elementary.ts";
import { assertNever, invariant } from "./invariant.ts";
import type { RandomStream } from "./random.ts";

export interface Distribution {
  /** Exact expectation. */
  readonly mean: number;
  /** Exact variance; Infinity where it does not exist. */
  readonly variance: number;
  readonly draw: (random: RandomStream) => number;
}

/** The distributions a scenario can name. Also the shape stored in profiles. */
export type DistributionSpec =
  | { readonly kind: "constant"; readonly value: number }
  | { readonly kind: "uniform"; readonly low: number; readonly high: number }
  | { readonly kind: "exponential"; readonly mean: number }
  | { readonly kind: "normal"; readonly mean: number; readonly sigma: number; readonly min: number }
  | { readonly kind: "lognormal"; readonly median: number; readonly sigma: number }
  | { readonly kind: "geometric"; readonly mean: number }
  | { readonly kind: "mixture"; readonly parts: readonly { readonly weight: number; readonly of: DistributionSpec }[] }
  | { readonly kind: "empirical"; readonly values: readonly number[] };

/** z for the 95th percentile of a standard normal: Phi(1.6448536) = 0.95. */
export const z95 = 1.6448536269514722;

/** sigma of a lognormal from its median and 95th percentile: ln(p95 / median) / z95. */
export function lognormalSigma(median: number, p95: number): number {
  invariant(median > 0 && p95 >= median, `lognormal needs 0 < median <= p95, got ${median} and ${p95}`);
  return ln(p95 / median) / z95;
}

/** Turns a spec into something that draws. */
export function distribution(spec: DistributionSpec): Distribution {
  switch (spec.kind) {
    case "constant":
      return { mean: spec.value, variance: 0, draw: () => spec.value };
    case "uniform":
      return uniform(spec.low, spec.high);
    case "exponential":
      return { mean: spec.mean, variance: spec.mean * spec.mean, draw: (random) => spec.mean * random.exponential() };
    case "normal":
      return truncatedNormal(spec.mean, spec.sigma, spec.min);
    case "lognormal":
      return lognormal(spec.median, spec.sigma);
    case "geometric":
      return geometric(spec.mean);
    case "mixture":
      return mixture(spec.parts.map((part) => ({ weight: part.weight, of: distribution(part.of) })));
    case "empirical":
      return empirical(spec.values);
    default:
      return assertNever(spec);
  }
}

/** Uniform on [low, high): mean (low + high) / 2, variance (high - low)^2 / 12. */
function uniform(low: number, high: number): Distribution {
  invariant(low <= high, `uniform needs low <= high, got ${low} and ${high}`);
  const width = high - low;
  return { mean: (low + high) / 2, variance: (width * width) / 12, draw: (random) => low + width * random.uniform() };
}

/** Lognormal, m = median, s = sigma: mean m e^(s^2/2), variance m^2 e^(s^2) (e^(s^2) - 1). */
function lognormal(median: number, sigma: number): Distribution {
  invariant(median > 0 && sigma >= 0, `lognormal needs median > 0 and sigma >= 0, got ${median} and ${sigma}`);
  const spread = exp(sigma * sigma);
  return {
    mean: median * Math.sqrt(spread),
    variance: median * median * spread * (spread - 1),
    draw: (random) => median * exp(sigma * random.normal()),
  };
}

/**
 * Normal conditioned on being at least `min`, drawn by rejection. With a = (min - mean)/sigma, h = phi(a)/(1 - Phi(a)):
 * mean' = mean + sigma h, variance' = sigma^2 (1 + a h - h^2) (Johnson, Kotz and Balakrishnan, vol. 1, ch. 13).
 */
function truncatedNormal(mean: number, sigma: number, min: number): Distribution {
  invariant(
    sigma > 0 && min <= mean,
    `truncated normal needs sigma > 0 and min <= mean, got ${sigma}, ${min}, ${mean}`,
  );
  const a = (min - mean) / sigma;
  const h = exp((-a * a) / 2) / Math.sqrt(2 * Math.PI) / (1 - upperTail(-a));
  return {
    mean: mean + sigma * h,
    variance: sigma * sigma * (1 + a * h - h * h),
    draw: (random) => {
      for (;;) {
        const value = mean + sigma * random.normal();
        if (value >= min) return value;
      }
    },
  };
}

/** 1 - Phi(a) for a >= 0, by Simpson's rule on [a, a + 12]: absolute error below 1e-12. */
function upperTail(a: number): number {
  const steps = 2_000;
  const width = 12 / steps;
  let sum = 0;
  for (let index = 0; index <= steps; index++) {
    const x = a + index * width;
    const weight = index === 0 || index === steps ? 1 : index % 2 === 1 ? 4 : 2;
    sum += weight * exp((-x * x) / 2);
  }
  return (sum * width) / 3 / Math.sqrt(2 * Math.PI);
}

/** Number of trials to the first success, at least 1, success probability p = 1/mean: variance (1 - p) / p^2. */
function geometric(mean: number): Distribution {
  invariant(mean >= 1, `geometric needs mean >= 1, got ${mean}`);
  const p = 1 / mean;
  if (p === 1) return { mean: 1, variance: 0, draw: () => 1 };
  const scale = ln(1 - p);
  return {
    mean,
    variance: (1 - p) / (p * p),
    draw: (random) => 1 + Math.floor(ln(1 - random.uniform()) / scale),
  };
}

/** Weighted mixture: mean = sum w m, variance = sum w (v + m^2) - mean^2. Weights need not add up to one. */
function mixture(parts: readonly { readonly weight: number; readonly of: Distribution }[]): Distribution {
  const total = parts.reduce((sum, part) => sum + part.weight, 0);
  invariant(total > 0 && parts.every((part) => part.weight >= 0), "mixture needs weights >= 0 that do not all vanish");
  const mean = parts.reduce((sum, part) => sum + (part.weight / total) * part.of.mean, 0);
  const second = parts.reduce(
    (sum, part) => sum + (part.weight / total) * (part.of.variance + part.of.mean * part.of.mean),
    0,
  );
  return {
    mean,
    variance: second - mean * mean,
    draw: (random) => {
      let rest = random.uniform() * total;
      for (const part of parts) {
        if (rest < part.weight) return part.of.draw(random);
        rest -= part.weight;
      }
      const last = parts.at(-1);
      invariant(last !== undefined, "mixture has parts");
      return last.of.draw(random);
    },
  };
}

/** Draws one of the given values, each equally likely; moments are those of the sample (population variance). */
function empirical(values: readonly number[]): Distribution {
  invariant(values.length > 0, "empirical needs at least one value");
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) * (value - mean), 0) / values.length;
  return { mean, variance, draw: (random) => values[random.integer(values.length)] ?? mean };
}
