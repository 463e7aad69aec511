import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { RollingWindow } from "../../../behavior/quota/rolling-window.ts";

describe("RollingWindow", () => {
  it("counts each call until it is one period old, however slowly they come", () => {
    const window = new RollingWindow(3, 5_000);
    for (const atMs of [0, 1_200, 2_400]) {
      expect(window.msUntilFits(atMs, 1)).toBe(0);
      window.spend(atMs, 1);
    }
    expect(window.msUntilFits(3_600, 1)).toBe(1_400);
    expect(window.used(4_999)).toBe(3);
    expect(window.used(5_000)).toBe(2);
    expect(window.msUntilWhole(3_600)).toBe(3_800);
  });

  it("takes no more for a refused call than is left", () => {
    const window = new RollingWindow(2, 1_000);
    window.take(0, 1);
    window.take(0, 5);
    expect(window.used(0)).toBe(2);
  });

  it("never admits more than its amount in any stretch of one period, and tells true retry times", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 5 }),
        fc.integer({ min: 1, max: 50 }),
        fc.array(fc.double({ min: 0, max: 20, noNaN: true }), { maxLength: 60 }),
        (amount, perMs, gaps) => {
          const window = new RollingWindow(amount, perMs);
          const admitted: number[] = [];
          let nowMs = 0;
          for (const gap of gaps) {
            nowMs += gap;
            const waitMs = window.msUntilFits(nowMs, 1);
            if (waitMs > 0) {
              expect(window.msUntilFits(nowMs + waitMs, 1)).toBe(0);
              continue;
            }
            window.spend(nowMs, 1);
            admitted.push(nowMs);
            expect(admitted.filter((atMs) => nowMs - atMs < perMs).length).toBeLessThanOrEqual(amount);
          }
        },
      ),
      { seed: 7, numRuns: 300 },
    );
  });
});
