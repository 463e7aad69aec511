import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { randomStream } from "../../../core/random.ts";
import type { SearchSpec } from "../../../core/scenario/search-schema.ts";
import { combinationsOf } from "../../../simulator/sweep/candidates.ts";

const range = (from: number, to: number, isWhole: boolean, steps = 3) =>
  ({ from, to, prefix: "", suffix: "", isWhole, spread: "even", steps }) as const;

describe("the combinations of a search", () => {
  it("are, for a grid, every base with every value, the last field fastest", () => {
    const search: SearchSpec = {
      method: "grid",
      samples: undefined,
      vary: [
        { path: "a", values: [1, 2] },
        { path: "b", values: range(0, 10, true) },
      ],
    };
    const written = combinationsOf(2, search, randomStream(1)).map(
      ({ base, settings }) => `${base}:${settings.map(({ value }) => value).join("/")}`,
    );
    expect(written).toEqual(
      ["0", "1"].flatMap((base) => ["1/0", "1/5", "1/10", "2/0", "2/5", "2/10"].map((pair) => `${base}:${pair}`)),
    );
  });

  it("are one, the scenario itself, when nothing is varied", () => {
    expect(combinationsOf(1, { method: "grid", samples: undefined, vary: [] }, randomStream(1))).toEqual([
      { base: 0, settings: [] },
    ]);
  });

  it("are refused when a grid would have too many", () => {
    const values = Array.from({ length: 101 }, (_, index) => index);
    const vary = [
      { path: "a", values },
      { path: "b", values },
    ];
    expect(() => combinationsOf(1, { method: "grid", samples: undefined, vary }, randomStream(1))).toThrow("10,201");
  });

  it("fill, drawn at random, every stratum of a range exactly once (Latin hypercube)", () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 60 }), fc.integer({ min: 0, max: 1000 }), (samples, seed) => {
        const vary = [
          { path: "a", values: range(0, 1, false) },
          { path: "b", values: range(0, 1, false) },
        ];
        const drawn = combinationsOf(1, { method: "random", samples, vary }, randomStream(seed));
        for (const field of [0, 1]) {
          const strata = drawn.map(({ settings }) => Math.floor(Number(settings[field]?.value) * samples));
          expect(new Set(strata).size).toBe(samples);
        }
      }),
      { seed: 1 },
    );
  });

  it("are the same for the same seed, and a field that is added moves no other", () => {
    const one = { path: "a", values: range(0, 1, false) };
    const two = { path: "b", values: range(0, 1, false) };
    const first = combinationsOf(1, { method: "random", samples: 9, vary: [one] }, randomStream(5));
    const both = combinationsOf(1, { method: "random", samples: 9, vary: [two, one] }, randomStream(5));
    expect(both.map(({ settings }) => settings[1])).toEqual(first.map(({ settings }) => settings[0]));
  });

  it("hold nothing twice, though whole numbers are drawn twice", () => {
    const vary = [{ path: "a", values: range(1, 3, true) }];
    const drawn = combinationsOf(1, { method: "random", samples: 30, vary }, randomStream(5));
    expect(drawn.map(({ settings }) => Number(settings[0]?.value)).toSorted((left, right) => left - right)).toEqual([
      1, 2, 3,
    ]);
  });
});
