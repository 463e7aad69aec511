import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { DrawnAnswer } from "../../../behavior/latency/drawn-answer.ts";
import { dailyFactor, type LatencyAsk, latencyModel, loadFactor } from "../../../behavior/latency/model.ts";
import type { LatencyProfile } from "../../../core/scenario/latency-spec.ts";
import { latencyProfile, latencyProfileNames } from "../../../behavior/latency/profiles.ts";
import { InvariantError } from "../../../core/invariant.ts";
import { randomStream } from "../../../core/random.ts";

const gpt4o = latencyProfile("openai-gpt-4o");
const short: LatencyAsk = { inputTokens: 50, cachedTokens: 0, outputTokens: 200, factor: 1 };

/** No chance at all: TTFT 100 ms, 100 tokens per second. */
const steady: LatencyProfile = {
  ...gpt4o,
  ttft: { ...gpt4o.ttft, body: { medianMs: 100, sigma: 0 }, tail: undefined },
  speed: { medianTokensPerSecond: 100, sigma: 0 },
  gapSigma: 0,
};

describe("a drawn answer", () => {
  it.each([
    { why: "a short prompt costs nothing extra", ask: {}, ttftMs: 100, totalMs: 2_090, chunks: 200 },
    { why: "1,000 uncached tokens above the reference cost the slope", ask: { inputTokens: 1_050 }, ttftMs: 120 },
    { why: "cached tokens cost 3 % of it", ask: { inputTokens: 1_050, cachedTokens: 1_000 }, ttftMs: 100.6 },
    { why: "a prompt below the reference is not cheaper", ask: { inputTokens: 1 }, ttftMs: 100 },
    { why: "the factor multiplies everything", ask: { factor: 3 }, ttftMs: 300, totalMs: 6_270 },
    { why: "a factor of 0 answers at once", ask: { factor: 0 }, ttftMs: 0, totalMs: 0, chunks: 200 },
    { why: "one token ends with the first event", ask: { outputTokens: 1 }, totalMs: 100, chunks: 1 },
    { why: "no token is no event", ask: { outputTokens: 0 }, ttftMs: 100, totalMs: 100, chunks: 0 },
  ])("$why", ({ ask, ttftMs, totalMs, chunks }) => {
    const timing = latencyModel(steady).time(randomStream(1), { ...short, ...ask });
    if (ttftMs !== undefined) expect(timing.ttftMs).toBeCloseTo(ttftMs, 9);
    if (totalMs !== undefined) expect(timing.totalMs).toBeCloseTo(totalMs, 9);
    if (chunks !== undefined) expect(timing.chunks).toBe(chunks);
  });

  it("packs as many tokens into an event as the profile says, and takes no longer for it", () => {
    const { chunks, totalMs, ttftMs } = latencyModel({ ...steady, tokensPerEvent: 20 }).time(randomStream(1), {
      ...short,
      outputTokens: 101,
    });
    expect(chunks).toBe(6);
    expect(totalMs - ttftMs).toBeCloseTo((101 - 20) * 10, 9);
  });

  it("keeps its events in order, from the first token to the end, for every profile", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...latencyProfileNames),
        fc.integer(),
        fc.integer({ min: 1, max: 500 }),
        (name, seed, outputTokens) => {
          const timing = latencyModel(latencyProfile(name)).time(randomStream(seed), { ...short, outputTokens });
          const times = timesOf(timing);
          expect(times[0]).toBe(timing.ttftMs);
          expect(times.at(-1)).toBe(timing.totalMs);
          for (const [index, timeMs] of times.entries()) {
            expect(timeMs).toBeGreaterThanOrEqual(times[index - 1] ?? timing.ttftMs);
          }
        },
      ),
      { seed: 20_261_121 },
    );
  });

  it("can be asked for any event, in any order, and answers the same", () => {
    const timing = latencyModel(gpt4o).time(randomStream(5), short);
    const forwards = timesOf(timing);
    const backwards = [...forwards.keys()].reverse().map((index) => timing.chunkAtMs(index));
    expect(backwards.reverse()).toEqual(forwards);
  });

  it.each([0.3, 0.5])("spreads its gaps by %d of their mean", (gapSigma) => {
    const timing = latencyModel({ ...steady, gapSigma }).time(randomStream(11), { ...short, outputTokens: 50_001 });
    const times = timesOf(timing);
    const gaps = times.slice(1).map((timeMs, index) => timeMs - (times[index] ?? 0));
    const mean = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length;
    const variance = gaps.reduce((sum, gap) => sum + (gap - mean) ** 2, 0) / gaps.length;
    expect(mean).toBeCloseTo(10, 9);
    expect(Math.abs(Math.sqrt(variance) / mean / gapSigma - 1)).toBeLessThan(0.02);
  });

  it("differs between streams and repeats within one", () => {
    const model = latencyModel(gpt4o);
    const times = (seed: number): readonly number[] => timesOf(model.time(randomStream(seed), short));
    expect(times(1)).toEqual(times(1));
    expect(times(1)).not.toEqual(times(2));
  });

  it("draws the same tail for the same stream, whatever is asked", () => {
    const model = latencyModel(gpt4o);
    const brief = model.time(randomStream(3), { ...short, outputTokens: 1 });
    const long = model.time(randomStream(3), { ...short, outputTokens: 4_000, factor: 2 });
    expect(long.ttftMs).toBeCloseTo(2 * brief.ttftMs, 9);
  });
});

describe("a model that reasons", () => {
  const thinking: LatencyProfile = { ...steady, reasoning: { medianTokens: 50, sigma: 0 } };

  it("shows its first token after its hidden ones, at the speed of the answer", () => {
    const plain = latencyModel(steady).time(randomStream(1), short);
    const timing = latencyModel(thinking).time(randomStream(1), short);
    expect(timing.ttftMs - plain.ttftMs).toBeCloseTo(50 * 10, 9);
    expect(timing.totalMs - timing.ttftMs).toBeCloseTo(plain.totalMs - plain.ttftMs, 9);
  });

  it("leaves every other draw as it was", () => {
    const [plain, timing] = [gpt4o, { ...gpt4o, reasoning: { medianTokens: 100, sigma: 1 } }].map((profile) =>
      timesOf(latencyModel(profile).time(randomStream(7), short)),
    );
    expect((timing ?? []).map((timeMs) => timeMs - (timing?.[0] ?? 0))).toEqual(
      (plain ?? []).map((timeMs) => expect.closeTo(timeMs - (plain?.[0] ?? 0), 6)),
    );
  });
});

describe("a floor", () => {
  it("comes on top of what is drawn", () => {
    const floored = { ...steady, ttft: { ...steady.ttft, floorMs: 123 } };
    const [plain, raised] = [steady, floored].map(
      (profile) => latencyModel(profile).time(randomStream(1), short).ttftMs,
    );
    expect((raised ?? 0) - (plain ?? 0)).toBeCloseTo(123, 9);
    expect(latencyModel(floored).meanTtftMs(short) - latencyModel(steady).meanTtftMs(short)).toBeCloseTo(123, 9);
  });
});

describe("the slowdown by the hour", () => {
  it.each([
    [9, 1.43],
    [15, 1.215],
    [21, 1],
    [27, 1.215],
    [33, 1.43],
  ])("at %d:00 in California is %d of a swing of 0.43", (hour, factor) => {
    expect(dailyFactor(0.43, hour * 3_600_000)).toBeCloseTo(factor, 12);
  });
});

describe("exact expectations", () => {
  it.each(latencyProfileNames)("%s: the mean of 40,000 draws is within 5 standard errors of them", (name) => {
    const model = latencyModel(latencyProfile(name));
    const ask = { inputTokens: 3_000, cachedTokens: 1_024, outputTokens: 300, factor: 1.5 };
    const root = randomStream(20_261_121);
    const drawn = Array.from({ length: 40_000 }, (_, index) => model.time(root.split(index), ask));
    expectMean(
      drawn.map((timing) => timing.ttftMs),
      model.meanTtftMs(ask),
    );
    expectMean(
      drawn.map((timing) => timing.totalMs),
      model.meanTotalMs(ask),
    );
  });
});

describe("slowdown under load", () => {
  it("grows with the square of the share in use, up to the profile's own figure", () => {
    expect(loadFactor(gpt4o, 0)).toBe(1);
    expect(loadFactor(gpt4o, 0.5)).toBeCloseTo(1.0375, 12);
    expect(loadFactor(gpt4o, 1)).toBeCloseTo(1.15, 12);
    expect(loadFactor(latencyProfile("azure-openai-provisioned"), 1)).toBe(1);
  });
});

describe("a profile that cannot be played", () => {
  it("is refused: events would overtake each other, or hold less than a token", () => {
    expect(() => latencyModel({ ...steady, gapSigma: 0.51 })).toThrow(InvariantError);
    expect(() => latencyModel({ ...steady, tokensPerEvent: 0 })).toThrow(InvariantError);
  });
});

function timesOf(timing: DrawnAnswer): number[] {
  return Array.from({ length: timing.chunks }, (_, index) => timing.chunkAtMs(index));
}

function expectMean(values: readonly number[], wanted: number): void {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1);
  expect(Math.abs(mean - wanted)).toBeLessThanOrEqual(5 * Math.sqrt(variance / values.length));
}
