import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createFaultSchedule } from "../../../behavior/faults/schedule.ts";
import { genaiPrices } from "../../../behavior/price/genai-prices.ts";
import { createProvider } from "../../../behavior/provider-model.ts";
import type { LimitState, Provider, ProviderDecision } from "../../../behavior/provider.ts";
import { CalendarWindow } from "../../../behavior/quota/calendar-window.ts";
import { geminiQuota } from "../../../behavior/quota/gemini.ts";
import type { Limiter, QuotaAsk } from "../../../behavior/quota/quota.ts";
import { randomStream } from "../../../core/random.ts";
import { dayMs, minuteMs } from "../../../core/time.ts";
import { account, type Expectation, geminiCases, type LimiterCase, model } from "./gemini-cases.ts";

const seed = 20_261_121;

describe("the Gemini API's limiter, case by case", () => {
  it("has a table of at least 20 cases", () => {
    expect(geminiCases.length).toBeGreaterThanOrEqual(20);
  });

  it.each(geminiCases.map((one) => [one.why, one] as const))("%s", (_why, one) => {
    const provider = providerOf(one);
    for (const [index, call] of one.calls.entries()) {
      let last: ProviderDecision | undefined;
      for (let time = 0; time < (call.times ?? 1); time++) {
        last = provider.begin(call.atMs, {
          apiKey: call.apiKey ?? "key",
          requestKey: `r${index}.${time}`,
          attempt: 1,
          model: call.model ?? "gemini-2.5-flash",
          inputTokens: call.inputTokens ?? 1,
          cachedTokens: call.cachedTokens ?? 0,
          promptCharacters: 1_000_000,
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

describe("the Gemini API's limiter, for any limits and calls", () => {
  const setting = fc.record({
    requestsPerMinute: fc.option(fc.integer({ min: 1, max: 8 }), { nil: undefined }),
    tokensPerMinute: fc.option(fc.integer({ min: 1, max: 60 }), { nil: undefined }),
    requestsPerDay: fc.option(fc.integer({ min: 1, max: 20 }), { nil: undefined }),
    startTimeOfDayMs: fc.integer({ min: 0, max: dayMs - 1 }),
    calls: fc
      .array(
        fc.record({
          pauseMs: fc.oneof(fc.constant(0), fc.double({ min: 0, max: 25_000, noNaN: true })),
          inputTokens: fc.integer({ min: 0, max: 40 }),
        }),
        { minLength: 1, maxLength: 60 },
      )
      .map((steps) => {
        let atMs = 0;
        return steps.map(({ pauseMs, inputTokens }) => {
          atMs += pauseMs;
          return { atMs, ask: askOf(inputTokens) };
        });
      }),
  });
  type Setting = typeof setting extends fc.Arbitrary<infer Value> ? Value : never;
  const limiterFor = ({ startTimeOfDayMs, calls: _calls, ...limits }: Setting): Limiter =>
    geminiQuota({ startTimeOfDayMs })(account("key"), model("m", limits));

  it("admits no more than the limit in any minute and any day of the clock", () => {
    fc.assert(
      fc.property(setting, (given) => {
        const limiter = limiterFor(given);
        const admitted = given.calls.filter(({ atMs, ask }) => limiter.admit(atMs, ask).kind === "admitted");
        const most = (perMs: number, costOf: (ask: QuotaAsk) => number): number => {
          const sums = new Map<number, number>();
          for (const { atMs, ask } of admitted) {
            const window = Math.floor((atMs + given.startTimeOfDayMs) / perMs);
            sums.set(window, (sums.get(window) ?? 0) + costOf(ask));
          }
          return Math.max(0, ...sums.values());
        };
        const { requestsPerMinute, tokensPerMinute, requestsPerDay } = given;
        expect(most(minuteMs, () => 1)).toBeLessThanOrEqual(requestsPerMinute ?? Number.POSITIVE_INFINITY);
        expect(most(minuteMs, (ask) => ask.inputTokens)).toBeLessThanOrEqual(
          tokensPerMinute ?? Number.POSITIVE_INFINITY,
        );
        expect(most(dayMs, () => 1)).toBeLessThanOrEqual(requestsPerDay ?? Number.POSITIVE_INFINITY);
      }),
      { seed },
    );
  });

  it("admits the refused call when it waits as long as told, and not a millisecond and a bit before", () => {
    fc.assert(
      fc.property(setting, (given) => {
        const limiter = limiterFor(given);
        for (const [index, { atMs, ask }] of given.calls.entries()) {
          const admission = limiter.admit(atMs, ask);
          if (admission.kind !== "refused" || admission.refusal.kind !== "rate-limit") continue;
          const { retryAfterMs } = admission.refusal;
          expect(replayed(given, index).admit(atMs + retryAfterMs, ask).kind).toBe("admitted");
          if (retryAfterMs <= 1) continue;
          expect(replayed(given, index).admit(atMs + retryAfterMs - 1.001, ask).kind).toBe("refused");
        }
      }),
      { seed, numRuns: 50 },
    );
  });

  it("shows what was used and what remains so that they add up to the limit", () => {
    fc.assert(
      fc.property(setting, (given) => {
        const limiter = limiterFor({ ...given, requestsPerDay: undefined });
        const used = { requests: 0, inputTokens: 0 };
        let minute = -1;
        for (const { atMs, ask } of given.calls) {
          const now = Math.floor((atMs + given.startTimeOfDayMs) / minuteMs);
          if (now !== minute) Object.assign(used, { requests: 0, inputTokens: 0 });
          minute = now;
          if (limiter.admit(atMs, ask).kind === "admitted") {
            used.requests += 1;
            used.inputTokens += ask.inputTokens;
          }
          for (const dimension of ["requests", "inputTokens"] as const) {
            const state = limiter.snapshot(atMs)[dimension];
            if (state === undefined) continue;
            expect(state.remaining + used[dimension]).toBe(state.limit);
            expect(state.resetMs > 0).toBe(used[dimension] > 0);
          }
        }
      }),
      { seed },
    );
  });

  function replayed(given: Setting, index: number): Limiter {
    const limiter = limiterFor(given);
    for (const { atMs, ask } of given.calls.slice(0, index + 1)) limiter.admit(atMs, ask);
    return limiter;
  }
});

describe("a window of the clock", () => {
  it("forgives what was corrected above it, and never holds less than nothing", () => {
    const window = new CalendarWindow({ amount: 10, perMs: 1_000, startMs: 0 });
    window.spend(0, 4);
    window.correct(10, 8);
    expect(window.used(10)).toBe(12);
    expect(window.msUntilFits(10, 1)).toBe(990);
    expect(window.used(1_000)).toBe(0);
    window.correct(1_000, -5);
    expect(window.used(1_000)).toBe(0);
  });

  it("is our bug when time goes backwards", () => {
    const window = new CalendarWindow({ amount: 10, perMs: 1_000, startMs: 0 });
    window.spend(5, 1);
    expect(() => window.spend(4, 1)).toThrow("time never goes backwards");
  });
});

function askOf(inputTokens: number): QuotaAsk {
  return { inputTokens, cachedTokens: 0, promptCharacters: 0, maxOutputTokens: undefined };
}

function providerOf(one: LimiterCase): Provider {
  const { startTimeOfDayMs, models, accounts } = one;
  return createProvider({
    spec: { name: "gemini", dialect: "gemini", models, sliceMs: 0, startTimeOfDayMs },
    accounts,
    random: randomStream(1),
    prices: genaiPrices("gemini"),
    faults: createFaultSchedule(),
    latencyScale: 1,
  });
}

function outcomeOf(decision: ProviderDecision): string {
  if (decision.kind === "serve") return "admitted";
  return decision.kind === "refuse" ? decision.refusal.kind : decision.kind;
}

function expectDetails(decision: ProviderDecision, expected: Expectation): void {
  if (expected.outcome === "admitted" && decision.kind === "serve") {
    expectState(decision.quota.requests, expected.requests);
    expectState(decision.quota.inputTokens, expected.inputTokens);
  } else if (expected.outcome === "rate-limit" && decision.kind === "refuse") {
    const { outcome: kind, ...details } = expected;
    expect(decision.refusal).toMatchObject({ kind, ...details });
  }
}

function expectState(
  state: LimitState | undefined,
  expected: readonly [number, number] | "unlimited" | undefined,
): void {
  if (expected === "unlimited") expect(state).toBeUndefined();
  else if (expected !== undefined) expect(state).toMatchObject({ remaining: expected[0], resetMs: expected[1] });
}
