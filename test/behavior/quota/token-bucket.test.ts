import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { TokenBucket } from "../../../behavior/quota/token-bucket.ts";
import { InvariantError } from "../../../core/invariant.ts";

describe("a bucket", () => {
  it("stays exact over two hundred thousand spendings without ever being whole", () => {
    const { amount, perMs } = { amount: 999_983, perMs: 60_000 };
    const bucket = new TokenBucket({ amount, perMs, burst: amount });
    let usedTimesPerMs = 0;
    let nowMs = 0;
    for (let step = 0; step < 200_000; step++) {
      const elapsedMs = 1 + ((step * 7_919) % 997);
      nowMs += elapsedMs;
      usedTimesPerMs -= elapsedMs * amount;
      const cost = Math.max(1, Math.floor((amount * perMs - usedTimesPerMs) / perMs / 2));
      bucket.spend(nowMs, cost);
      usedTimesPerMs = Math.max(0, usedTimesPerMs) + cost * perMs;
      expect(Math.abs(bucket.used(nowMs) - usedTimesPerMs / perMs)).toBeLessThan(1e-6);
    }
    expect(nowMs).toBeGreaterThan(1_000 * perMs);
  });

  it("is whole again exactly when it says", () => {
    const bucket = new TokenBucket({ amount: 7, perMs: 60_000, burst: 7 });
    bucket.spend(0, 3);
    expect(bucket.msUntilWhole(0)).toBe(25_715);
    expect(bucket.used(25_714)).toBeGreaterThan(0);
    expect(bucket.used(25_715)).toBe(0);
    expect(bucket.msUntilWhole(25_715)).toBe(0);
  });

  it("gives up what is left, and no more, to a take", () => {
    const bucket = new TokenBucket({ amount: 60, perMs: 60_000, burst: 60 });
    bucket.spend(0, 59);
    bucket.take(0, 1);
    expect(bucket.used(0)).toBe(60);
    bucket.take(500, 1);
    expect(bucket.used(500)).toBe(60);
    expect(bucket.msUntilFits(500, 1)).toBe(1_000);
  });

  it("forgives no debt for a take", () => {
    const bucket = new TokenBucket({ amount: 60_000, perMs: 60_000, burst: 1_000 });
    bucket.spend(0, 3_000);
    bucket.take(0, 1);
    expect(bucket.used(0)).toBe(3_000);
  });

  it("tells waits that are true and as short as whole milliseconds can be", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 2_000_000 }),
        fc.integer({ min: 1, max: 100_000 }),
        fc.double({ min: 0.001, max: 1, noNaN: true }),
        fc.array(fc.tuple(fc.double({ min: 0, max: 1e6, noNaN: true }), fc.double({ min: 0, max: 1, noNaN: true })), {
          maxLength: 20,
        }),
        (amount, perMs, slice, history) => {
          const bucket = new TokenBucket({ amount, perMs, burst: Math.max(1, amount * slice) });
          let nowMs = 0;
          for (const [pauseMs, share] of history) {
            nowMs += pauseMs;
            const cost = Math.ceil(share * amount);
            const waitMs = bucket.msUntilFits(nowMs, cost);
            expect(bucket.msUntilFits(nowMs + waitMs, cost)).toBe(0);
            if (waitMs > 1) expect(bucket.msUntilFits(nowMs + waitMs - 1.001, cost)).toBeGreaterThan(0);
            if (waitMs === 0) bucket.spend(nowMs, cost);
          }
        },
      ),
      { seed: 20_261_121 },
    );
  });

  it("tells a true wait where rounding puts the end a hair too early", () => {
    const bucket = new TokenBucket({ amount: 7, perMs: 60_000, burst: 7 });
    bucket.spend(16_547, 4);
    const nowMs = 50_197.714_285_714_28;
    expect(bucket.used(nowMs + 635)).toBeGreaterThan(0);
    expect(bucket.msUntilWhole(nowMs)).toBe(636);
  });

  it("refuses to go back in time", () => {
    const bucket = new TokenBucket({ amount: 1, perMs: 1_000, burst: 1 });
    bucket.spend(10, 1);
    expect(() => bucket.spend(9, 1)).toThrow(InvariantError);
  });

  it.each([
    { amount: 0, perMs: 1, burst: 1 },
    { amount: 1.5, perMs: 1, burst: 1 },
    { amount: 1, perMs: 0, burst: 1 },
    { amount: 1, perMs: 1, burst: 2 },
    { amount: 1, perMs: 1, burst: 0 },
  ])("cannot be made of $amount per $perMs ms with a burst of $burst", (options) => {
    expect(() => new TokenBucket(options)).toThrow(InvariantError);
  });
});
