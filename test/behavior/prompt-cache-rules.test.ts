import { describe, expect, it } from "vitest";
import { createFaultSchedule } from "../../behavior/faults/schedule.ts";
import { genaiPrices } from "../../behavior/price/genai-prices.ts";
import { cacheableTokens } from "../../behavior/prompt-cache-rules.ts";
import { createProvider } from "../../behavior/provider-model.ts";
import { randomStream } from "../../core/random.ts";
import type { Dialect, ProviderSpec } from "../../core/scenario/provider-spec.ts";

describe("what a provider's cache can hold of a prefix", () => {
  it.each<[Dialect, string, number, number]>([
    ["openai", "gpt-4o", 1_023, 0],
    ["openai", "gpt-4o", 1_024, 1_024],
    ["openai", "gpt-4o", 1_151, 1_024],
    ["openai", "gpt-4o", 1_152, 1_152],
    ["azure-openai", "gpt-4.1", 2_000, 1_920],
    ["anthropic", "claude-sonnet-4-6", 1_023, 0],
    ["anthropic", "claude-sonnet-4-6", 1_025, 1_025],
    ["anthropic", "claude-haiku-4-5-20251001", 4_095, 0],
    ["anthropic", "claude-opus-4-6", 4_096, 4_096],
    ["anthropic", "claude-opus-5-5", 1_024, 1_024],
    ["bedrock", "us.anthropic.claude-haiku-4-5-20251001-v1:0", 4_095, 0],
    ["bedrock", "amazon.nova-lite-v1:0", 1_000, 1_000],
    ["bedrock", "meta.llama3-3-70b-instruct-v1:0", 100_000, 0],
    ["gemini", "gemini-2.5-flash", 1_024, 1_024],
    ["gemini", "gemini-2.5-pro", 4_095, 0],
    ["vertex", "gemini-3.1-pro-preview", 4_096, 4_096],
    ["vertex", "claude-haiku-4-5", 4_095, 0],
  ])("%s, %s: %i tokens are %i", (dialect, model, hoped, held) => {
    expect(cacheableTokens(dialect, model, hoped)).toBe(held);
  });
});

describe("a provider that goes by its cache's rules", () => {
  const play = (promptCache: "by-rules" | undefined, cachedTokens: number) => {
    const model = {
      model: "gpt-4o",
      requestsPerMinute: undefined,
      tokensPerMinute: undefined,
      requestsPerDay: undefined,
      tokensPerDay: undefined,
      latencyProfile: "openai-gpt-4o",
      latencyScale: 1,
    };
    const spec: ProviderSpec = {
      name: "a",
      dialect: "openai",
      models: [model],
      sliceMs: 0,
      ...(promptCache === undefined ? {} : { promptCache }),
    };
    const provider = createProvider({
      spec,
      accounts: [{ apiKey: "k", organization: "o", state: "active" }],
      random: randomStream(1),
      prices: genaiPrices("openai"),
      faults: createFaultSchedule(),
      latencyScale: 1,
    });
    const decision = provider.begin(0, {
      apiKey: "k",
      requestKey: "r",
      attempt: 1,
      model: "gpt-4o",
      inputTokens: 20_000,
      cachedTokens,
      promptCharacters: 80_000,
      maxOutputTokens: 10,
      outputTokens: 10,
      stream: true,
    });
    if (decision.kind !== "serve") throw new Error(decision.kind);
    const cost = provider.finish(99_999, decision.ticket, { outputTokens: 10, wastedTokens: 0, completed: true });
    return {
      cost,
      ttftMs: decision.plan.ttftMs,
      found: decision.plan.foundTokens?.(),
      cached: provider.ledger(0).cachedTokens,
    };
  };

  it("reads less from it, so that the answer comes later and costs more, and says so", () => {
    const ruled = play("by-rules", 10_000);
    expect(ruled).toMatchObject({ found: 9_984, cached: 9_984 });
    const plain = play(undefined, 10_000);
    expect(ruled.cost).toBe(plain.cost + 16 * 1_250);
    expect(play("by-rules", 1_000).ttftMs).toBe(play(undefined, 0).ttftMs);
  });

  it("changes nothing for a prefix that its cache can hold, nor for anybody who does not ask for it", () => {
    expect(play("by-rules", 10_240)).toEqual(play(undefined, 10_240));
    expect(play(undefined, 1_000)).toMatchObject({ found: undefined, cached: 1_000 });
  });
});
