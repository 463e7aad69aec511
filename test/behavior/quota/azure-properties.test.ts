import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { azureProvisionedQuota } from "../../../behavior/quota/azure-provisioned.ts";
import { azureStandardQuota, azureTokenCharge } from "../../../behavior/quota/azure-standard.ts";
import { FixedWindow } from "../../../behavior/quota/fixed-window.ts";
import type { Limit, Limiter, QuotaAsk } from "../../../behavior/quota/quota.ts";
import { accountOf, modelSpec } from "./azure-cases.ts";

const seed = 20_261_121;

interface Call {
  readonly atMs: number;
  readonly ask: QuotaAsk;
  /** Tokens of the answer. */
  readonly outputTokens: number;
}

/** Calls close enough together to meet small limits, at fractional instants. */
const calls: fc.Arbitrary<readonly Call[]> = fc
  .array(
    fc.record({
      pauseMs: fc.oneof(fc.constant(0), fc.double({ min: 0, max: 3_000, noNaN: true })),
      prompt: fc.integer({ min: 0, max: 60 }),
      maxTokens: fc.option(fc.integer({ min: 0, max: 25 }), { nil: undefined }),
      outputTokens: fc.integer({ min: 0, max: 25 }),
    }),
    { minLength: 1, maxLength: 60 },
  )
  .map((steps) => {
    let atMs = 0;
    return steps.map(({ pauseMs, prompt, maxTokens, outputTokens }) => {
      atMs += pauseMs;
      const ask = { inputTokens: prompt, cachedTokens: 0, promptCharacters: prompt, maxOutputTokens: maxTokens };
      return { atMs, ask, outputTokens };
    });
  });

describe("a standard deployment's limiter", () => {
  const limit = fc.record({
    dimension: fc.constantFrom<Limit["dimension"]>("requests", "tokens"),
    amount: fc.integer({ min: 1, max: 130 }),
    perMs: fc.constantFrom(1_000, 10_000, 60_000),
    label: fc.constant("limit"),
  });
  const setting = fc.record({
    limits: fc.array(limit, { minLength: 1, maxLength: 3 }),
    sliceMs: fc.constantFrom(0, 1_000, 7_000),
    calls,
  });
  type Setting = typeof setting extends fc.Arbitrary<infer Value> ? Value : never;
  const limiterFor = ({ limits, sliceMs }: Setting): Limiter =>
    azureStandardQuota({ sliceMs })(accountOf(limits), modelSpec({}));

  it("admits at most twice a limit in any span of its period, and at most the limit from a fresh start", () => {
    fc.assert(
      fc.property(setting, (given) => {
        const limiter = limiterFor(given);
        const admitted = given.calls.filter((call) => limiter.admit(call.atMs, call.ask).kind === "admitted");
        for (const { dimension, amount, perMs } of given.limits) {
          const within = (fromMs: number): number =>
            admitted
              .filter(({ atMs }) => atMs >= fromMs && atMs < fromMs + perMs)
              .reduce((sum, { ask }) => sum + (dimension === "requests" ? 1 : azureTokenCharge(ask)), 0);
          const [first] = admitted;
          if (first !== undefined) expect(within(first.atMs)).toBeLessThanOrEqual(amount);
          for (const { atMs } of admitted) expect(within(atMs)).toBeLessThanOrEqual(2 * amount);
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
          const replayed = (): Limiter => {
            const other = limiterFor(given);
            for (const before of given.calls.slice(0, index + 1)) other.admit(before.atMs, before.ask);
            return other;
          };
          expect(replayed().admit(call.atMs + retryAfterMs, call.ask).kind).toBe("admitted");
          if (retryAfterMs > 1)
            expect(replayed().admit(call.atMs + retryAfterMs - 1.001, call.ask).kind).toBe("refused");
        }
      }),
      { seed, numRuns: 60 },
    );
  });

  it("shows headers that agree with the state: used and remaining are the limit, and a reset is due when something is used", () => {
    fc.assert(
      fc.property(setting, ({ limits: [only], sliceMs, calls: sent }) => {
        if (only === undefined) return;
        const limiter = limiterFor({ limits: [only], sliceMs, calls: sent });
        for (const { atMs, ask } of sent) {
          const admission = limiter.admit(atMs, ask);
          const state = limiter.snapshot(atMs)[only.dimension === "requests" ? "requests" : "tokens"];
          if (state === undefined) continue;
          if (admission.kind === "refused" && admission.refusal.kind === "rate-limit") {
            expect(state.remaining + admission.refusal.used).toBe(only.amount);
          }
          expect(state.remaining).toBeGreaterThanOrEqual(0);
          expect(state.resetMs > 0).toBe(state.remaining < state.limit);
          const then = limiter.snapshot(atMs + state.resetMs)[only.dimension === "requests" ? "requests" : "tokens"];
          expect(then).toEqual({ limit: only.amount, remaining: only.amount, resetMs: 0 });
        }
      }),
      { seed },
    );
  });
});

describe("a window", () => {
  it("never lets more through in a slice than its share, and in all slices exactly the amount", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 200 }), fc.integer({ min: 1, max: 60 }), (amount, wished) => {
        const slices = Math.min(amount, wished);
        const perMs = slices * 1_000;
        const window = new FixedWindow({ amount, perMs, slices });
        let total = 0;
        for (let slice = 0; slice < slices; slice++) {
          const atMs = slice * 1_000;
          let through = 0;
          while (window.msUntilFits(atMs, 1) === 0) {
            window.spend(atMs, 1);
            through += 1;
          }
          expect(through).toBeGreaterThanOrEqual(Math.floor(amount / slices));
          expect(through).toBeLessThanOrEqual(Math.ceil(amount / slices));
          total += through;
        }
        expect(total).toBe(amount);
        expect(window.used(perMs - 1)).toBe(amount);
        expect(window.used(perMs)).toBe(0);
      }),
      { seed },
    );
  });

  it("tells a true wait where rounding puts the end a hair too early", () => {
    const window = new FixedWindow({ amount: 1, perMs: 60_000, slices: 1 });
    window.spend(106_840.821_917_808_22, 1);
    const nowMs = 137_840.821_917_808_2;
    expect(window.used(nowMs + 29_000)).toBe(1);
    expect(window.msUntilFits(nowMs, 1)).toBe(29_001);
    expect(window.msUntilWhole(nowMs)).toBe(29_001);
  });

  it("refuses to go back in time", () => {
    const window = new FixedWindow({ amount: 1, perMs: 1_000, slices: 1 });
    window.spend(10, 1);
    expect(() => window.spend(9, 1)).toThrow(/time never goes backwards/);
  });

  it.each([
    { amount: 0, perMs: 1, slices: 1 },
    { amount: 1.5, perMs: 1, slices: 1 },
    { amount: 1, perMs: 0, slices: 1 },
    { amount: 1, perMs: 1, slices: 2 },
    { amount: 1, perMs: 1, slices: 0 },
  ])("cannot be made of $amount per $perMs ms in $slices slices", (options) => {
    expect(() => new FixedWindow(options)).toThrow(/must be/);
  });
});

describe("a provisioned deployment's limiter", () => {
  /** One PTU of o1: 230 input tokens a minute, an output token counting as four. */
  const capacity = 230;
  const workOf = ({ ask, outputTokens }: Call): number => ask.inputTokens + 4 * outputTokens;
  const limiterOf = (): Limiter =>
    azureProvisionedQuota()(accountOf(), modelSpec({ model: "o1", provisionedUnits: 1 }));
  const finish = (limiter: Limiter, call: Call, atMs: number, chargedTokens: number): void =>
    limiter.settle(atMs, chargedTokens, call.ask, {
      outputTokens: call.outputTokens,
      wastedTokens: 0,
      completed: true,
    });

  it("charges in any span at most what drains in it, a full bucket, and the call that overflows it", () => {
    fc.assert(
      fc.property(calls, (sent) => {
        const limiter = limiterOf();
        const admitted = sent.flatMap((call) => {
          const admission = limiter.admit(call.atMs, call.ask);
          return admission.kind === "admitted" ? [{ atMs: call.atMs, charged: admission.chargedTokens }] : [];
        });
        for (const [from, first] of admitted.entries()) {
          let beforeLast = 0;
          for (const { atMs, charged } of admitted.slice(from)) {
            expect(beforeLast).toBeLessThanOrEqual(capacity + ((atMs - first.atMs) * capacity) / 60_000 + 1e-6);
            beforeLast += charged;
          }
        }
      }),
      { seed },
    );
  });

  it("has charged in the end the work that was done, whatever was estimated: settlement conserves", () => {
    fc.assert(
      fc.property(calls, (sent) => {
        const limiter = limiterOf();
        let done = 0;
        for (const call of sent) {
          const admission = limiter.admit(0, call.ask);
          if (admission.kind === "refused") continue;
          finish(limiter, call, 0, admission.chargedTokens);
          done += workOf(call);
        }
        expect(limiter.snapshot(0).utilization).toBeCloseTo(done / capacity, 9);
      }),
      { seed },
    );
  });

  it("never stores up credit: after a call that used less than estimated, it is at most whole", () => {
    fc.assert(
      fc.property(calls, fc.double({ min: 0, max: 120_000, noNaN: true }), (sent, laterMs) => {
        const limiter = limiterOf();
        for (const call of sent) {
          const admission = limiter.admit(call.atMs, { ...call.ask, maxOutputTokens: 25 });
          if (admission.kind === "admitted")
            finish(limiter, { ...call, outputTokens: 0 }, call.atMs, admission.chargedTokens);
        }
        const endMs = (sent.at(-1)?.atMs ?? 0) + laterMs;
        const { tokens, utilization } = limiter.snapshot(endMs);
        expect(utilization).toBeGreaterThanOrEqual(0);
        expect(tokens?.remaining).toBeLessThanOrEqual(capacity);
      }),
      { seed },
    );
  });

  it("admits the refused call when it waits as long as told, and not a millisecond and a bit before", () => {
    fc.assert(
      fc.property(calls, (sent) => {
        const limiter = limiterOf();
        for (const [index, call] of sent.entries()) {
          const admission = limiter.admit(call.atMs, call.ask);
          if (admission.kind !== "refused" || admission.refusal.kind !== "rate-limit") continue;
          const { retryAfterMs } = admission.refusal;
          const replayed = (): Limiter => {
            const other = limiterOf();
            for (const before of sent.slice(0, index + 1)) other.admit(before.atMs, before.ask);
            return other;
          };
          expect(replayed().admit(call.atMs + retryAfterMs, call.ask).kind).toBe("admitted");
          if (retryAfterMs > 1)
            expect(replayed().admit(call.atMs + retryAfterMs - 1.001, call.ask).kind).toBe("refused");
        }
      }),
      { seed, numRuns: 60 },
    );
  });
});
