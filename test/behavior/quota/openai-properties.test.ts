import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { openAiQuota, tokenCharge } from "../../../behavior/quota/openai.ts";
import type { Limit, Limiter, QuotaAsk } from "../../../behavior/quota/quota.ts";

const seed = 20_261_121;

interface Call {
  readonly atMs: number;
  readonly ask: QuotaAsk;
}

interface Setting {
  readonly limits: readonly Limit[];
  readonly sliceMs: number;
  readonly calls: readonly Call[];
}

const limit = fc.record({
  dimension: fc.constantFrom<Limit["dimension"]>("requests", "tokens"),
  amount: fc.integer({ min: 1, max: 20 }),
  perMs: fc.constantFrom(1_000, 5_000, 60_000, 86_400_000),
  label: fc.constant("limit"),
});

/** Calls close enough together to meet the limits, at fractional instants. */
const setting: fc.Arbitrary<Setting> = fc.record({
  limits: fc.array(limit, { minLength: 1, maxLength: 4 }),
  sliceMs: fc.constantFrom(0, 100, 1_000),
  calls: fc
    .array(
      fc.record({
        pauseMs: fc.oneof(fc.constant(0), fc.double({ min: 0, max: 3_000, noNaN: true })),
        characters: fc.integer({ min: 0, max: 60 }),
        maxTokens: fc.option(fc.integer({ min: 0, max: 25 }), { nil: undefined }),
      }),
      { minLength: 1, maxLength: 60 },
    )
    .map((steps) => {
      let atMs = 0;
      return steps.map((step) => {
        atMs += step.pauseMs;
        const { characters: promptCharacters, maxTokens: maxOutputTokens } = step;
        return { atMs, ask: { inputTokens: 1, cachedTokens: 0, promptCharacters, maxOutputTokens } };
      });
    }),
});

function limiterFor({ limits, sliceMs }: Setting): Limiter {
  const model = {
    model: "m",
    requestsPerMinute: undefined,
    tokensPerMinute: undefined,
    requestsPerDay: undefined,
    tokensPerDay: undefined,
    latencyProfile: "instant",
    latencyScale: 1,
  };
  return openAiQuota({ sliceMs })({ apiKey: "key", organization: "org", state: "active", limits }, model);
}

describe("OpenAI's limiter, for any limits and calls", () => {
  it("never admits more than the limit and its refill in any stretch of time", () => {
    fc.assert(
      fc.property(setting, (given) => {
        const limiter = limiterFor(given);
        const admitted = given.calls.filter((call) => limiter.admit(call.atMs, call.ask).kind === "admitted");
        for (const { dimension, amount, perMs } of given.limits) {
          const cost = (call: Call): number => (dimension === "requests" ? 1 : tokenCharge(call.ask));
          for (const [from, first] of admitted.entries()) {
            let total = 0;
            for (const call of admitted.slice(from)) {
              total += cost(call);
              expect(total).toBeLessThanOrEqual(amount + ((call.atMs - first.atMs) * amount) / perMs + 1e-6);
            }
          }
        }
      }),
      { seed },
    );
  });

  it("admits the refused call when it waits as long as told, and not a millisecond and a bit before", () => {
    fc.assert(
      fc.property(setting, (given) => {
        const limiter = limiterFor(given);
        for (const [index, call] of given.calls.entries()) {
          const admission = limiter.admit(call.atMs, call.ask);
          if (admission.kind !== "refused" || admission.refusal.kind !== "rate-limit") continue;
          const { retryAfterMs } = admission.refusal;
          expect(replayed(given, index).admit(call.atMs + retryAfterMs, call.ask).kind).toBe("admitted");
          if (retryAfterMs <= 1) continue;
          expect(replayed(given, index).admit(call.atMs + retryAfterMs - 1.001, call.ask).kind).toBe("refused");
        }
      }),
      { seed, numRuns: 50 },
    );
  });

  it("shows headers that agree with the state", () => {
    fc.assert(
      fc.property(setting, (given) => {
        const limiter = limiterFor(given);
        for (const call of given.calls) {
          limiter.admit(call.atMs, call.ask);
          for (const dimension of ["requests", "tokens"] as const) {
            const state = limiter.snapshot(call.atMs)[dimension];
            if (state === undefined) continue;
            expect(state.remaining).toBe(Math.floor(state.remaining));
            expect(state.remaining).toBeGreaterThanOrEqual(0);
            expect(state.remaining).toBeLessThanOrEqual(state.limit);
            expect(state.resetMs > 0, "a reset is due exactly when something is used").toBe(
              state.remaining < state.limit,
            );
          }
        }
      }),
      { seed },
    );
  });

  it("is whole again at the reset it shows, and not a millisecond and a bit before", () => {
    fc.assert(
      fc.property(setting, ({ limits: [only], sliceMs, calls }) => {
        if (only === undefined) return;
        const limiter = limiterFor({ limits: [only], sliceMs, calls });
        for (const call of calls) {
          limiter.admit(call.atMs, call.ask);
          const state = limiter.snapshot(call.atMs)[only.dimension];
          if (state === undefined || state.resetMs === 0) continue;
          const then = limiter.snapshot(call.atMs + state.resetMs)[only.dimension];
          expect(then).toEqual({ limit: only.amount, remaining: only.amount, resetMs: 0 });
          if (state.resetMs <= 1) continue;
          const before = limiter.snapshot(call.atMs + state.resetMs - 1.001)[only.dimension];
          expect(before?.resetMs).toBeGreaterThan(0);
        }
      }),
      { seed },
    );
  });

  it("decides the same for the same calls", () => {
    fc.assert(
      fc.property(setting, (given) => {
        const [one, other] = [limiterFor(given), limiterFor(given)];
        for (const call of given.calls)
          expect(one.admit(call.atMs, call.ask)).toEqual(other.admit(call.atMs, call.ask));
      }),
      { seed, numRuns: 20 },
    );
  });
});

/** A fresh limiter with the same history, up to and including call `index`. */
function replayed(given: Setting, index: number): Limiter {
  const limiter = limiterFor(given);
  for (const call of given.calls.slice(0, index + 1)) limiter.admit(call.atMs, call.ask);
  return limiter;
}
