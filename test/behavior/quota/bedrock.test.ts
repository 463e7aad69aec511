import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bedrockModelFacts } from "../../../behavior/quota/bedrock-models.ts";
import { bedrockQuota } from "../../../behavior/quota/bedrock.ts";
import type { Account, Limiter, QuotaAsk } from "../../../behavior/quota/quota.ts";
import type { ModelSpec } from "../../../core/scenario/provider-spec.ts";
import { bedrockCases, haiku, modelCases, nova } from "./bedrock-cases.ts";

const account: Account = { apiKey: "key", organization: "org", state: "active" };

function modelSpec(model: string, limits: Partial<ModelSpec>): ModelSpec {
  return {
    model,
    requestsPerMinute: undefined,
    tokensPerMinute: undefined,
    requestsPerDay: undefined,
    tokensPerDay: undefined,
    latencyProfile: "instant",
    latencyScale: 1,
    ...limits,
  };
}

function askFor(inputTokens: number, cachedTokens: number, maxOutputTokens: number | undefined): QuotaAsk {
  return { inputTokens, cachedTokens, promptCharacters: inputTokens * 4, maxOutputTokens };
}

function usageOf(outputTokens: number): { outputTokens: number; wastedTokens: number; completed: boolean } {
  return { outputTokens, wastedTokens: 0, completed: true };
}

describe("Bedrock's limiter", () => {
  it.each(bedrockCases)("$why", ({ limits, keyLimits, reservesBurndown = false, steps }) => {
    const quota = bedrockQuota({ sliceMs: 0, reservesBurndown });
    const owner = keyLimits === undefined ? account : { ...account, limits: keyLimits };
    const limiters = new Map<string, Limiter>();
    const limiterOf = (model: string): Limiter => {
      const limiter = limiters.get(model) ?? quota(owner, modelSpec(model, limits));
      limiters.set(model, limiter);
      return limiter;
    };
    const open: { limiter: Limiter; ask: QuotaAsk; charged: number }[] = [];
    for (const step of steps) {
      if ("generated" in step) {
        const ended = open.shift();
        ended?.limiter.settle(step.atMs, ended.charged, ended.ask, usageOf(step.generated));
        expect(ended?.limiter.snapshot(step.atMs).tokens?.remaining).toBe(step.left);
        continue;
      }
      const limiter = limiterOf(step.model ?? haiku);
      const ask = askFor(step.input ?? 0, step.cached ?? 0, step.maxTokens);
      const admission = limiter.admit(step.atMs, ask);
      if (admission.kind === "admitted") {
        expect(step.call).toBe("admitted");
        open.push({ limiter, ask, charged: admission.chargedTokens });
      } else {
        const { call: kind, label, retryAfterMs } = step;
        const named = { kind, ...(label === undefined ? {} : { label }) };
        expect(admission.refusal).toMatchObject(retryAfterMs === undefined ? named : { ...named, retryAfterMs });
      }
      if (step.left !== undefined) expect(limiter.snapshot(step.atMs).tokens?.remaining).toBe(step.left);
    }
  });

  it("limits an inference profile apart from another, and one model's keys of an account together", () => {
    const quota = bedrockQuota({ sliceMs: 0 });
    const limits = { tokensPerMinute: 1_000 };
    const spend = (owner: Account, model: string): string =>
      quota(owner, modelSpec(model, limits)).admit(0, askFor(1_000, 0, 0)).kind;
    expect(spend(account, haiku)).toBe("admitted");
    expect(spend({ ...account, apiKey: "other" }, haiku)).toBe("refused");
    expect(spend(account, haiku.replace("us.", "eu."))).toBe("admitted");
    expect(spend({ ...account, organization: "org-b" }, haiku)).toBe("admitted");
  });

  it.each(modelCases)(
    "knows that %s writes at most %i tokens, each counted %i times",
    (model, outputTokensMax, burndown) => {
      expect(bedrockModelFacts(model)).toEqual({ outputTokensMax, burndown });
    },
  );
});

interface Call {
  readonly pauseMs: number;
  readonly input: number;
  readonly cached: number;
  readonly maxTokens: number;
  /** Share of `maxTokens` that is generated. */
  readonly share: number;
}

const call: fc.Arbitrary<Call> = fc.record({
  pauseMs: fc.oneof(fc.constant(0), fc.double({ min: 0, max: 3_000, noNaN: true })),
  input: fc.integer({ min: 0, max: 400 }),
  cached: fc.integer({ min: 0, max: 400 }),
  maxTokens: fc.integer({ min: 0, max: 400 }),
  share: fc.double({ min: 0, max: 1, noNaN: true }),
});
const calls = fc.array(call, { minLength: 1, maxLength: 60 });
const seed = 20_261_121;
const amount = 1_000;
const perMs = 60_000;

function limiterFor(model: string): Limiter {
  return bedrockQuota({ sliceMs: 0 })(account, modelSpec(model, { tokensPerMinute: amount }));
}

function askOf({ input, cached, maxTokens }: Call): QuotaAsk {
  return askFor(input, Math.min(cached, input), maxTokens);
}

describe("Bedrock's limiter, for any calls", () => {
  it("never reserves more than the limit and its refill in any stretch of time", () => {
    fc.assert(
      fc.property(calls, (given) => {
        const limiter = limiterFor(nova);
        let nowMs = 0;
        const admitted: { atMs: number; tokens: number }[] = [];
        for (const one of given) {
          nowMs += one.pauseMs;
          const admission = limiter.admit(nowMs, askOf(one));
          if (admission.kind === "admitted") admitted.push({ atMs: nowMs, tokens: admission.chargedTokens });
        }
        for (const [from, first] of admitted.entries()) {
          let total = 0;
          for (const { atMs, tokens } of admitted.slice(from)) {
            total += tokens;
            expect(total).toBeLessThanOrEqual(amount + ((atMs - first.atMs) * amount) / perMs + 1e-6);
          }
        }
      }),
      { seed },
    );
  });

  it("is left, after a settlement, with what it would have had if it had known the answer before", () => {
    fc.assert(
      fc.property(call, fc.constantFrom(haiku, nova), (one, model) => {
        const limiter = limiterFor(model);
        const ask = askOf(one);
        const admission = limiter.admit(0, ask);
        if (admission.kind !== "admitted") return;
        const generated = Math.floor(one.maxTokens * one.share);
        limiter.settle(0, admission.chargedTokens, ask, usageOf(generated));
        const owed = ask.inputTokens - ask.cachedTokens + generated * bedrockModelFacts(model).burndown;
        expect(limiter.snapshot(0).tokens?.remaining).toBe(Math.max(0, amount - owed));
      }),
      { seed },
    );
  });

  it("admits a refused call when it waits as long as told, and not a millisecond and a bit before", () => {
    fc.assert(
      fc.property(calls, fc.constantFrom(haiku, nova), (given, model) => {
        const limiter = limiterFor(model);
        let nowMs = 0;
        for (const one of given) {
          nowMs += one.pauseMs;
          const ask = askOf(one);
          const admission = limiter.admit(nowMs, ask);
          if (admission.kind === "admitted") {
            limiter.settle(nowMs, admission.chargedTokens, ask, usageOf(Math.floor(one.maxTokens * one.share)));
          } else if (admission.refusal.kind === "rate-limit") {
            const { retryAfterMs } = admission.refusal;
            expect(retryAfterMs).toBeGreaterThan(0);
            if (retryAfterMs > 1.5) {
              nowMs += retryAfterMs - 1.5;
              expect(limiter.admit(nowMs, ask).kind).toBe("refused");
              nowMs += 1.5;
            } else nowMs += retryAfterMs;
            expect(limiter.admit(nowMs, ask).kind).toBe("admitted");
          }
        }
      }),
      { seed },
    );
  });

  it("shows as remaining what is not in use, between nothing and the limit", () => {
    fc.assert(
      fc.property(calls, (given) => {
        const limiter = limiterFor(haiku);
        let nowMs = 0;
        for (const one of given) {
          nowMs += one.pauseMs;
          limiter.admit(nowMs, askOf(one));
          const state = limiter.snapshot(nowMs).tokens;
          expect(state?.limit).toBe(amount);
          expect(state?.remaining).toBeGreaterThanOrEqual(0);
          expect(state?.remaining).toBeLessThanOrEqual(amount);
          expect(limiter.snapshot(nowMs + (state?.resetMs ?? 0)).tokens?.remaining).toBe(amount);
        }
      }),
      { seed },
    );
  });
});
