import { describe, expect, it } from "vitest";
import { distribution, type DistributionSpec, lognormalSigma } from "../../core/distributions.ts";
import { randomStream } from "../../core/random.ts";

const samples = 200_000;

/** Sample mean and variance, each with the standard error of its own estimate. */
function sampled(
  spec: DistributionSpec,
): Readonly<Record<"mean" | "meanError" | "variance" | "varianceError", number>> {
  const { draw } = distribution(spec);
  const random = randomStream(20).split(JSON.stringify(spec));
  const values = Float64Array.from({ length: samples }, () => draw(random));
  const mean = values.reduce((sum, value) => sum + value, 0) / samples;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / samples;
  const fourth = values.reduce((sum, value) => sum + (value - mean) ** 4, 0) / samples;
  return {
    mean,
    meanError: Math.sqrt(variance / samples),
    variance,
    varianceError: Math.sqrt((fourth - variance * variance) / samples),
  };
}

const specs: readonly DistributionSpec[] = [
  { kind: "uniform", low: 2, high: 5 },
  { kind: "exponential", mean: 40 },
  { kind: "normal", mean: 100, sigma: 15, min: 0 },
  { kind: "normal", mean: 10, sigma: 10, min: 5 },
  { kind: "lognormal", median: 600, sigma: 0.5 },
  { kind: "geometric", mean: 4 },
  { kind: "empirical", values: [1, 2, 2, 50] },
  {
    kind: "mixture",
    parts: [
      { weight: 98, of: { kind: "lognormal", median: 500, sigma: 0.25 } },
      { weight: 2, of: { kind: "uniform", low: 3_000, high: 5_000 } },
    ],
  },
];

describe("distribution", () => {
  it.each(specs.map((spec) => [JSON.stringify(spec), spec] as const))(
    "draws with the mean and variance that it claims: %s",
    (_, spec) => {
      const { mean, variance } = distribution(spec);
      const seen = sampled(spec);
      expect(Math.abs(seen.mean - mean)).toBeLessThan(4 * seen.meanError);
      expect(Math.abs(seen.variance - variance)).toBeLessThan(4 * seen.varianceError);
    },
  );

  it.each([
    ["uniform", { kind: "uniform", low: 0, high: 12 }, 6, 12],
    ["exponential", { kind: "exponential", mean: 3 }, 3, 9],
    ["geometric", { kind: "geometric", mean: 4 }, 4, 12],
    ["empirical", { kind: "empirical", values: [2, 4] }, 3, 1],
    ["constant", { kind: "constant", value: 7 }, 7, 0],
    ["a geometric that always succeeds", { kind: "geometric", mean: 1 }, 1, 0],
  ] satisfies [string, DistributionSpec, number, number][])(
    "knows the moments of %s by hand",
    (_, spec, mean, variance) => {
      const known = distribution(spec);
      expect(known.mean).toBeCloseTo(mean, 12);
      expect(known.variance).toBeCloseTo(variance, 12);
    },
  );

  it("halves a normal at its mean: mean sigma sqrt(2 / pi), variance sigma^2 (1 - 2 / pi)", () => {
    const half = distribution({ kind: "normal", mean: 0, sigma: 3, min: 0 });
    expect(half.mean).toBeCloseTo(3 * Math.sqrt(2 / Math.PI), 9);
    expect(half.variance).toBeCloseTo(9 * (1 - 2 / Math.PI), 9);
  });

  it("leaves a normal as it is where the cut is far below: 60 sigma take nothing away", () => {
    const whole = distribution({ kind: "normal", mean: 600, sigma: 10, min: 1 });
    expect(whole.mean).toBeCloseTo(600, 9);
    expect(whole.variance).toBeCloseTo(100, 9);
  });

  it("puts median and 95th percentile of a lognormal where they were asked for", () => {
    const { draw } = distribution({ kind: "lognormal", median: 600, sigma: lognormalSigma(600, 3_000) });
    const random = randomStream(21);
    const values = Float64Array.from({ length: samples }, () => draw(random));
    // 4 standard errors of a binomial share at n = 200,000.
    expect(Math.abs(values.filter((value) => value < 600).length / samples - 0.5)).toBeLessThan(0.0045);
    expect(Math.abs(values.filter((value) => value < 3_000).length / samples - 0.95)).toBeLessThan(0.002);
  });

  it("never draws outside of its support", () => {
    const random = randomStream(22);
    const normal = distribution({ kind: "normal", mean: 10, sigma: 10, min: 5 });
    const geometric = distribution({ kind: "geometric", mean: 3 });
    for (let draw = 0; draw < 10_000; draw++) {
      expect(normal.draw(random)).toBeGreaterThanOrEqual(5);
      const trials = geometric.draw(random);
      expect(Number.isInteger(trials) && trials >= 1).toBe(true);
    }
  });

  it.each([
    [{ kind: "uniform", low: 2, high: 1 }],
    [{ kind: "lognormal", median: 0, sigma: 1 }],
    [{ kind: "normal", mean: 1, sigma: 1, min: 2 }],
    [{ kind: "geometric", mean: 0.5 }],
    [{ kind: "mixture", parts: [] }],
    [{ kind: "empirical", values: [] }],
  ] satisfies [DistributionSpec][])("refuses %j, which only a mistake of ours can make", (spec) => {
    expect(() => distribution(spec)).toThrow("needs");
  });
});
