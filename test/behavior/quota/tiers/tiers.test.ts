import { describe, expect, it } from "vitest";
import { quotaTiers, tiers } from "../../../../behavior/quota/tiers/tiers.ts";

describe("published tiers", () => {
  it.each([
    ["openai-launch", "gpt-6.1-sol", { requestsPerMinute: 10_000, tokensPerMinute: 4_000_000 }],
    ["openai-tier-1", "gpt-4o-2024-11-20", { requestsPerMinute: 500, tokensPerMinute: 30_000 }],
    ["openai-tier-1", "gpt-4o-mini", { requestsPerMinute: 500, tokensPerMinute: 200_000, requestsPerDay: 10_000 }],
    [
      "anthropic-scale",
      "claude-haiku-4-5-20251001",
      { requestsPerMinute: 10_000, inputTokensPerMinute: 10_000_000, outputTokensPerMinute: 2_000_000 },
    ],
    [
      "anthropic-tier-2",
      "claude-opus-4-8",
      {
        requestsPerMinute: 1_000,
        inputTokensPerMinute: 2_000_000,
        outputTokensPerMinute: 200_000,
        limitFamily: "claude-opus-4",
      },
    ],
    ["azure-tier-3", "gpt-5-mini", { requestsPerMinute: 4_000, tokensPerMinute: 4_000_000 }],
    ["azure-data-zone-tier-1", "gpt-4o", { requestsPer10Seconds: 300, tokensPerMinute: 300_000 }],
    ["bedrock-default", "us.anthropic.claude-opus-5-5", { tokensPerMinute: 30_000_000, tokensPerDay: 43_200_000_000 }],
    ["bedrock-default", "anthropic.claude-opus-5-5", { tokensPerMinute: 15_000_000, tokensPerDay: 21_600_000_000 }],
    [
      "gemini-tier-1",
      "gemini-2.5-pro",
      { requestsPerMinute: 150, inputTokensPerMinute: 2_000_000, requestsPerDay: 10_000 },
    ],
    ["vertex-paygo-tier-2", "gemini-3.6-flash", { requestsPerMinute: 30_000, inputTokensPerMinute: 4_000_000 }],
  ])("%s gives %s its published limits", (tier, model, limits) => {
    expect(quotaTiers.limitsOf(tier, model)).toEqual(limits);
  });

  it.each([
    ["openai-launch", "gpt-4o-mini"],
    ["azure-tier-2", "gpt-5.5"],
    ["azure-tier-3", "gpt-5.5"],
    ["azure-tier-1", "gpt-4o"],
    ["bedrock-default", "us.amazon.nova-micro-v1:0"],
    ["bedrock-default", "meta.llama3-3-70b-instruct-v1:0"],
    ["gemini-tier-3", "gemini-2.5-pro"],
  ])("%s says nothing of %s, because nothing is published", (tier, model) => {
    expect(quotaTiers.limitsOf(tier, model)).toBeUndefined();
  });

  it("counts long prompts of gpt-4.1 apart, as its model page did", () => {
    expect(quotaTiers.limitsOf("openai-tier-4", "gpt-4.1")?.longContext).toEqual({
      aboveTokens: 128_000,
      requestsPerMinute: 1_000,
      tokensPerMinute: 5_000_000,
    });
  });

  it("has names that are each there once, and rows that each limit something", () => {
    expect(new Set(quotaTiers.names).size).toBe(tiers.length);
    for (const { rows } of tiers) {
      expect(rows.length).toBeGreaterThan(0);
      for (const { limits } of rows) expect(Object.keys(limits).length).toBeGreaterThan(0);
    }
  });
});
