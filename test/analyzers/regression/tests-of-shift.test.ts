import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { holm } from "../../../analyzers/regression/holm.ts";
import { mannWhitney } from "../../../analyzers/regression/mann-whitney.ts";

const upTo = (count: number, of: (index: number) => number): number[] =>
  Array.from({ length: count }, (_, index) => of(index));

describe("the Mann-Whitney test", () => {
  it.each<{ first: number[]; second: number[]; u: number; p: number; method: string }>([
    { first: [1, 2, 3, 4, 5], second: [6, 7, 8, 9, 10], u: 25, p: 0.007936507936507936, method: "exact" },
    { first: [1.1, 2.2, 3.3, 4.4], second: [2.5, 3.5, 4.5, 5.5, 6.5], u: 17, p: 0.1111111111111111, method: "exact" },
    { first: [10, 11, 12], second: [1, 2, 3, 4], u: 0, p: 0.05714285714285714, method: "exact" },
    { first: [3, 1, 4, 1.5, 5], second: [9, 2, 6, 5.3, 3.5], u: 20, p: 0.15079365079365079, method: "exact" },
    { first: [1, 2, 2, 3, 5], second: [2, 3, 3, 4, 6], u: 18, p: 0.30952380952380953, method: "every choice counted" },
    {
      first: upTo(30, (index) => index + 1),
      second: upTo(25, (index) => index + 8.5),
      u: 497,
      p: 0.04000233106564058,
      method: "asymptotic",
    },
    {
      first: upTo(30, (index) => 1 + Math.floor((index % 10) / 2)),
      second: upTo(20, (index) => 2 + Math.floor((index % 10) / 2)),
      u: 408,
      p: 0.03032702940208816,
      method: "asymptotic",
    },
  ])("gives $p for $first.length against $second.length values, as SciPy 1.16.3 does ($method)", (given) => {
    const found = mannWhitney(given.first, given.second);
    expect(found?.u).toBe(given.u);
    // simple-statistics' error function is good to 1.2e-7 (Numerical Recipes, erfc).
    expect(found?.p).toBeCloseTo(given.p, given.method === "asymptotic" ? 6 : 12);
  });

  it("says nothing about an empty sample", () => {
    expect(mannWhitney([], [1, 2])).toBeUndefined();
    expect(mannWhitney([1, 2], [])).toBeUndefined();
  });

  it("finds nothing in values that are all equal", () => {
    expect(mannWhitney([3, 3, 3], [3, 3])?.p).toBe(1);
    expect(
      mannWhitney(
        upTo(30, () => 3),
        upTo(30, () => 3),
      )?.p,
    ).toBe(1);
  });

  it("does not depend on which sample comes first, nor on the scale", () => {
    const sample = fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(sample, sample, (first, second) => {
        const forth = mannWhitney(first, second);
        const back = mannWhitney(second, first);
        const scaled = mannWhitney(
          first.map((value) => value * 3 + 1),
          second.map((value) => value * 3 + 1),
        );
        expect(back?.p).toBeCloseTo(forth?.p ?? Number.NaN, 12);
        expect(scaled).toEqual(forth);
        expect((forth?.u ?? 0) + (back?.u ?? 0)).toBe(first.length * second.length);
        expect(forth?.p).toBeGreaterThan(0);
        expect(forth?.p).toBeLessThanOrEqual(1);
      }),
      { seed: 11, numRuns: 200 },
    );
  });
});

describe("Holm's adjustment", () => {
  it("multiplies the smallest by the number of tests, the next by one less, and never falls (Holm 1979)", () => {
    // R: p.adjust(c(0.01, 0.04, 0.03, 0.005), "holm") is 0.03 0.06 0.06 0.02
    const adjusted = holm([0.01, 0.04, 0.03, 0.005]);
    for (const [index, expected] of [0.03, 0.06, 0.06, 0.02].entries())
      expect(adjusted[index]).toBeCloseTo(expected, 12);
  });

  it("stops at one, and adjusts nothing alone", () => {
    expect(holm([0.9, 0.8])).toEqual([1, 1]);
    expect(holm([0.04])).toEqual([0.04]);
    expect(holm([])).toEqual([]);
  });
});
