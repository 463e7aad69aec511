import { describe, expect, it } from "vitest";
import { latencyModel } from "../../../behavior/latency/model.ts";
import { latencyProfile, latencyProfileNames, latencyProfiles } from "../../../behavior/latency/profiles.ts";
import { SquallError } from "../../../core/errors.ts";
import { randomStream } from "../../../core/random.ts";

/** What each profile's parameters give at its reference prompt, in ms (compiled 2026-11 with the profiles). */
const expected: readonly (readonly [name: string, p50: number, p95: number, p99: number])[] = [
  ["openai-gpt-4o", 639, 1_164, 4_703],
  ["openai-gpt-4o-mini", 536, 851, 4_264],
  ["openai-gpt-4.1", 726, 1_221, 1_930],
  ["openai-o3", 23_100, 91_000, 162_000],
  ["anthropic-claude-haiku-4.5", 541, 1_440, 4_014],
  ["anthropic-claude-sonnet-4.6", 941, 2_927, 4_685],
  ["anthropic-claude-opus-4.6", 1_626, 2_508, 3_815],
  ["google-gemini-2.5-flash", 477, 802, 1_268],
  ["azure-openai-standard", 1_247, 2_505, 9_154],
  ["azure-openai-provisioned", 580, 755, 842],
  ["bedrock-claude-on-demand", 1_235, 1_990, 2_425],
];

describe("latency profiles", () => {
  it("are all held to their published percentiles, except the instant one", () => {
    expect(["instant", ...expected.map(([name]) => name)]).toEqual(latencyProfileNames);
  });

  it.each(expected)("%s reproduces its time to first token over 100,000 draws", (name, p50, p95, p99) => {
    const profile = latencyProfile(name);
    const model = latencyModel(profile);
    const inputTokens = profile.ttft.referencePromptTokens;
    const root = randomStream(20_261_121);
    const drawn = Float64Array.from({ length: 100_000 }, (_, index) => {
      return model.time(root.split(index), { inputTokens, cachedTokens: 0, outputTokens: 1, factor: 1 }).ttftMs;
    }).sort();
    expect(errorOf(drawn, 0.5, p50), "p50").toBeLessThan(0.02);
    expect(errorOf(drawn, 0.95, p95), "p95").toBeLessThan(0.02);
    expect(errorOf(drawn, 0.99, p99), "p99").toBeLessThan(0.1);
  });

  it("say how far to trust them and where they come from", () => {
    for (const profile of Object.values(latencyProfiles)) {
      expect(profile.source.length).toBeGreaterThan(10);
      if (profile.name !== "instant") expect(profile.source, profile.name).toMatch(/20\d\d.*Assumed: /);
    }
  });

  it("slow down near the limit where capacity is shared, and not where it is provisioned", () => {
    expect(latencyProfile("openai-gpt-4o").slowdownAtLimit).toBe(0.15);
    expect(latencyProfile("azure-openai-provisioned").slowdownAtLimit).toBe(0);
  });

  it("are named in the error when a name is unknown", () => {
    expect(() => latencyProfile("gpt-5")).toThrow(SquallError);
    expect(() => latencyProfile("gpt-5")).toThrow(/"gpt-5"; allowed are instant, openai-gpt-4o,/);
    expect(() => latencyProfile("toString")).toThrow(SquallError);
  });
});

function errorOf(sorted: Float64Array, share: number, wanted: number): number {
  return Math.abs((sorted[Math.floor(share * sorted.length)] ?? Number.NaN) / wanted - 1);
}
