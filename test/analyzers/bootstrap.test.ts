import { describe, expect, it } from "vitest";
import { type Pair, percentileRatio } from "../../analyzers/bootstrap.ts";
import { randomStream } from "../../core/random.ts";

/** 24 conversations of 5 turns; the second side is 20 % slower, give or take 2 %. Written alike for SciPy. */
const pairs: readonly Pair[] = Array.from({ length: 24 * 5 }, (_, index) => {
  const session = Math.floor(index / 5);
  const turn = index % 5;
  const before = 100 + ((17 * session + 31 * turn) % 97) + 3 * session;
  return { block: `s${session}`, before, after: before * (1.2 + 0.02 * Math.sin(3 * session + turn)) };
});

describe("percentileRatio", () => {
  it("gives the ratio of the percentiles that NumPy gives", () => {
    // numpy.percentile(after, 95) / numpy.percentile(before, 95), NumPy 2.4.6.
    expect(percentileRatio(pairs, 0.95, randomStream(1))?.ratio).toBeCloseTo(1.1931143119970502, 12);
  });

  it("gives SciPy's percentile interval over blocks, within the noise of the draws", () => {
    // scipy.stats.bootstrap over the 24 blocks, method="percentile", 20,000 draws, SciPy 1.17.1: (1.18428, 1.21850).
    const interval = percentileRatio(pairs, 0.95, randomStream(1), 20_000)?.interval ?? [0, 0];
    expect(Math.abs(interval[0] - 1.184275)).toBeLessThan(0.0015);
    expect(Math.abs(interval[1] - 1.2185)).toBeLessThan(0.0015);
  });

  it("gives the same interval for the same stream, and about the same for another", () => {
    const first = percentileRatio(pairs, 0.95, randomStream(1))?.interval ?? [0, 0];
    expect(percentileRatio(pairs, 0.95, randomStream(1))?.interval).toEqual(first);
    const other = percentileRatio(pairs, 0.95, randomStream(2))?.interval ?? [0, 0];
    expect(Math.abs(other[0] - first[0])).toBeLessThan(0.01);
  });

  it("draws whole blocks: values that only differ between blocks give a wider interval than if they were independent", () => {
    const clustered = Array.from({ length: 100 }, (_, index) => {
      const session = Math.floor(index / 10);
      return { block: `s${session}`, before: 100, after: 100 + 10 * session };
    });
    const independent = clustered.map((pair, index) => ({ ...pair, block: `r${index}` }));
    const width = (of: readonly Pair[]): number => {
      const [low, high] = percentileRatio(of, 0.5, randomStream(3))?.interval ?? [0, 0];
      return high - low;
    };
    expect(width(clustered)).toBeGreaterThan(1.5 * width(independent));
  });

  it("keeps both sides of a pair together: one common factor on each block leaves no uncertainty", () => {
    const scaled = pairs.map((pair, index) => ({ ...pair, after: pair.before * 1.1, block: `b${index}` }));
    const estimate = percentileRatio(scaled, 0.95, randomStream(4));
    expect(estimate?.interval[0]).toBeCloseTo(1.1, 12);
    expect(estimate?.interval[1]).toBeCloseTo(1.1, 12);
  });

  it("has no ratio without pairs or over a baseline of zero", () => {
    expect(percentileRatio([], 0.95, randomStream(1))).toBeUndefined();
    expect(percentileRatio([{ block: "a", before: 0, after: 1 }], 0.5, randomStream(1))).toBeUndefined();
  });
});
