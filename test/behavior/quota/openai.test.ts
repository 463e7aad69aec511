import { describe, expect, it } from "vitest";
import { openAiQuota } from "../../../behavior/quota/openai.ts";
import type { LimitState, ProviderDecision } from "../../../behavior/provider.ts";
import { createProvider } from "../../../behavior/provider-model.ts";
import { createFaultSchedule } from "../../../behavior/faults/schedule.ts";
import { genaiPrices } from "../../../behavior/price/genai-prices.ts";
import { randomStream } from "../../../core/random.ts";
import { type Expectation, type LimiterCase, openAiCases } from "./openai-cases.ts";

describe("OpenAI's limiter, case by case", () => {
  it("has a table of at least 25 cases, some of them fit for a wall clock", () => {
    expect(openAiCases.length).toBeGreaterThanOrEqual(25);
    expect(openAiCases.filter((one) => one.live).length).toBeGreaterThanOrEqual(5);
  });

  it.each(openAiCases.map((one) => [one.why, one] as const))("%s", (_why, one) => {
    const provider = providerOf(one);
    for (const [index, call] of one.calls.entries()) {
      let last: ProviderDecision | undefined;
      for (let time = 0; time < (call.times ?? 1); time++) {
        last = provider.begin(call.atMs, {
          apiKey: call.apiKey ?? "key",
          requestKey: `r${index}.${time}`,
          attempt: 1,
          model: call.model ?? "gpt-4o-mini",
          inputTokens: 10,
          cachedTokens: 0,
          promptCharacters: call.characters ?? 0,
          maxOutputTokens: call.maxTokens,
          outputTokens: 1,
          stream: false,
        });
        expect(outcomeOf(last), `call ${index}, time ${time}`).toBe(call.expect.outcome);
      }
      if (last !== undefined) expectDetails(last, call.expect);
    }
  });
});

describe("the switch for refused calls", () => {
  it("leaves a refused call free of charge when it is turned off", () => {
    const limiter = openAiQuota({ sliceMs: 0, refusedCallsCount: false })(
      { apiKey: "key", organization: "org", state: "active" },
      {
        model: "gpt-4o",
        requestsPerMinute: 60,
        tokensPerMinute: undefined,
        requestsPerDay: undefined,
        tokensPerDay: undefined,
        latencyProfile: "instant",
        latencyScale: 1,
      },
    );
    const ask = { inputTokens: 1, cachedTokens: 0, promptCharacters: 4, maxOutputTokens: undefined };
    for (let call = 0; call < 60; call++) expect(limiter.admit(0, ask).kind).toBe("admitted");
    expect(limiter.admit(500, ask)).toMatchObject({ refusal: { retryAfterMs: 500 } });
    expect(limiter.admit(1_000, ask).kind).toBe("admitted");
  });
});

function providerOf(one: LimiterCase): ReturnType<typeof createProvider> {
  return createProvider({
    spec: { name: "openai", dialect: "openai", models: one.models, sliceMs: one.sliceMs },
    accounts: one.accounts,
    random: randomStream(1),
    prices: genaiPrices("openai"),
    faults: createFaultSchedule(),
    latencyScale: 1,
  });
}

function outcomeOf(decision: ProviderDecision): string {
  if (decision.kind === "serve") return "admitted";
  return decision.kind === "refuse" ? decision.refusal.kind : decision.kind;
}

function expectDetails(decision: ProviderDecision, expected: Expectation): void {
  if (decision.kind === "serve" && expected.outcome === "admitted") {
    if (expected.requests !== undefined) expect(stateOf(decision.quota.requests)).toEqual(expected.requests);
    if (expected.tokens !== undefined) expect(stateOf(decision.quota.tokens)).toEqual(expected.tokens);
  }
  if (decision.kind === "refuse" && expected.outcome === "rate-limit") {
    const { outcome, ...details } = expected;
    expect(decision.refusal).toMatchObject({ kind: outcome, ...details });
  }
}

function stateOf(state: LimitState | undefined): readonly [number, number] | "unlimited" {
  return state === undefined ? "unlimited" : [state.remaining, state.resetMs];
}
