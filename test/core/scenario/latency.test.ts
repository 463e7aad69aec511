import { describe, expect, it } from "vitest";
import { SquallError } from "../../../core/errors.ts";
import { latencyProfileInWords, parseLatencyProfile } from "../../../core/scenario/latency-profile-schema.ts";
import { latencyInWords, type LatencyPart, latencySchema } from "../../../core/scenario/latency-schema.ts";

const written = {
  "latency-profile": "mine",
  ttft: { median: "500ms", sigma: 0.3, "per-1k-tokens": "20ms" },
  speed: { median: 80, sigma: 0.2 },
};

const profile = {
  name: "mine",
  title: "mine",
  status: "assumed",
  source: "not said",
  ttft: {
    referencePromptTokens: 0,
    body: { medianMs: 500, sigma: 0.3 },
    tail: undefined,
    uncachedMsPer1k: 20,
    cachedMsPer1k: 0.6,
  },
  speed: { medianTokensPerSecond: 80, sigma: 0.2 },
  tokensPerEvent: 1,
  gapSigma: 0.3,
  slowdownAtLimit: 0,
};

describe("latency in a scenario", () => {
  it.each([
    ["a name", "openai-gpt-4o", { latencyProfile: "openai-gpt-4o", latencyScale: 1 }],
    ["a name and a scale", { profile: "a", scale: 2 }, { latencyProfile: "a", latencyScale: 2 }],
    [
      "what load and the hour do",
      { profile: "a", "at-limit": "30%", daily: "43%" },
      { latencyProfile: "a", latencyScale: 1, latency: { slowdownAtLimit: 0.3, dailySwing: 0.43 } },
    ],
    [
      "a file",
      { file: "./mine.yaml" },
      { latencyProfile: "./mine.yaml", latencyScale: 1, latency: { file: "./mine.yaml" } },
    ],
    ["a whole profile", { profile: written }, { latencyProfile: "mine", latencyScale: 1, latency: { profile } }],
    [
      "an engine of one's own",
      { "self-hosted": "vllm-llama-3.1-8b-h100" },
      {
        latencyProfile: "vllm-llama-3.1-8b-h100",
        latencyScale: 1,
        latency: { engine: { name: "vllm-llama-3.1-8b-h100", changes: {} } },
      },
    ],
  ])("may be %s", (_, given, part) => {
    expect(latencySchema.parse(given)).toEqual(part);
  });

  it.each([
    [{ scale: 2 }, "has no profile, file or self-hosted; needed is exactly one of profile, file and self-hosted"],
    [{ profile: "a", file: "b" }, "has profile and file; needed is exactly one of profile, file and self-hosted"],
    [
      { "self-hosted": "e", daily: "10%" },
      "has self-hosted with at-limit or daily; an engine slows down by itself, with its load",
    ],
    [3, "is 3; allowed is a latency profile, or { profile, scale }"],
    [{ profile: "a", daily: "200%" }, 'is "200%"; allowed is a share such as 90% or 0.9, at most 100%'],
  ])("cannot be %j", (given, message) => {
    expect(latencySchema.safeParse(given, { reportInput: true }).error?.message).toContain(
      JSON.stringify(message).slice(1, -1),
    );
  });

  it("is written as it is read, for programs that start a mock", () => {
    const parts: readonly LatencyPart[] = [
      { latencyProfile: "a", latencyScale: 1 },
      { latencyProfile: "a", latencyScale: 0.5, latency: { slowdownAtLimit: 0.2, dailySwing: 0.1 } },
      latencySchema.parse({ profile: written, scale: 3 }),
      latencySchema.parse({ "self-hosted": { engine: "e", "kv-tokens": "200k", sequences: 8, "prefix-cache": false } }),
      latencySchema.parse({
        "self-hosted": {
          engine: "e",
          step: {
            decode: "6.3ms",
            "per-sequence": "10us",
            "per-kv-token": "26.5ns",
            prefill: "3ms",
            "per-prompt-token": "16us",
          },
        },
      }),
    ];
    for (const part of parts) expect(latencySchema.parse(latencyInWords(part))).toEqual(part);
  });
});

describe("a latency profile's file", () => {
  it("is written as it is read, with all that a profile can say", () => {
    const whole = parseLatencyProfile(
      `
latency-profile: mine
title: My model
status: fitted
source: calls.csv
ttft: { reference-tokens: 50, floor: 100ms, median: 500ms, sigma: 0.3, per-1k-tokens: 20ms, per-1k-cached-tokens: 1ms,
        tail: { share: 3%, multiple: 6, sigma: 0.5 } }
speed: { median: 80, sigma: 0.2 }
reasoning: { median: 2k, sigma: 0.8 }
event: { tokens: 20, gap-sigma: 0.5 }
at-limit: 0.15
`,
      "mine.yaml",
    );
    expect(whole.ttft).toEqual({
      referencePromptTokens: 50,
      floorMs: 100,
      body: { medianMs: 500, sigma: 0.3 },
      tail: { weight: 0.03, multiple: 6, sigma: 0.5 },
      uncachedMsPer1k: 20,
      cachedMsPer1k: 1,
    });
    expect(whole).toMatchObject({ reasoning: { medianTokens: 2_000, sigma: 0.8 }, tokensPerEvent: 20, gapSigma: 0.5 });
    expect(parseLatencyProfile(JSON.stringify(latencyProfileInWords(whole)), "again.json")).toEqual(whole);
  });

  it("tells all that is wrong with it, with lines", () => {
    const text =
      "latency-profile: a b\nttft:\n  median: soon\n  sigma: -1\n  per-1k-tokens: 2ms\nevent: { gap-sigma: 0.6 }\n";
    try {
      parseLatencyProfile(text, "mine.yaml");
      expect.unreachable();
    } catch (cause) {
      if (!(cause instanceof SquallError)) throw cause;
      expect(cause.code).toBe("latency-profile-invalid");
      expect(cause.problems.map(({ path, line }) => `${line} ${path}`)).toEqual([
        "1 latency-profile",
        "3 ttft.median",
        "4 ttft.sigma",
        "6 event.gap-sigma",
      ]);
    }
  });
});
