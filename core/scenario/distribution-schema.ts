/**
 * Distributions as people write them: a plain quantity, or what they know about the spread of one.
 *
 *     600                            always 600
 *     { median: 600, p95: 3000 }     lognormal: the usual shape of token counts and of thinking
 *     { median: 8s }                 exponential with that median
 *     { mean: 4 }                    geometric for whole numbers (1, 2, 3, ...), exponential for durations
 *     { mean: 600, sigma: 100 }      normal, cut off at the least value allowed
 *     { low: 2, high: 4 }            all equally likely, both ends included where numbers are whole
 *     { values: [100, 200, 400] }    one of these, each equally likely
 */
import * as z from "zod";
import { type DistributionSpec, lognormalSigma } from "../distributions.ts";
import { fields, listOf, notAllowed, type Written } from "./written.ts";

export interface DistributionOf {
  readonly quantity: (description: string) => Written;
  /** Least value that the quantity allows. */
  readonly min: number;
  /** Tokens and turns are whole, durations are not. */
  readonly whole: boolean;
}

/** ln 2: the median of an exponential over its mean. */
const ln2 = 0.6931471805599453;

const forms = "{ median, p95 }, { median }, { mean }, { mean, sigma }, { low, high } or { values }";

export function distributionOf(of: DistributionOf, description: string): z.ZodType<DistributionSpec> {
  const { quantity } = of;
  const spread = fields(
    {
      median: quantity("Half of all are below.").optional(),
      p95: quantity("With median: 95 % are below.").optional(),
      mean: quantity("The average.").optional(),
      sigma: quantity("With mean: the standard deviation.").optional(),
      low: quantity("The least.").optional(),
      high: quantity("The most.").optional(),
      values: listOf(quantity("One of them."), "values", "Each equally likely.").optional(),
    },
    `What is known of its spread: ${forms}.`,
  ).transform((written, context): DistributionSpec => {
    const spec = specOf(written, of);
    if (typeof spec !== "string") return spec;
    context.issues.push({ code: "custom", message: spec, input: written });
    return z.NEVER;
  });
  return z
    .union([quantity("Always this.").transform((value): DistributionSpec => ({ kind: "constant", value })), spread], {
      error: (issue) => notAllowed(issue.input, `a quantity, or one of ${forms}`),
    })
    .meta({ description });
}

interface Spread {
  readonly median?: number | undefined;
  readonly p95?: number | undefined;
  readonly mean?: number | undefined;
  readonly sigma?: number | undefined;
  readonly low?: number | undefined;
  readonly high?: number | undefined;
  readonly values?: readonly number[] | undefined;
}

/** The distribution, or what is wrong with it. */
function specOf(written: Spread, { min, whole }: DistributionOf): DistributionSpec | string {
  const { median = 0, p95 = 0, mean = 0, sigma = 0, low = 0, high = 0, values = [] } = written;
  const around = (average: number): DistributionSpec =>
    whole ? { kind: "geometric", mean: Math.max(1, average) } : { kind: "exponential", mean: average };
  const given = Object.keys(written).filter((key) => written[key as keyof Spread] !== undefined);
  switch (given.toSorted().join("+")) {
    case "median+p95":
      if (median === 0) return "has a median of 0; needed is one above 0";
      return median <= p95
        ? { kind: "lognormal", median, sigma: lognormalSigma(median, p95) }
        : `has a p95 of ${p95}, below its median of ${median}`;
    case "median":
      return around(median / ln2);
    case "mean":
      return around(mean);
    case "mean+sigma":
      return sigma > 0 ? { kind: "normal", mean, sigma, min } : { kind: "constant", value: mean };
    case "high+low": {
      // Rounding a value from half below the least to half above the most makes every whole number equally likely.
      const half = whole ? 0.5 : 0;
      return low <= high
        ? { kind: "uniform", low: low - half, high: high + half }
        : `has a low of ${low}, above its high of ${high}`;
    }
    case "values":
      return { kind: "empirical", values };
    default:
      return given.length === 0 ? `is empty; needed is ${forms}` : `has ${given.join(" and ")}; allowed is ${forms}`;
  }
}
