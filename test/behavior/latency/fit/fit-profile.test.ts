import { describe, expect, it } from "vitest";
import { fitProfile } from "../../../../behavior/latency/fit/fit-profile.ts";
import { robustSlope } from "../../../../behavior/latency/fit/robust-slope.ts";
import { sampleCollector } from "../../../../behavior/latency/fit/sample.ts";
import { latencyModel } from "../../../../behavior/latency/model.ts";
import { latencyProfile } from "../../../../behavior/latency/profiles.ts";
import { SquallError } from "../../../../core/errors.ts";
import { randomStream } from "../../../../core/random.ts";
import { latencyProfileInWords, parseLatencyProfile } from "../../../../core/scenario/latency-profile-schema.ts";
import type { LatencyProfile } from "../../../../core/scenario/latency-spec.ts";

const gpt4o = latencyProfile("openai-gpt-4o");

describe("a profile fitted to calls that were drawn from a known one", () => {
  const fit = fitTo({ ...gpt4o, ttft: { ...gpt4o.ttft, referencePromptTokens: 0 } }, 6_000);
  const { profile } = fit;

  it("has its prompt slope, although 3 % of the calls are six times as slow", () => {
    expect(profile.ttft.uncachedMsPer1k / gpt4o.ttft.uncachedMsPer1k).toBeCloseTo(1, 1);
  });

  it("has its body and its slow population", () => {
    const { ttft } = gpt4o;
    expect(within(profile.ttft.body.medianMs + (profile.ttft.floorMs ?? 0), ttft.body.medianMs, 0.05)).toBe(true);
    expect(within(profile.ttft.body.sigma, ttft.body.sigma, 0.1)).toBe(true);
    expect(within(profile.ttft.tail?.weight ?? 0, ttft.tail?.weight ?? 0, 0.25)).toBe(true);
    expect(within(profile.ttft.tail?.multiple ?? 0, ttft.tail?.multiple ?? 0, 0.2)).toBe(true);
  });

  it("has its speed and how that varies", () => {
    expect(within(profile.speed?.medianTokensPerSecond ?? 0, 131, 0.02)).toBe(true);
    expect(within(profile.speed?.sigma ?? 0, 0.25, 0.05)).toBe(true);
  });

  it("says how well it fits: a small distance, and quantiles within 5 % up to the 95th, 15 % at the 99th", () => {
    expect(fit.calls).toBe(6_000);
    expect(fit.ttft.ks).toBeLessThan(0.02);
    expect(fit.ttft.quantiles.map(({ share }) => share)).toEqual([0.05, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99]);
    for (const { share, observed, fitted } of fit.ttft.quantiles) {
      expect(within(fitted, observed, share < 0.99 ? 0.05 : 0.15), `p${share * 100}`).toBe(true);
    }
  });

  it("is called fitted, with the number of calls, and survives being written to a file", () => {
    expect(profile.status).toBe("fitted");
    expect(profile.source).toMatch(/^calls\.csv, 6,000 calls; .*two lognormals$/);
    expect(parseLatencyProfile(JSON.stringify(latencyProfileInWords(profile)), "mine.json")).toEqual(profile);
  });
});

describe("fitting", () => {
  it("takes one lognormal where there is no slow population", () => {
    const { profile, families } = fitTo({ ...gpt4o, ttft: { ...gpt4o.ttft, tail: undefined } }, 2_000);
    expect(families[0]?.family).toMatch(/lognormal$/);
    expect(profile.ttft.tail).toBeUndefined();
  });

  it("finds a floor that no call is faster than", () => {
    const floored = { ...gpt4o.ttft, floorMs: 400, body: { medianMs: 100, sigma: 0.8 }, tail: undefined };
    const { profile } = fitTo({ ...gpt4o, ttft: floored }, 3_000, () => 100);
    expect(profile.ttft.floorMs).toBeGreaterThan(350);
    expect(profile.ttft.floorMs).toBeLessThan(410);
  });

  it("does not make a slope up where prompts are all alike, and says so", () => {
    const { profile, notes } = fitTo(gpt4o, 300, () => 100);
    expect(profile.ttft).toMatchObject({ uncachedMsPer1k: 0, referencePromptTokens: 100 });
    expect(notes.join("\n")).toContain("no prompt slope: 80 % of the prompts have from 100 to 100 uncached tokens");
  });

  it("measures tokens per event and the scatter of gaps where the log has them", () => {
    const collector = sampleCollector(undefined);
    for (let index = 0; index < 200; index++) {
      const call = { inputTokens: 10, outputTokens: 200, ttftMs: 100 + index, totalMs: 2_000 + index };
      collector.add({ ...call, events: 10, gapSigma: 0.2 });
    }
    const { profile } = fitProfile(collector.finish(), { name: "x", source: "x" });
    expect(profile).toMatchObject({ tokensPerEvent: 20, gapSigma: 0.2 });
  });

  it("warns that a 99th percentile needs a thousand calls", () => {
    expect(fitTo(gpt4o, 999).notes.join("\n")).toContain("the 99th percentile is a guess: it needs 1000 calls");
    expect(fitTo(gpt4o, 1_000).notes.join("\n")).not.toContain("guess");
  });

  it("refuses fewer than a hundred calls and says what was left out and what is needed", () => {
    const collector = sampleCollector(undefined);
    const call = { inputTokens: 10, outputTokens: 20, ttftMs: 500, totalMs: 900 };
    for (let index = 0; index < 99; index++) collector.add(call);
    collector.add({ ...call, ttftMs: undefined });
    const error = thrownBy(() => fitProfile(collector.finish(), { name: "x", source: "few.csv" }));
    expect(error.message).toBe(
      "few.csv has 99 calls that can be used; needed are 100 or more (left out: 1 no time to first token)",
    );
    expect(error.hint).toContain("time to first token, total time");
  });
});

describe("the robust slope", () => {
  it("is that of the line, whatever a quarter of the points do", () => {
    const points = Array.from({ length: 40 }, (_, x) => ({ x, y: x % 4 === 0 ? 1_000 : 5 + 3 * x }));
    expect(robustSlope(points)).toBeCloseTo(3, 0);
  });

  it("is the same with long pairs only, beyond a thousand points", () => {
    const random = randomStream(3);
    const points = Array.from({ length: 5_000 }, (_, x) => ({ x, y: 7 * x + 100 * random.normal() }));
    expect(robustSlope(points)).toBeCloseTo(7, 1);
  });

  it("is unknown where nothing differs", () => {
    expect(robustSlope([{ x: 1, y: 1 }, { x: 1, y: 2 }])).toBeUndefined(); // oxfmt-ignore
  });
});

function fitTo(
  profile: LatencyProfile,
  calls: number,
  promptOf = (uniform: number): number => Math.round(20_000 * uniform),
) {
  const model = latencyModel(profile);
  const root = randomStream(20_261_121);
  const collector = sampleCollector(undefined);
  for (let index = 0; index < calls; index++) {
    const random = root.split(index);
    const inputTokens = promptOf(random.uniform());
    const outputTokens = 50 + Math.floor(400 * random.uniform());
    const ask = { inputTokens, cachedTokens: 0, outputTokens, factor: 1 };
    const { ttftMs, totalMs } = model.time(random.split("call"), ask);
    collector.add({ inputTokens, outputTokens, ttftMs, totalMs });
  }
  return fitProfile(collector.finish(), { name: "mine", source: "calls.csv" });
}

function within(value: number, wanted: number, share: number): boolean {
  return Math.abs(value / wanted - 1) <= share;
}

function thrownBy(attempt: () => unknown): SquallError {
  try {
    attempt();
  } catch (cause) {
    if (cause instanceof SquallError) return cause;
    throw cause;
  }
  throw new Error("nothing was thrown");
}
