import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Account, Admission, Limiter, Quota, QuotaAsk } from "../../../behavior/quota/quota.ts";
import { SharedPool } from "../../../behavior/quota/shared-pool.ts";
import { provisionedWindowMs, vertexLabels, vertexQuota } from "../../../behavior/quota/vertex.ts";
import { SquallError } from "../../../core/errors.ts";
import { randomStream } from "../../../core/random.ts";
import type { ModelSpec, SharedPoolSpec } from "../../../core/scenario/provider-spec.ts";
import { hourMs, minuteMs } from "../../../core/time.ts";
import { account, model } from "./gemini-cases.ts";
import { type ProvisionedCase, provisionedCases, type Step } from "./vertex-cases.ts";

const seed = 20_261_121;

describe("purchased throughput, case by case", () => {
  it.each(provisionedCases.map((one) => [one.why, one] as const))("%s", (_why, one) => {
    const play = player(one);
    for (const [index, step] of one.steps.entries()) play(step, `step ${index}`);
  });

  it("is not sold for a model whose rates are not known", () => {
    const quota = vertexQuota({ random: randomStream(1), sharedPool: undefined, startTimeOfDayMs: 0 });
    expect(() => quota(account("key"), model("gemini-0", { provisionedUnits: 1 }))).toThrow(SquallError);
  });

  it("is there in the middle of a shortage, which only pay-as-you-go feels", () => {
    const limiter = limiterOf(model("gemini-2.5-flash", { provisionedUnits: 1 }), alwaysShort);
    const nowMs = 10 * minuteMs;
    expect(limiter.admit(nowMs, ask({ inputTokens: 80_000 }))).toMatchObject({ capacity: "provisioned" });
    expect(limiter.admit(nowMs, ask({ inputTokens: 1_000 }))).toMatchObject({
      kind: "refused",
      refusal: { label: vertexLabels.sharedPool },
    });
  });
});

describe("purchased throughput, for any calls", () => {
  const calls = fc.array(
    fc.record({
      pauseMs: fc.double({ min: 0, max: 5_000, noNaN: true }),
      inputTokens: fc.integer({ min: 0, max: 60_000 }),
      maxTokens: fc.option(fc.integer({ min: 0, max: 3_000 }), { nil: undefined }),
      outputTokens: fc.integer({ min: 0, max: 3_000 }),
    }),
    { minLength: 1, maxLength: 40 },
  );

  it("charges no window more than it has at admission, and ends with what was really used", () => {
    fc.assert(
      fc.property(calls, (steps) => {
        const limiter = limiterOf(model("gemini-2.5-flash", { provisionedUnits: 1 }));
        let nowMs = 0;
        const charged = new Map<number, number>();
        for (const { pauseMs, inputTokens, maxTokens, outputTokens } of steps) {
          nowMs += pauseMs;
          const asked = ask({ inputTokens, maxOutputTokens: maxTokens });
          const admission = limiter.admit(nowMs, asked);
          expect(admission.kind).toBe("admitted");
          if (admission.kind !== "admitted" || admission.capacity !== "provisioned") continue;
          // Settled at once, so that the window is the same.
          limiter.settle(nowMs, admission.chargedTokens, asked, { outputTokens, wastedTokens: 0, completed: true });
          const window = Math.floor(nowMs / provisionedWindowMs);
          const before = charged.get(window) ?? 0;
          expect(before + admission.chargedTokens).toBeLessThanOrEqual(80_700);
          charged.set(window, before + Math.max(1, inputTokens + 9 * outputTokens));
          const state = limiter.snapshot(nowMs).tokens;
          expect(state?.remaining).toBe(Math.max(0, 80_700 - (charged.get(window) ?? 0)));
        }
      }),
      { seed },
    );
  });
});

describe("the pool that all customers share", () => {
  it("is never short unless configured, however much is used", () => {
    const limiter = limiterOf(model("gemini-2.5-flash", {}));
    for (let call = 0; call < 10_000; call++) {
      expect(limiter.admit(call, ask({ inputTokens: 1_000_000 }))).toMatchObject({
        kind: "admitted",
        capacity: "on-demand",
      });
    }
  });

  it("is short for the configured share of the time", () => {
    const spec = { shortEveryMs: 10 * minuteMs, shortForMs: minuteMs };
    const pool = new SharedPool(spec, randomStream(7));
    let short = 0;
    const samples = 200_000;
    for (let sample = 0; sample < samples; sample++) if (pool.msUntilPlenty(sample * 10_000) > 0) short++;
    // 3,333 expected shortages: a relative standard error of about 2.4 %, four of which are allowed.
    expect(short / samples).toBeGreaterThan(0.09);
    expect(short / samples).toBeLessThan(0.11);
  });

  it("says when there is plenty again: then, and not a millisecond before", () => {
    fc.assert(
      fc.property(fc.integer(), fc.double({ min: 0, max: 6 * hourMs, noNaN: true }), (name, atMs) => {
        const pool = (): SharedPool => new SharedPool({ shortEveryMs: 20_000, shortForMs: 10_000 }, randomStream(name));
        const waitMs = pool().msUntilPlenty(atMs);
        if (waitMs === 0) return;
        expect(pool().msUntilPlenty(atMs + waitMs)).toBe(0);
        if (waitMs > 1) expect(pool().msUntilPlenty(atMs + waitMs - 1.001)).toBeGreaterThan(0);
      }),
      { seed, numRuns: 200 },
    );
  });

  it("is the same for every customer of a model", () => {
    const quota = quotaWith(oftenShort);
    const limiters = ["key", "stranger"].map((key) => quota(account(key, { organization: key }), model("m", {})));
    const kinds = instants.map((atMs) => limiters.map((limiter) => limiter.admit(atMs, ask({})).kind));
    expect(kinds.every(([mine, theirs]) => mine === theirs)).toBe(true);
    expect(new Set(kinds.flat()).size).toBe(2);
  });

  it("is another for another model, whichever else are asked", () => {
    const course = (names: readonly string[]): readonly (readonly string[])[] => {
      const quota = quotaWith(oftenShort);
      const limiters = names.map((name) => quota(account("key"), model(name, {})));
      return instants.map((atMs) => limiters.map((limiter) => limiter.admit(atMs, ask({})).kind));
    };
    const both = course(["flash", "pro"]);
    expect(both.map(([, pro]) => [pro])).toEqual(course(["pro"]));
    expect(both.some(([flash, pro]) => flash !== pro)).toBe(true);
  });

  it("leaves limits in force that a configuration names", () => {
    const limiter = limiterOf(model("gemini-2.5-flash", { requestsPerMinute: 1 }));
    expect(limiter.admit(0, ask({})).kind).toBe("admitted");
    expect(limiter.admit(0, ask({}))).toMatchObject({ kind: "refused", refusal: { retryAfterMs: 60_000 } });
  });
});

const oftenShort: SharedPoolSpec = { shortEveryMs: 20_000, shortForMs: 10_000 };

const instants: readonly number[] = Array.from({ length: 200 }, (_, index) => index * 1_000);

function quotaWith(sharedPool: SharedPoolSpec): Quota {
  return vertexQuota({ random: randomStream(3), sharedPool, startTimeOfDayMs: 0 });
}

/** Short for all but a thousandth of the time. */
const alwaysShort: SharedPoolSpec = { shortEveryMs: 1_000_000, shortForMs: 999_000 };

function limiterOf(spec: ModelSpec, sharedPool?: SharedPoolSpec): Limiter {
  return vertexQuota({ random: randomStream(1), sharedPool, startTimeOfDayMs: 0 })(account("key"), spec);
}

function ask(changes: Partial<QuotaAsk>): QuotaAsk {
  return { inputTokens: 1, cachedTokens: 0, promptCharacters: 0, maxOutputTokens: undefined, ...changes };
}

function player(one: ProvisionedCase): (step: Step, where: string) => void {
  const quota = vertexQuota({ random: randomStream(1), sharedPool: undefined, startTimeOfDayMs: 0 });
  const limiters = new Map(one.accounts.map((key: Account) => [key.apiKey, quota(key, one.model)]));
  let last: { readonly limiter: Limiter; readonly asked: QuotaAsk; readonly chargedTokens: number } | undefined;
  return (step, where) => {
    const limiter = limiters.get(step.step === "call" ? (step.apiKey ?? "key") : "key");
    if (limiter === undefined) throw new Error(`${where}: no such key`);
    if (step.step === "remaining") {
      expect(limiter.snapshot(step.atMs).tokens, where).toMatchObject({
        remaining: step.tokens,
        resetMs: step.resetMs,
      });
    } else if (step.step === "end") {
      const usage = { outputTokens: step.outputTokens, wastedTokens: 0, completed: true };
      if (last !== undefined) last.limiter.settle(step.atMs, last.chargedTokens, last.asked, usage);
    } else {
      const { inputTokens, cachedTokens = 0, maxTokens: maxOutputTokens, capacity } = step;
      const asked = ask({ inputTokens, cachedTokens, maxOutputTokens, capacity });
      const admission = limiter.admit(step.atMs, asked);
      expectAdmission(admission, step.expect, where);
      if (admission.kind === "admitted") last = { limiter, asked, chargedTokens: admission.chargedTokens };
      if (admission.kind === "admitted" && admission.capacity === "on-demand") {
        limiter.settle(step.atMs, admission.chargedTokens, asked, {
          outputTokens: 50,
          wastedTokens: 0,
          completed: true,
        });
      }
    }
  };
}

function expectAdmission(
  admission: Admission,
  expected: Extract<Step, { readonly step: "call" }>["expect"],
  where: string,
): void {
  if ("served" in expected) {
    const { served: capacity, ...details } = expected;
    expect(admission, where).toMatchObject({ kind: "admitted", capacity, ...details });
  } else {
    const { refused: kind, ...details } = expected;
    expect(admission, where).toMatchObject({ kind: "refused", refusal: { kind, ...details } });
  }
}
