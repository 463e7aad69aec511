import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { arrivalTimes, expectedArrivals } from "../../../behavior/traffic/arrivals.ts";
import { randomStream } from "../../../core/random.ts";
import type { ArrivalSegment } from "../../../core/scenario/traffic-spec.ts";
import { parseRate } from "../../../core/units.ts";

const steady = (perSecond: number, seconds: number, process: ArrivalSegment["process"] = "constant"): ArrivalSegment =>
  ramp(perSecond, perSecond, seconds, process);

function ramp(
  fromPerSecond: number,
  toPerSecond: number,
  seconds: number,
  process: ArrivalSegment["process"] = "constant",
): ArrivalSegment {
  const [fromPerMs = 0, toPerMs = 0] = [fromPerSecond, toPerSecond].map((perSecond) => parseRate(`${perSecond}/s`));
  return { forMs: seconds * 1_000, fromPerMs, toPerMs, process };
}

function times(segments: readonly ArrivalSegment[], seed = 1): readonly number[] {
  return [...arrivalTimes(segments, randomStream(seed))];
}

/** Kolmogorov-Smirnov distance of samples from a law on [0, 1], times sqrt(n); above 1.95 once in a thousand. */
function kolmogorov(samples: readonly number[], law: (x: number) => number): number {
  const sorted = samples.toSorted((left, right) => left - right);
  const gaps = sorted.map((x, index) => Math.max(law(x) - index / sorted.length, (index + 1) / sorted.length - law(x)));
  return Math.max(...gaps) * Math.sqrt(sorted.length);
}

describe("constant arrivals", () => {
  it("come at equal distances, the first at once and none at the end", () => {
    expect(times([steady(4, 1)])).toEqual([0, 250, 500, 750]);
  });

  it("keep their distance across segments, fractions of a request included", () => {
    expect(times([steady(0.5, 1), steady(0.5, 1), steady(0.5, 3)])).toEqual([0, 2_000, 4_000]);
    expect(times([steady(10, 0.25), steady(2, 2)])).toEqual([0, 100, 200, 500, 1_000, 1_500, 2_000]);
  });

  it("fill a ramp so that the n-th comes when n are expected", () => {
    // From 0 to 2 a second in 4 s, t^2 / 4 arrivals are expected by second t, so the n-th is due at 2 sqrt(n) seconds.
    expect(times([ramp(0, 2, 4)])).toEqual([0, 1, 2, 3].map((n) => expect.closeTo(2_000 * Math.sqrt(n), 6)));
  });

  it.each([
    ["a steady rate", [steady(20, 300)], 6_000],
    ["a rate that is not exact in binary", [steady(0.1, 300)], 30],
    ["a rate that comes out a trace too high in binary", [steady(0.9, 30)], 27],
    ["a ramp up", [ramp(20, 200, 120)], 13_200],
    ["a ramp down to nothing", [ramp(50, 0, 10)], 250],
    ["a pause", [steady(10, 1), steady(0, 5), steady(10, 1)], 20],
    ["three stretches", [steady(20, 30), ramp(20, 200, 30), steady(200, 30)], 9_900],
    ["no rate at all", [steady(0, 10)], 0],
  ])("are as many as expected: %s", (_, segments, expected) => {
    expect(times(segments)).toHaveLength(expected);
    expect(segments.reduce((sum, segment) => sum + expectedArrivals(segment), 0)).toBeCloseTo(expected, 6);
  });
});

describe("Poisson arrivals", () => {
  it("have exponential gaps: no clock can tell when the next one comes", () => {
    const instants = times([steady(50, 400, "poisson")]);
    const gaps = instants.slice(1).map((atMs, index) => atMs - (instants[index] ?? 0));
    expect(kolmogorov(gaps, (gapMs) => 1 - Math.exp(-gapMs / 20))).toBeLessThan(1.95);
  });

  it("have counts whose variance is their mean", () => {
    const counts = new Float64Array(2_000);
    for (const atMs of times([steady(10, 2_000, "poisson")])) {
      const second = Math.floor(atMs / 1_000);
      counts[second] = (counts[second] ?? 0) + 1;
    }
    const mean = counts.reduce((sum, count) => sum + count, 0) / counts.length;
    const variance = counts.reduce((sum, count) => sum + (count - mean) ** 2, 0) / (counts.length - 1);
    // Standard errors: sqrt(10 / 2000) of the mean, about sqrt(2 / 2000) of the ratio.
    expect(Math.abs(mean - 10)).toBeLessThan(4 * 0.071);
    expect(Math.abs(variance / mean - 1)).toBeLessThan(4 * 0.032);
  });

  it("follow a ramp exactly: seen on the axis of expected arrivals they are uniform", () => {
    const segment = ramp(5, 60, 600, "poisson");
    const { fromPerMs, toPerMs, forMs } = segment;
    const slope = (toPerMs - fromPerMs) / forMs;
    const instants = times([segment]);
    const total = expectedArrivals(segment);
    expect(Math.abs(instants.length - total)).toBeLessThan(4 * Math.sqrt(total));
    const byNow = (atMs: number): number => (fromPerMs * atMs + (slope * atMs * atMs) / 2) / total;
    expect(kolmogorov(instants, byNow)).toBeLessThan(1.95);
  });

  it("are one process across a border between two equal rates", () => {
    const cut = times([steady(20, 50, "poisson"), steady(20, 50, "poisson")], 5);
    const whole = times([steady(20, 100, "poisson")], 5);
    expect(cut).toHaveLength(whole.length);
    expect(Math.max(...cut.map((atMs, index) => Math.abs(atMs - (whole[index] ?? 0))))).toBeLessThan(1e-6);
  });

  it("spend one draw per arrival", () => {
    const random = randomStream(6);
    let drawn = 0;
    const counting = { ...random, exponential: () => (drawn++, random.exponential()) };
    const count = [...arrivalTimes([ramp(0, 40, 100, "poisson")], counting)].length;
    expect(drawn).toBe(count + 1);
  });
});

it("arrivals never run backwards and never leave their segments", () => {
  const segment = fc.record({
    forMs: fc.double({ min: 0.01, max: 20_000, noNaN: true }),
    fromPerMs: fc.double({ min: 0, max: 0.05, noNaN: true }),
    toPerMs: fc.double({ min: 0, max: 0.05, noNaN: true }),
    process: fc.constantFrom<ArrivalSegment["process"]>("constant", "poisson"),
  });
  fc.assert(
    fc.property(fc.array(segment, { minLength: 1, maxLength: 4 }), fc.nat(), (segments, seed) => {
      const instants = times(segments, seed);
      const lengthMs = segments.reduce((sum, each) => sum + each.forMs, 0);
      instants.forEach((atMs, index) => {
        expect(atMs).toBeGreaterThanOrEqual(instants[index - 1] ?? 0);
        expect(atMs).toBeLessThanOrEqual(lengthMs);
      });
    }),
    { seed: 1 },
  );
});
