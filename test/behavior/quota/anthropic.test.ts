import { describe, expect, it } from "vitest";
import { createFaultSchedule } from "../../../behavior/faults/schedule.ts";
import { genaiPrices } from "../../../behavior/price/genai-prices.ts";
import { createProvider } from "../../../behavior/provider-model.ts";
import { anthropicQuota, limitFamilyOf } from "../../../behavior/quota/anthropic.ts";
import type { AnswerCourse, Limiter, QuotaAsk } from "../../../behavior/quota/quota.ts";
import type { LimitState } from "../../../behavior/provider.ts";
import { randomStream } from "../../../core/random.ts";
import type { ModelSpec } from "../../../core/scenario/provider-spec.ts";
import { anthropicCases, type Ask, type LimiterCase, type Look, modelSpec } from "./anthropic-cases.ts";

interface Admitted {
  readonly limiter: Limiter;
  readonly ask: QuotaAsk;
  readonly chargedTokens: number;
  readonly course: AnswerCourse | undefined;
}

describe("Anthropic's limiter, case by case", () => {
  it("has a table of at least 20 cases", () => {
    expect(anthropicCases.length).toBeGreaterThanOrEqual(20);
  });

  it.each(anthropicCases.map((one) => [one.why, one] as const))("%s", (_why, one) => {
    const limiterOf = limitersOf(one);
    const open: Admitted[] = [];
    for (const [index, step] of one.steps.entries()) {
      const where = `step ${index}`;
      if (step.kind === "ask") {
        for (let time = 0; time < (step.times ?? 1); time++) askOnce(limiterOf(step), step, open, where);
      } else if (step.kind === "end") {
        const ending = open.pop();
        expect(ending, where).toBeDefined();
        const usage = { outputTokens: step.outputTokens, wastedTokens: 0, completed: true };
        ending?.limiter.settle(step.atMs, ending.chargedTokens, ending.ask, usage, ending.course);
      } else {
        look(limiterOf(step), step, where);
      }
    }
  });
});

describe("one limiter by itself", () => {
  const ask = { inputTokens: 300, cachedTokens: 0, promptCharacters: 1_200, maxOutputTokens: undefined };
  const account = { apiKey: "key", organization: "org", state: "active" } as const;
  const limiterOf = (limits: Partial<ModelSpec>): Limiter =>
    anthropicQuota({ sliceMs: 0, outputCharging: "generated" })(account, modelSpec(limits));

  it("says which share of its fullest token limit others had in use, at most all of it", () => {
    const limiter = limiterOf({ inputTokensPerMinute: 1_000, outputTokensPerMinute: 100 });
    expect(limiter.admit(0, ask)).toMatchObject({ utilization: 0, chargedTokens: 300 });
    limiter.answering?.(0, { ask, firstTokenMs: 0, lastTokenMs: 1_000, outputTokens: 99 });
    expect(limiter.admit(0, ask)).toMatchObject({ utilization: 0.3 });
    expect(limiter.admit(1_000, { ...ask, promptCharacters: 4 })).toMatchObject({ utilization: 0.99 });
  });

  it("gives its tokens per minute as those of the input, which is what calls are charged at first", () => {
    expect(
      limiterOf({ requestsPerMinute: 5, inputTokensPerMinute: 1_000, outputTokensPerMinute: 100 }).perMinute,
    ).toEqual({
      requests: 5,
      tokens: 1_000,
    });
    expect(limiterOf({ inputTokensPerMinute: 1_000, tokensPerMinute: 700 }).perMinute.tokens).toBe(700);
    expect(limiterOf({}).perMinute).toEqual({ requests: undefined, tokens: undefined });
  });
});

describe("families", () => {
  it("are what the configuration says, else as the tier table groups models", () => {
    expect(limitFamilyOf({ model: "claude-opus-4-6", limitFamily: "mine" })).toBe("mine");
    expect(limitFamilyOf({ model: "claude-fable-5-1" })).toBe(limitFamilyOf({ model: "claude-fable-5" }));
    expect(limitFamilyOf({ model: "claude-haiku-4-5" })).toBe("claude-haiku-4-5");
    expect(limitFamilyOf({ model: "claude-opus-4-51" })).toBe("claude-opus-4-51");
  });
});

describe("a provider with Anthropic's limits", () => {
  it("charges answers over the time that they take, by its own plan", () => {
    const provider = createProvider({
      spec: {
        name: "anthropic",
        dialect: "anthropic",
        sliceMs: 0,
        models: [modelSpec({ outputTokensPerMinute: 1_000, latencyProfile: "anthropic-claude-haiku-4.5" })],
      },
      accounts: [{ apiKey: "key", organization: "org", state: "active" }],
      random: randomStream(1),
      prices: genaiPrices("anthropic"),
      faults: createFaultSchedule([]),
      latencyScale: 1,
    });
    const decision = provider.begin(0, {
      apiKey: "key",
      requestKey: "r",
      attempt: 1,
      model: "claude-haiku-4-5",
      inputTokens: 10,
      cachedTokens: 0,
      promptCharacters: 40,
      maxOutputTokens: undefined,
      outputTokens: 400,
      stream: true,
    });
    expect(decision.kind).toBe("serve");
    if (decision.kind !== "serve") return;
    const { plan, ticket } = decision;
    const used = (nowMs: number): number =>
      1_000 - (provider.snapshot(nowMs, "key", "claude-haiku-4-5").outputTokens?.remaining ?? 0);
    expect(used(plan.ttftMs)).toBe(0);
    const halfMs = (plan.ttftMs + plan.totalMs) / 2;
    expect(used(halfMs)).toBeGreaterThan(100);
    expect(used(halfMs)).toBeLessThan(200);
    const before = used(plan.totalMs);
    provider.finish(plan.totalMs, ticket, { outputTokens: 400, wastedTokens: 0, completed: true });
    expect(used(plan.totalMs)).toBe(before);
  });
});

function limitersOf({ models, accounts, sliceMs, outputCharging }: LimiterCase): (step: Ask | Look) => Limiter {
  const quota = anthropicQuota({ sliceMs, outputCharging });
  const limiters = new Map(
    accounts.flatMap((account) =>
      models.map((model) => [`${account.apiKey} ${model.model}`, quota(account, model)] as const),
    ),
  );
  return ({ apiKey = "key", model = models[0]?.model ?? "" }) => {
    const limiter = limiters.get(`${apiKey} ${model}`);
    if (limiter === undefined) throw new Error(`the case has no ${apiKey} for ${model}`);
    return limiter;
  };
}

function askOnce(limiter: Limiter, step: Ask, open: Admitted[], where: string): void {
  const { atMs, input = 0, cached = 0, characters = 4 * input, maxTokens, answer, expect: expected } = step;
  const ask = { inputTokens: input, cachedTokens: cached, promptCharacters: characters, maxOutputTokens: maxTokens };
  const admission = limiter.admit(atMs, ask);
  if (expected !== "admitted") {
    if (admission.kind !== "refused") expect.fail(`${where} was admitted`);
    const { refusal } = admission;
    if ("never" in expected) expect(refusal, where).toMatchObject({ kind: "request-too-large", label: expected.never });
    else expect(refusal, where).toMatchObject({ kind: "rate-limit", ...expected });
    return;
  }
  if (admission.kind !== "admitted") expect.fail(`${where} was refused: ${JSON.stringify(admission)}`);
  const { firstMs = 0, lastMs = 0, tokens = 0 } = answer ?? {};
  const course = { ask, firstTokenMs: atMs + firstMs, lastTokenMs: atMs + lastMs, outputTokens: tokens };
  limiter.answering?.(atMs, course);
  open.push({ limiter, ask, chargedTokens: admission.chargedTokens, course: limiter.answering && course });
}

function look(limiter: Limiter, step: Look, where: string): void {
  const seen = limiter.snapshot(step.atMs);
  for (const dimension of ["requests", "tokens", "inputTokens", "outputTokens"] as const) {
    const expected = step[dimension];
    if (expected === undefined) continue;
    const state: LimitState | undefined = seen[dimension];
    const shown = state === undefined ? "unlimited" : [state.remaining, state.resetMs];
    expect(shown, `${where}, ${dimension}`).toEqual(expected);
  }
}
