import { describe, expect, test } from "vitest";
import { randomStream } from "../../../core/random.ts";
import type { Dialect, ModelSpec, ProviderSpec } from "../../../core/scenario/provider-spec.ts";
import { quotaOf } from "../../../behavior/quota/algorithms.ts";
import type { Account, Limiter, QuotaAsk } from "../../../behavior/quota/quota.ts";
import { TokenBucket } from "../../../behavior/quota/token-bucket.ts";

const dialects: readonly Dialect[] = ["openai", "azure-openai", "anthropic", "bedrock", "gemini", "vertex"];

const account: Account = { apiKey: "key", organization: "org", state: "active" };

const ask: QuotaAsk = {
  inputTokens: 100,
  cachedTokens: 0,
  promptCharacters: 400,
  maxOutputTokens: 0,
};

function limiterOf(dialect: Dialect): Limiter {
  const model: ModelSpec = {
    model: "m",
    requestsPerMinute: 600,
    tokensPerMinute: 60_000,
    requestsPerDay: undefined,
    tokensPerDay: undefined,
    latencyProfile: "instant",
    latencyScale: 1,
  };
  const spec: ProviderSpec = { name: "p", dialect, models: [model], sliceMs: 0 };
  return quotaOf(spec, randomStream(1))(account, model);
}

/** Calls admitted at one instant, one after the other, until the first refusal. */
function admittedAt(nowMs: number, limiter: Limiter, attemptsMax = 1_000): number {
  for (let count = 0; count < attemptsMax; count++) if (limiter.admit(nowMs, ask).kind === "refused") return count;
  return attemptsMax;
}

describe.each(dialects)("limits of %s that are cut to a tenth", (dialect) => {
  test("let a tenth through, and headers say so", () => {
    const limiter = limiterOf(dialect);
    const whole = admittedAt(0, limiterOf(dialect));
    limiter.scale(0, 0.1);
    const { requests } = limiter.snapshot(0);
    expect(requests).toMatchObject({ limit: 60, remaining: requests?.limit });
    expect(admittedAt(0, limiter)).toBe(Math.floor(whole / 10));
    expect(limiter.snapshot(0).requests?.limit).toBe(60);
  });

  test("refuse with a wait that is true", () => {
    const limiter = limiterOf(dialect);
    limiter.scale(0, 0.1);
    admittedAt(0, limiter);
    const refused = limiter.admit(0, ask);
    if (refused.kind !== "refused" || refused.refusal.kind !== "rate-limit") throw new Error("was admitted");
    const { retryAfterMs } = refused.refusal;
    expect(limiter.admit(retryAfterMs, ask).kind).toBe("admitted");
  });

  test("are whole again afterwards, less what was used in the meantime", () => {
    const limiter = limiterOf(dialect);
    limiter.scale(0, 0.1);
    expect(limiter.admit(0, ask).kind).toBe("admitted");
    limiter.scale(0, 1);
    expect(limiter.snapshot(0).requests).toMatchObject({ limit: 600, remaining: 599 });
  });

  test("never fall below one", () => {
    const limiter = limiterOf(dialect);
    limiter.scale(0, 0);
    expect(limiter.snapshot(0).requests?.limit).toBe(1);
  });
});

describe("a bucket that gets another amount", () => {
  test("is at most empty when it becomes smaller than what is in use, and keeps a debt as it was", () => {
    const bucket = new TokenBucket({ amount: 1_000, perMs: 60_000, burst: 1_000 });
    bucket.spend(0, 900);
    bucket.resize(0, 100);
    expect(bucket.used(0)).toBe(100);
    const indebted = new TokenBucket({ amount: 1_000, perMs: 60_000, burst: 1_000 });
    indebted.correct(0, 1_050);
    indebted.resize(0, 100);
    expect(indebted.used(0)).toBe(150);
  });

  test("refills at its new rate from then on", () => {
    const bucket = new TokenBucket({ amount: 600, perMs: 60_000, burst: 600 });
    bucket.spend(0, 600);
    bucket.resize(10_000, 60);
    expect(bucket.used(10_000)).toBe(60);
    expect(bucket.msUntilFits(10_000, 1)).toBe(1_000);
  });

  test("keeps its slices in proportion", () => {
    const bucket = new TokenBucket({ amount: 60_000, perMs: 60_000, burst: 1_000 });
    bucket.resize(0, 30_000);
    bucket.spend(0, 500);
    expect(bucket.msUntilFits(0, 1)).toBe(2);
  });
});
