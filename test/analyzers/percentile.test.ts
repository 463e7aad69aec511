import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseStatistic, percentile, samplesNeeded, summarize } from "../../analyzers/percentile.ts";

/** Any order: the functions sort. */
const sample = [812, 640, 905, 1210, 455, 3020, 780, 640, 1500, 998, 720];

describe("percentile", () => {
  // Expected values: numpy.percentile(sample, p), NumPy 2.4.6, whose default is type 7.
  it.each([
    { percent: 50, expected: 812 },
    { percent: 90, expected: 1500 },
    { percent: 95, expected: 2260 },
    { percent: 99, expected: 2868 },
    { percent: 100, expected: 3020 },
  ])("gives NumPy's p$percent", ({ percent, expected }) => {
    expect(percentile(sample, percent / 100)).toBeCloseTo(expected, 9);
  });

  it.each([
    { why: "halfway between two values", values: [1, 2], p: 0.5, expected: 1.5 },
    { why: "a quarter of the way, by hand: h = 3 x 0.25 = 0.75", values: [10, 20, 40, 80], p: 0.25, expected: 17.5 },
    { why: "the only value", values: [42], p: 0.99, expected: 42 },
  ])("interpolates linearly: $why", ({ values, p, expected }) => {
    expect(percentile(values, p)).toBe(expected);
  });

  it("has no value for an empty sample, rather than zero", () => {
    expect(percentile([], 0.5)).toBeUndefined();
    expect(summarize([])).toBeUndefined();
  });

  it("leaves the sample as it was", () => {
    const values = [3, 1, 2];
    summarize(values);
    expect(values).toEqual([3, 1, 2]);
  });

  it("lies between minimum and maximum and never falls as p grows, for any sample", () => {
    const samples = fc.array(fc.double({ min: 0, max: 1e9, noNaN: true }), { minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(
        samples,
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (values, a, b) => {
          const low = percentile(values, Math.min(a, b)) ?? Number.NaN;
          const high = percentile(values, Math.max(a, b)) ?? Number.NaN;
          const slack = 1e-6;
          return Math.min(...values) - slack <= low && low <= high + slack && high <= Math.max(...values) + slack;
        },
      ),
      { seed: 11 },
    );
  });
});

describe("summarize", () => {
  it("gives count, mean, percentiles and maximum of one sample", () => {
    const summary = summarize(sample);
    expect(summary?.count).toBe(11);
    expect(summary?.mean).toBeCloseTo(1061.8181818181818, 9);
    expect(summary?.p90).toBe(1500);
    expect(summary?.max).toBe(3020);
  });

  it("does not lose small values beside large ones in the mean", () => {
    expect(summarize([1e16, 1, -1e16, 1])?.mean).toBe(0.5);
  });
});

describe("parseStatistic", () => {
  it.each([
    { name: "p95", expected: { kind: "percentile", p: 0.95 } },
    { name: "p99.9", expected: { kind: "percentile", p: 0.999 } },
    { name: "mean", expected: { kind: "mean" } },
    { name: "max", expected: { kind: "max" } },
    { name: "p0", expected: undefined },
    { name: "p100", expected: undefined },
    { name: "p", expected: undefined },
    { name: "median", expected: undefined },
  ])("reads $name", ({ name, expected }) => {
    expect(parseStatistic(name)).toEqual(expected);
  });
});

describe("samplesNeeded", () => {
  // The least n with p^n <= 0.05, from Wilks' tables.
  it.each([
    { p: 0.5, expected: 5 },
    { p: 0.9, expected: 29 },
    { p: 0.95, expected: 59 },
    { p: 0.99, expected: 299 },
  ])("is $expected for $p", ({ p, expected }) => {
    expect(samplesNeeded(p)).toBe(expected);
    expect(p ** expected).toBeLessThanOrEqual(0.05);
    expect(p ** (expected - 1)).toBeGreaterThan(0.05);
  });
});
