import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Ramp } from "../../../behavior/quota/acceleration.ts";
import { quotaOf } from "../../../behavior/quota/algorithms.ts";
import type { Limiter } from "../../../behavior/quota/quota.ts";
import { randomStream } from "../../../core/random.ts";
import type { AccelerationSpec, Dialect } from "../../../core/scenario/provider-spec.ts";
import { minuteMs } from "../../../core/time.ts";

const seed = 20_261_121;
const rule: AccelerationSpec = { growth: 0.5, withinMs: 15 * minuteMs, fromTokensPerMinute: 1_000 };

describe("a limit on growth", () => {
  it("lets any traffic pass up to where it begins, then half as much again every 15 minutes", () => {
    const ramp = new Ramp(rule);
    const mostIn = (minute: number): number => {
      let passed = 0;
      while (ramp.msUntilFits(minute * minuteMs, 10) === 0) {
        ramp.spend(minute * minuteMs, 10);
        passed += 10;
      }
      return passed;
    };
    expect([0, 1, 14].map(mostIn)).toEqual([1_000, 1_000, 1_000]);
    expect([15, 16, 29].map(mostIn)).toEqual([1_500, 1_500, 1_500]);
    expect(mostIn(30)).toBe(2_250);
  });

  it("forgets what it had grown to after a quarter of an hour without traffic", () => {
    const ramp = new Ramp(rule);
    ramp.spend(0, 1_000);
    expect(ramp.used(16 * minuteMs)).toBe(0);
    expect(ramp.allowed).toBe(1_500);
    ramp.used(31 * minuteMs);
    expect(ramp.allowed).toBe(1_000);
    const unwatched = new Ramp(rule);
    unwatched.spend(0, 1_000);
    expect(unwatched.used(31 * minuteMs)).toBe(0);
    expect(unwatched.allowed).toBe(1_000);
  });

  it("never lets more pass in a minute than half as much again as in any minute of the period before, or one call", () => {
    const calls = fc.array(
      fc.record({ gapMs: fc.integer({ min: 0, max: 200_000 }), tokens: fc.integer({ min: 1, max: 900 }) }),
      { minLength: 1, maxLength: 200 },
    );
    fc.assert(
      fc.property(calls, (given) => {
        const ramp = new Ramp(rule);
        const minutes = new Map<number, number>();
        let nowMs = 0;
        for (const { gapMs, tokens } of given) {
          nowMs += gapMs;
          const firstMs = given[0]?.gapMs ?? 0;
          const waitMs = ramp.msUntilFits(nowMs, tokens);
          if (waitMs > 0) {
            expect(ramp.msUntilFits(nowMs + waitMs - 1, tokens)).toBeGreaterThan(0);
            nowMs += waitMs;
            expect(ramp.msUntilFits(nowMs, tokens)).toBe(0);
          }
          ramp.spend(nowMs, tokens);
          const minute = Math.floor((nowMs - firstMs) / minuteMs);
          minutes.set(minute, (minutes.get(minute) ?? 0) + tokens);
        }
        for (const [minute, tokens] of minutes) {
          const before = Math.floor(minute / 15) - 1;
          const busiest = Math.max(
            0,
            ...[...minutes].filter(([one]) => Math.floor(one / 15) === before).map(([, passed]) => passed),
          );
          expect(tokens).toBeLessThanOrEqual(Math.max(1_000, busiest * 1.5));
        }
      }),
      { seed },
    );
  });
});

describe.each(["openai", "azure-openai", "anthropic"] as const)("%s with a limit on growth", (dialect) => {
  it("refuses within the limits per minute, with a retry time that is true, and says which limit it was", () => {
    const limiter = limiterOf(dialect, rule);
    const ask = { inputTokens: 400, cachedTokens: 0, promptCharacters: 1_600, maxOutputTokens: 0 };
    expect(limiter.admit(5, ask).kind).toBe("admitted");
    expect(limiter.admit(5, ask).kind).toBe("admitted");
    expect(limiter.admit(10, ask)).toMatchObject({
      kind: "refused",
      refusal: {
        label: "tokens per minute (acceleration)",
        limit: 1_000,
        used: 800,
        requested: 400,
        retryAfterMs: minuteMs - 5,
      },
    });
    expect(limiter.admit(10 + minuteMs - 6, ask).kind).toBe("refused");
    expect(limiter.admit(10 + minuteMs - 5, ask).kind).toBe("admitted");
  });

  it("leaves headers and limits per minute as they are", () => {
    expect(limiterOf(dialect, rule).perMinute).toEqual(limiterOf(dialect, undefined).perMinute);
    expect(limiterOf(dialect, rule).snapshot(0)).toEqual(limiterOf(dialect, undefined).snapshot(0));
  });

  it("grows without bound unless it is asked not to", () => {
    const limiter = limiterOf(dialect, undefined);
    const ask = { inputTokens: 900_000, cachedTokens: 0, promptCharacters: 3_600_000, maxOutputTokens: 0 };
    expect(limiter.admit(0, ask).kind).toBe("admitted");
  });
});

function limiterOf(dialect: Dialect, acceleration: AccelerationSpec | undefined): Limiter {
  const model = {
    model: "m",
    requestsPerMinute: 1_000,
    tokensPerMinute: dialect === "anthropic" ? undefined : 1_000_000,
    ...(dialect === "anthropic" ? { inputTokensPerMinute: 1_000_000 } : {}),
    requestsPerDay: undefined,
    tokensPerDay: undefined,
    latencyProfile: "instant",
    latencyScale: 1,
  };
  const spec = {
    name: "a",
    dialect,
    models: [model],
    sliceMs: 0,
    ...(acceleration === undefined ? {} : { acceleration }),
  };
  return quotaOf(spec, randomStream(1))({ apiKey: "k", organization: "o", state: "active" }, model);
}
