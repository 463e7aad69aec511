import { describe, expect, it } from "vitest";
import { openAiQuota, type OpenAiQuotaOptions } from "../../../behavior/quota/openai.ts";
import type { Limiter } from "../../../behavior/quota/quota.ts";
import type { LimitState, ProviderDecision } from "../../../behavior/provider.ts";
import { createProvider } from "../../../behavior/provider-model.ts";
import { createFaultSchedule } from "../../../behavior/faults/schedule.ts";
import { genaiPrices } from "../../../behavior/price/genai-prices.ts";
import { randomStream } from "../../../core/random.ts";
import type { ModelSpec } from "../../../core/scenario/provider-spec.ts";
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

describe("one limiter by itself", () => {
  const ask = { inputTokens: 1, cachedTokens: 0, promptCharacters: 4, maxOutputTokens: undefined };

  it("leaves a refused call free of charge when the switch for it is turned off", () => {
    const limiter = limiterOf({ requestsPerMinute: 60 }, { sliceMs: 0, refusedCallsCount: false });
    for (let call = 0; call < 60; call++) expect(limiter.admit(0, ask).kind).toBe("admitted");
    expect(limiter.admit(500, ask)).toMatchObject({ refusal: { retryAfterMs: 500 } });
    expect(limiter.admit(1_000, ask).kind).toBe("admitted");
  });

  it("says which share of the tokens per minute others had in use, whatever the day's share", () => {
    const limiter = limiterOf({ tokensPerMinute: 1_000, tokensPerDay: 1_000 }, { sliceMs: 0 });
    expect(limiter.admit(0, { ...ask, maxOutputTokens: 400 })).toMatchObject({ utilization: 0 });
    expect(limiter.admit(0, ask)).toMatchObject({ utilization: 0.4 });
    expect(limiter.admit(60_000, ask)).toMatchObject({ utilization: 0 });
  });
});

function limiterOf(limits: Partial<ModelSpec>, options: OpenAiQuotaOptions): Limiter {
  const model = {
    model: "gpt-4o",
    requestsPerMinute: undefined,
    tokensPerMinute: undefined,
    requestsPerDay: undefined,
    tokensPerDay: undefined,
    latencyProfile: "instant",
    latencyScale: 1,
  };
  return openAiQuota(options)({ apiKey: "key", organization: "org", state: "active" }, { ...model, ...limits });
}

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
