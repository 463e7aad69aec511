import { describe, expect, it } from "vitest";
import { quotaOf } from "../../../behavior/quota/algorithms.ts";
import type { Limiter, QuotaAsk } from "../../../behavior/quota/quota.ts";
import { randomStream } from "../../../core/random.ts";
import type { ModelSpec } from "../../../core/scenario/provider-spec.ts";

const model: ModelSpec = {
  model: "claude-sonnet-5",
  requestsPerMinute: undefined,
  tokensPerMinute: undefined,
  requestsPerDay: undefined,
  tokensPerDay: undefined,
  inputTokensPerMinute: 250_000,
  longContext: { aboveTokens: 200_000, inputTokensPerMinute: 600_000 },
  latencyProfile: "instant",
  latencyScale: 1,
};

function limiterOf(spec: ModelSpec): Limiter {
  const provider = { name: "a", dialect: "anthropic", models: [spec], sliceMs: 0 } as const;
  return quotaOf(provider, randomStream(1))({ apiKey: "k", organization: "o", state: "active" }, spec);
}

function prompt(inputTokens: number): QuotaAsk {
  return { inputTokens, cachedTokens: 0, promptCharacters: inputTokens * 4, maxOutputTokens: undefined };
}

describe("limits that long prompts have to themselves", () => {
  it("are met by long prompts and leave the others alone", () => {
    const limiter = limiterOf(model);
    expect(limiter.admit(0, prompt(300_000)).kind).toBe("admitted");
    expect(limiter.admit(0, prompt(300_000)).kind).toBe("admitted");
    expect(limiter.admit(0, prompt(300_000)).kind).toBe("refused");
    expect(limiter.admit(0, prompt(200_000)).kind).toBe("admitted");
    expect(limiter.snapshot(0).inputTokens?.remaining).toBe(50_000);
  });

  it("are settled where they were charged", () => {
    const limiter = limiterOf(model);
    const asked = { ...prompt(600_000), inputTokens: 300_000 };
    expect(limiter.admit(0, asked).kind).toBe("admitted");
    expect(limiter.admit(0, prompt(300_000)).kind).toBe("refused");
    limiter.settle(0, 600_000, asked, { outputTokens: 0, wastedTokens: 0, completed: true });
    expect(limiter.admit(0, prompt(300_000)).kind).toBe("admitted");
  });

  it("begin above their bound, not at it", () => {
    expect(limiterOf(model).admit(0, prompt(200_000)).kind).toBe("admitted");
    const refused = limiterOf({ ...model, inputTokensPerMinute: 100_000 }).admit(0, prompt(200_000));
    expect(refused).toMatchObject({ kind: "refused", refusal: { kind: "request-too-large", limit: 100_000 } });
  });

  it("do not exist where none are named: then a long prompt meets the usual ones", () => {
    const { longContext: _, ...usual } = model;
    expect(limiterOf(usual).admit(0, prompt(300_000))).toMatchObject({ refusal: { kind: "request-too-large" } });
  });
});
