import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { quotaOf } from "../../../behavior/quota/algorithms.ts";
import type { Account, Limit, Limiter, QuotaAsk } from "../../../behavior/quota/quota.ts";
import { randomStream } from "../../../core/random.ts";
import { dayMs, minuteMs } from "../../../core/time.ts";
import type { Dialect, ModelSpec, ProviderSpec } from "../../../core/scenario/provider-spec.ts";

const seed = 20_261_121;

/** Where each dialect's limits on tokens lie. */
const tokenDimension: Readonly<Record<Exclude<Dialect, "vertex">, Limit["dimension"]>> = {
  openai: "tokens",
  "azure-openai": "tokens",
  anthropic: "inputTokens",
  bedrock: "tokens",
  gemini: "inputTokens",
};

type Counted = keyof typeof tokenDimension;
const dialects: readonly Counted[] = ["openai", "azure-openai", "anthropic", "bedrock", "gemini"];

function model(name: string, more: Partial<ModelSpec> = {}): ModelSpec {
  return {
    model: name,
    requestsPerMinute: undefined,
    tokensPerMinute: undefined,
    requestsPerDay: 1_000,
    tokensPerDay: undefined,
    latencyProfile: "instant",
    latencyScale: 1,
    ...more,
  };
}

/** Per day, which nobody cuts into slices and refused calls do not count against. */
function requests(amount: number, perMs = dayMs): readonly Limit[] {
  return [{ dimension: "requests", amount, perMs, label: "requests" }];
}

function account(apiKey: string, more: Partial<Account> = {}): Account {
  return { apiKey, organization: "o", project: "p", state: "active", ...more };
}

const ask: QuotaAsk = { inputTokens: 10, cachedTokens: 0, promptCharacters: 40, maxOutputTokens: undefined };

/** Limiters of one provider, by account and model. */
function limiters(dialect: Counted, models: readonly ModelSpec[]): (account: Account, name: string) => Limiter {
  const spec: ProviderSpec = { name: "a", dialect, models, sliceMs: 0 };
  const quota = quotaOf(spec, randomStream(1));
  return (who, name) => {
    const found = models.find((one) => one.model === name);
    if (found === undefined) throw new Error(`no ${name}`);
    return quota(who, found);
  };
}

/** Admitted of `calls` at once. */
function admitted(limiter: Limiter, calls: number): number {
  return Array.from({ length: calls }, () => limiter.admit(0, ask)).filter(({ kind }) => kind === "admitted").length;
}

describe.each(dialects)("nested limits at %s", (dialect) => {
  it("let through what every one of them has room for, and name the one that has none", () => {
    const of = limiters(dialect, [model("m"), model("n")]);
    const nested = {
      organizationLimits: requests(7),
      projectLimits: requests(5),
      projectTotalLimits: requests(6),
      keyLimits: requests(2),
    };
    const key = of(account("k1", nested), "m");
    expect(admitted(key, 4)).toBe(2);
    expect(key.admit(0, ask)).toMatchObject({ refusal: { scope: "key", limit: 2 } });
    const second = of(account("k2", { ...nested, keyLimits: requests(100) }), "m");
    expect(admitted(second, 9)).toBe(3);
    expect(second.admit(0, ask)).toMatchObject({ refusal: { scope: "project", limit: 5 } });
    const otherModel = of(account("k2", { ...nested, keyLimits: requests(100) }), "n");
    expect(admitted(otherModel, 9)).toBe(1);
    expect(otherModel.admit(0, ask)).toMatchObject({ refusal: { scope: "project", limit: 6 } });
  });

  it("share an organization's limit for all models among its keys, projects and models", () => {
    // Google's organization is a project: it has no limits beyond it.
    const of = limiters(dialect, [model("m"), model("n")]);
    const nested = { organizationLimits: requests(4) };
    expect(admitted(of(account("k1", nested), "m"), 3)).toBe(3);
    const other = of(account("k2", nested), "n");
    expect(admitted(other, 3)).toBe(1);
    expect(other.admit(0, ask)).toMatchObject({ refusal: { scope: "organization", limit: 4 } });
  });

  it("say nothing of a scope where the model's own limit refuses", () => {
    const limiter = limiters(dialect, [model("m", { requestsPerDay: 1 })])(
      account("k", { keyLimits: requests(9) }),
      "m",
    );
    expect(admitted(limiter, 1)).toBe(1);
    const refusal = limiter.admit(0, ask);
    expect(refusal).toMatchObject({ refusal: { limit: 1 } });
    expect(refusal).not.toHaveProperty("refusal.scope");
  });

  it("show the tightest in headers, whichever it is at the time", () => {
    const of = limiters(dialect, [model("m", { requestsPerDay: 10 })]);
    const mine = of(account("k1", { keyLimits: requests(8) }), "m");
    expect(mine.snapshot(0).requests?.remaining).toBe(8);
    expect(admitted(of(account("k2"), "m"), 5)).toBe(5);
    expect(mine.snapshot(0).requests).toMatchObject({ limit: 10, remaining: 5 });
  });

  it("tell the truth about when to retry, across scopes, and not a millisecond too late", () => {
    const dimension = tokenDimension[dialect];
    const tokens = (amount: number): readonly Limit[] => [{ dimension, amount, perMs: minuteMs, label: "t" }];
    const amounts = fc.integer({ min: 40, max: 400 });
    const steps = fc.array(
      fc.record({ atMs: fc.integer({ min: 0, max: 40_000 }), tokens: fc.integer({ min: 1, max: 40 }) }),
      {
        minLength: 1,
        maxLength: 60,
      },
    );
    fc.assert(
      fc.property(
        amounts,
        amounts,
        amounts,
        fc.integer({ min: 1, max: 30 }),
        steps,
        (org, project, key, rpm, calls) => {
          const limiter = limiters(dialect, [model("m", { requestsPerMinute: rpm })])(
            account("k", { organizationLimits: tokens(org), projectLimits: tokens(project), keyLimits: tokens(key) }),
            "m",
          );
          for (const { atMs, tokens: size } of calls.toSorted((left, right) => left.atMs - right.atMs)) {
            const asked = { ...ask, inputTokens: size, promptCharacters: size * 4, maxOutputTokens: 0 };
            const admission = limiter.admit(atMs, asked);
            if (admission.kind === "admitted") continue;
            if (admission.refusal.kind !== "rate-limit") return;
            const { retryAfterMs } = admission.refusal;
            if (dialect !== "openai" && retryAfterMs > 1) {
              expect(limiter.admit(atMs + retryAfterMs - 1, asked).kind).toBe("refused");
            }
            expect(limiter.admit(atMs + retryAfterMs, asked).kind).toBe("admitted");
            return;
          }
        },
      ),
      { seed },
    );
  });

  it("admit no more than any of them allows over any window, however calls come", () => {
    const calls = fc.array(
      fc.record({ gapMs: fc.integer({ min: 0, max: 4_000 }), key: fc.integer({ min: 0, max: 2 }) }),
      {
        minLength: 1,
        maxLength: 150,
      },
    );
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 20 }), fc.integer({ min: 1, max: 20 }), calls, (project, key, given) => {
        const of = limiters(dialect, [model("m")]);
        const keys = [0, 1, 2].map((index) =>
          of(
            account(`k${index}`, { projectLimits: requests(project, minuteMs), keyLimits: requests(key, minuteMs) }),
            "m",
          ),
        );
        const passed: { atMs: number; key: number }[] = [];
        let nowMs = 0;
        for (const call of given) {
          nowMs += call.gapMs;
          if (keys[call.key]?.admit(nowMs, ask).kind === "admitted") passed.push({ atMs: nowMs, key: call.key });
        }
        // A bucket, or a window on each side of a boundary, lets twice its limit pass in one minute at most.
        for (const { atMs } of passed) {
          const minute = passed.filter((one) => one.atMs >= atMs && one.atMs < atMs + minuteMs);
          expect(minute.length).toBeLessThanOrEqual(2 * project);
          for (const own of [0, 1, 2])
            expect(minute.filter((one) => one.key === own).length).toBeLessThanOrEqual(2 * key);
        }
      }),
      { seed },
    );
  });
});

describe("a key with limits in place of the others", () => {
  it("meets those alone", () => {
    const of = limiters("openai", [model("m", { requestsPerDay: 1 })]);
    expect(admitted(of(account("k", { limits: requests(5), organizationLimits: requests(1) }), "m"), 9)).toBe(5);
  });
});
