/** Breaker, cooldown, tenant limits, budget, cache and back-off: what each does on a clock that a test turns. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { backoffMs } from "../../../behavior/routing/backoff.ts";
import { BudgetBook } from "../../../behavior/routing/budget.ts";
import { CircuitBreaker } from "../../../behavior/routing/circuit-breaker.ts";
import { clientRetries } from "../../../behavior/routing/client-retries.ts";
import { Cooldown } from "../../../behavior/routing/cooldown.ts";
import { questionsOf } from "../../../behavior/routing/questions.ts";
import { ResponseCache } from "../../../behavior/routing/response-cache.ts";
import { TenantLimiter } from "../../../behavior/routing/tenant-limits.ts";
import { WaitWindow } from "../../../behavior/routing/wait-window.ts";
import { randomStream } from "../../../core/random.ts";
import type { Jitter } from "../../../core/scenario/resilience-spec.ts";
import { hourMs, minuteMs } from "../../../core/time.ts";

describe("a back-off", () => {
  it.each<{ jitter: Jitter; least: number; half: number; most: number }>([
    { jitter: "none", least: 400, half: 400, most: 400 },
    { jitter: "full", least: 0, half: 200, most: 400 },
    { jitter: "equal", least: 200, half: 300, most: 400 },
    { jitter: "decorrelated", least: 100, half: 350, most: 600 },
    { jitter: "sdk", least: 400, half: 350, most: 300 },
  ])(
    "before the third retry, after 200 ms before the second, scatters as $jitter says",
    ({ jitter, least, half, most }) => {
      const spec = { baseMs: 100, capMs: 1_000, jitter };
      expect([0, 0.5, 1].map((chance) => backoffMs(spec, 3, 200, chance))).toEqual([least, half, most]);
    },
  );

  it("never exceeds its cap, nor falls below 0, however many tries there were", () => {
    const jitters = fc.constantFrom<Jitter>("none", "full", "equal", "decorrelated", "sdk");
    const chance = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
    fc.assert(
      fc.property(
        jitters,
        fc.integer({ min: 1, max: 3_000 }),
        fc.nat({ max: 5_000 }),
        chance,
        (jitter, retry, was, draw) => {
          const waitMs = backoffMs({ baseMs: 100, capMs: 1_000, jitter }, retry, was, draw);
          expect(waitMs).toBeGreaterThanOrEqual(0);
          expect(waitMs).toBeLessThanOrEqual(1_000);
        },
      ),
      { seed: 1 },
    );
  });
});

describe("a client's library", () => {
  const spec = { max: 2, backoff: { baseMs: 500, capMs: 8_000, jitter: "sdk" }, honourRetryAfter: true } as const;
  const failed = { key: "r0", tries: 1, outcome: "rate-limited", status: 429, retryAfterMs: undefined } as const;

  it("waits equally long for the same request, whoever asks and however often", () => {
    const [one, other] = [clientRetries(spec, randomStream(7)), clientRetries(spec, randomStream(7))];
    expect(one(failed)).toBe(other(failed));
    expect(one(failed)).not.toBe(one({ ...failed, key: "r1" }));
    expect(one(failed)).toBeGreaterThan(375);
    expect(one(failed)).toBeLessThanOrEqual(500);
  });

  it.each([
    ["the third failure of two retries", { tries: 3 }, undefined],
    ["an answer that asks for 3 s", { retryAfterMs: 3_000 }, 3_000],
    ["a request that is wrong", { outcome: "rejected", status: 400 }, undefined],
    ["a stream that was cut", { outcome: "cut-stream", status: 200 }, undefined],
    ["a client that left", { outcome: "aborted", status: 0 }, undefined],
  ] as const)("on %s waits so long", (_what, changes, waitMs) => {
    expect(clientRetries(spec, randomStream(7))({ ...failed, ...changes })).toBe(waitMs);
  });

  it.each([
    ["rejected", 408],
    ["rejected", 409],
    ["server-error", 500],
    ["connection", 0],
    ["timeout", 0],
  ] as const)("tries again after %s %i", (outcome, status) => {
    expect(clientRetries(spec, randomStream(7))({ ...failed, outcome, status })).toBeGreaterThan(0);
  });

  it("takes a wish to be left alone for a minute for no wish at all, and waits as ever", () => {
    expect(clientRetries(spec, randomStream(7))({ ...failed, retryAfterMs: minuteMs })).toBeLessThanOrEqual(500);
  });
});

describe("a circuit breaker", () => {
  it("opens on a share of enough calls within its window, and forgets what is older", () => {
    const opens = { kind: "share", share: 0.5, callsMin: 4, windowMs: 1_000 } as const;
    const breaker = new CircuitBreaker({ opens, openMs: 500, probes: 1 });
    const ended = (atMs: number, failed: boolean): unknown => breaker.ends(atMs, failed, false);
    expect([ended(0, true), ended(10, true), ended(20, true)]).toEqual([undefined, undefined, undefined]);
    expect([ended(1_500, true), ended(1_510, false), ended(1_520, false)]).toEqual([undefined, undefined, undefined]);
    expect(ended(1_530, true)).toBe("open");
  });

  it("closes when all its probes have succeeded, and opens again when one fails", () => {
    const breaker = new CircuitBreaker({ opens: { kind: "consecutive", failures: 1 }, openMs: 100, probes: 2 });
    breaker.ends(0, true, false);
    expect([breaker.allows(99), breaker.allows(100)]).toEqual([false, true]);
    expect([breaker.begins(100), breaker.begins(100), breaker.allows(100)]).toEqual([true, true, false]);
    expect(breaker.ends(110, false, true)).toBeUndefined();
    expect(breaker.ends(120, true, true)).toBe("open");
    expect(breaker.state(219)).toBe("open");
    expect([breaker.begins(220), breaker.begins(220)]).toEqual([true, true]);
    expect([breaker.ends(230, false, true), breaker.ends(240, false, true)]).toEqual([undefined, "closed"]);
  });

  it("lets another probe through in place of one that was taken back", () => {
    const breaker = new CircuitBreaker({ opens: { kind: "consecutive", failures: 1 }, openMs: 100, probes: 1 });
    breaker.ends(0, true, false);
    breaker.begins(100);
    expect(breaker.allows(110)).toBe(false);
    breaker.takenBack(true);
    expect(breaker.allows(110)).toBe(true);
  });

  it("is open for its whole time after it opened, and lets no more than its probes through after that", () => {
    const step = fc.record({ gapMs: fc.nat({ max: 60 }), failed: fc.boolean() });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), fc.integer({ min: 1, max: 3 }), (steps, probes) => {
        const breaker = new CircuitBreaker({ opens: { kind: "consecutive", failures: 2 }, openMs: 100, probes });
        let nowMs = 0;
        let openedMs = Number.NEGATIVE_INFINITY;
        let outstanding: boolean[] = [];
        for (const { gapMs, failed } of steps) {
          nowMs += gapMs;
          if (breaker.allows(nowMs)) {
            expect(nowMs).toBeGreaterThanOrEqual(openedMs + 100);
            outstanding.push(breaker.begins(nowMs));
            expect(outstanding.filter(Boolean).length).toBeLessThanOrEqual(probes);
          }
          if (gapMs % 2 === 0) continue;
          const [probe, ...rest] = outstanding;
          outstanding = rest;
          if (probe === undefined) continue;
          const state = breaker.ends(nowMs, failed, probe);
          if (state === "open") openedMs = nowMs;
          if (state !== undefined) outstanding = outstanding.map(() => false);
        }
      }),
      { seed: 1 },
    );
  });
});

describe("a cooldown", () => {
  it("counts the failures of a whole minute", () => {
    const cooldown = new Cooldown({ allowedFails: 1, cooldownMs: 5_000 });
    expect([cooldown.fails(59_000, undefined), cooldown.fails(61_000, undefined)]).toEqual([false, false]);
    expect(cooldown.fails(62_000, undefined)).toBe(true);
    expect([cooldown.allows(66_999), cooldown.allows(67_000)]).toEqual([false, true]);
  });
});

describe("a tenant's limiter", () => {
  it("says how long its minute still lasts", () => {
    const limits = { tenant: "t", requestsPerMinute: 1, tokensPerMinute: undefined, concurrency: undefined };
    const limiter = new TenantLimiter(limits);
    expect(limiter.enter(1_000)).toBeUndefined();
    expect(limiter.enter(11_000)).toEqual({ what: "requests", retryAfterMs: 50_000 });
    limiter.leave(12_000, 10);
    expect(limiter.inFlight).toBe(0);
  });
});

describe("a book of budgets", () => {
  it("goes by whichever budget of a tenant stands worst", () => {
    const budgets = [
      { tenant: "t", limit: 100, periodMs: minuteMs },
      { tenant: undefined, limit: 150, periodMs: hourMs },
    ];
    const book = new BudgetBook({ budgets, onBreach: "cheaper-model", degradeFrom: 0.8 });
    const states = (nowMs: number): readonly unknown[] => ["t", "other"].map((name) => book.worst(nowMs, name)?.state);
    book.charge(0, "t", 79);
    expect(states(0)).toEqual(["open", "open"]);
    book.charge(0, "t", 1);
    expect(states(0)).toEqual(["degraded", "open"]);
    book.charge(0, "other", 70);
    expect(states(0)).toEqual(["spent", "spent"]);
    expect(book.worst(0, "t")?.budget.renewsMs(0)).toBe(hourMs);
    expect(states(hourMs)).toEqual(["open", "open"]);
  });
});

describe("a response cache", () => {
  it("lets go of the answer that was used longest ago", () => {
    const cache = new ResponseCache({ ttlMs: 1_000, entriesMax: 2 });
    const answer = { outputTokens: 1, chunks: 1 };
    cache.store(0, "a", answer);
    cache.store(1, "b", answer);
    cache.lookup(2, "a");
    cache.store(3, "c", answer);
    expect(["a", "b", "c"].map((question) => cache.lookup(4, question) !== undefined)).toEqual([true, false, true]);
  });

  it("is asked common questions as unequally often as Zipf has it", () => {
    const spec = { ttlMs: 1, entriesMax: 1, repeats: 0.5, questions: 3, semantic: 0 };
    const questionOf = questionsOf(spec, randomStream(1));
    const asked = Array.from({ length: 20_000 }, (_, index) => questionOf({ key: `r${index}`, model: "m" }).text);
    // 1 : 1/2 : 1/3 of one half is 6/22, 3/22 and 2/22 of all.
    for (const [rank, share] of [6 / 22, 3 / 22, 2 / 22].entries()) {
      expect(asked.filter((text) => text === `m/common ${rank}`).length / 20_000).toBeCloseTo(share, 2);
    }
  });
});

describe("a window of waits", () => {
  it("knows no quantile before it has seen enough, then that of the newest", () => {
    const window = new WaitWindow(0.95);
    for (let wait = 1; wait < 32; wait++) window.add(wait);
    expect(window.quantileMs).toBeUndefined();
    window.add(32);
    expect(window.quantileMs).toBe(31);
    for (let again = 0; again < 256; again++) window.add(1_000);
    expect(window.quantileMs).toBe(1_000);
  });
});
