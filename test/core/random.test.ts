import { describe, expect, it } from "vitest";
import { randomStream, type RandomStream, uniformAt } from "../../core/random.ts";

const samples = 100_000;

function draws(count: number, draw: () => number): Float64Array {
  return Float64Array.from({ length: count }, draw);
}

function mean(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Pearson's correlation. Of independent samples it is within 4 / sqrt(n) in all but one of 16,000 cases. */
function correlation(left: Float64Array, right: Float64Array): number {
  const [meanLeft, meanRight] = [mean(left), mean(right)];
  let [both, varianceLeft, varianceRight] = [0, 0, 0];
  left.forEach((value, index) => {
    const [a, b] = [value - meanLeft, (right[index] ?? 0) - meanRight];
    both += a * b;
    varianceLeft += a * a;
    varianceRight += b * b;
  });
  return both / Math.sqrt(varianceLeft * varianceRight);
}

/** Chi-square over equal bins of [0, 1), as a number of standard deviations from its mean. */
function uniformityZ(values: Float64Array, bins: number): number {
  const counts = new Uint32Array(bins);
  for (const value of values) counts[Math.floor(value * bins)] = (counts[Math.floor(value * bins)] ?? 0) + 1;
  const expected = values.length / bins;
  const chiSquare = counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
  return (chiSquare - (bins - 1)) / Math.sqrt(2 * (bins - 1));
}

const limit = 4 / Math.sqrt(samples);

describe("a random stream", () => {
  it("gives the same numbers for the same names for ever", () => {
    const stream = randomStream(7).split("latency").split("u3.s0.t2");
    expect([stream.uniform(), stream.uniform(), stream.integer(1000)]).toEqual([
      0.9266088206786451, 0.9143851737551478, 174,
    ]);
    expect([stream.normal(), stream.normal(), stream.exponential()]).toEqual([
      -0.10353317125882398, 0.10866036092281411, 0.9256470342258334,
    ]);
    expect(randomStream("seed").uniform()).toBe(0.333582370561776);
    expect([uniformAt(12_345, 0), uniformAt(12_345, 1_000)]).toEqual([0.6239717318676412, 0.9018280210439116]);
  });

  it("is named, not positioned: draws before a split do not change the child", () => {
    const [fresh, used] = [randomStream(1), randomStream(1)];
    for (let draw = 0; draw < 10; draw++) used.normal();
    expect(used.split("child").uniform()).toBe(fresh.split("child").uniform());
  });

  it("is not changed by splitting it", () => {
    const [alone, parent] = [randomStream(1), randomStream(1)];
    alone.uniform();
    parent.uniform();
    parent.split("child").uniform();
    expect(parent.uniform()).toBe(alone.uniform());
  });

  it("can be visited below itself: the same draws as of a split, whatever was drawn on the visit before", () => {
    const parent = randomStream(1);
    const drawsOf = (stream: RandomStream): readonly number[] => [stream.uniform(), stream.normal(), stream.integer(9)];
    for (const [name, below] of [
      ["a", undefined],
      ["a", 1],
      ["b", 2],
      [7, undefined],
    ] as const) {
      expect(drawsOf(parent.visit(name, below))).toEqual(drawsOf(parent.split(name, below)));
    }
    expect(parent.visit("a")).toBe(parent.visit("b"));
  });

  it("tells paths apart that spell the same letters", () => {
    const root = randomStream(1);
    const paths: readonly RandomStream[] = [
      root.split("ab"),
      root.split("a").split("b"),
      root.split("ba"),
      root.split("b").split("a"),
      root.split(""),
      root.split("a").split(""),
      root.split(1),
      root.split("1"),
      root,
      randomStream(2),
    ];
    expect(new Set(paths.map((stream) => stream.uniform())).size).toBe(paths.length);
  });

  it("gives a hundred thousand keys a hundred thousand streams, whose first draws are uniform", () => {
    const parent = randomStream(3).split("input");
    const firsts = Float64Array.from({ length: samples }, (_, index) => parent.split(`a${index}`).uniform());
    expect(new Set(firsts).size).toBe(samples);
    expect(Math.abs(uniformityZ(firsts, 100))).toBeLessThan(4);
    expect(Math.abs(correlation(firsts.subarray(0, -1), firsts.subarray(1)))).toBeLessThan(limit);
  });

  it.each([
    ["siblings", randomStream(5).split("input"), randomStream(5).split("output")],
    ["neighbouring keys", randomStream(5).split("a1"), randomStream(5).split("a2")],
    ["neighbouring seeds", randomStream(5), randomStream(6)],
    ["parent and child", randomStream(5), randomStream(5).split("child")],
  ])("is independent of its %s", (_, left, right) => {
    const [first, second] = [draws(samples, () => left.uniform()), draws(samples, () => right.uniform())];
    expect(Math.abs(correlation(first, second))).toBeLessThan(limit);
    expect(Math.abs(correlation(first.subarray(0, -1), second.subarray(1)))).toBeLessThan(limit);
  });

  it("draws uniform numbers on [0, 1) that do not depend on the one before", () => {
    const stream = randomStream(8);
    const values = draws(samples, () => stream.uniform());
    expect(Math.min(...values.subarray(0, 50_000))).toBeGreaterThanOrEqual(0);
    expect(values.every((value) => value < 1)).toBe(true);
    expect(Math.abs(uniformityZ(values, 256))).toBeLessThan(4);
    expect(Math.abs(correlation(values.subarray(0, -1), values.subarray(1)))).toBeLessThan(limit);
  });

  it("draws whole numbers below the bound, each as often as the others", () => {
    const stream = randomStream(9);
    const values = draws(samples, () => stream.integer(7));
    expect(new Set(values)).toEqual(new Set([0, 1, 2, 3, 4, 5, 6]));
    expect(
      Math.abs(
        uniformityZ(
          values.map((value) => (value + 0.5) / 7),
          7,
        ),
      ),
    ).toBeLessThan(4);
    expect(draws(1_000, () => stream.integer(2 ** 32)).every((value) => value < 2 ** 32)).toBe(true);
  });

  it("addresses independent uniforms by index", () => {
    const values = Float64Array.from({ length: samples }, (_, index) => uniformAt(-7, index));
    expect(Math.abs(uniformityZ(values, 100))).toBeLessThan(4);
    expect(Math.abs(correlation(values.subarray(0, -1), values.subarray(1)))).toBeLessThan(limit);
  });
});
