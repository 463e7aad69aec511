import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { MetricWindow } from "../../../behavior/scaling/kpa/buckets.ts";
import { decideKpa, newKpaState } from "../../../behavior/scaling/kpa/decider.ts";
import { kpaPolicy } from "../../../behavior/scaling/kpa/policy.ts";
import { deciderSpec } from "../../../behavior/scaling/kpa/spec.ts";
import { play, type Row } from "./timeline.ts";

/** One row a second with the same number of requests in flight. */
function seconds(from: number, to: number, concurrency: number): readonly Row[] {
  return Array.from({ length: to - from }, (_, index) => ({ atSeconds: from + index, totals: { concurrency } }));
}

describe("the KPA at 70 of 100 requests a replica", () => {
  it("panics at twice what is ready, never comes down in panic, and does when a stable window has passed", () => {
    const decisions = play(kpaPolicy({ metric: "concurrency" }), 1, [
      ...seconds(0, 60, 50),
      ...seconds(60, 67, 700),
      ...seconds(67, 140, 50),
    ]);
    const at = (second: number): number => decisions[second]?.replicas ?? -1;
    expect(at(60)).toBe(3); //   6 s hold 5 x 50 + 700: 158 of 70, over twice the 1 that is ready: panic
    expect(at(62)).toBe(6); //   3 x 50 + 3 x 700: 375; 6 for 3 is twice again, panic from here
    expect(at(64)).toBe(9); //   50 + 5 x 700: 592; 9 for 6 is not
    expect(at(66)).toBe(10); //  6 x 700
    expect(at(122)).toBe(10); // 60 s after the last time over: not yet over
    expect(at(124)).toBe(5); //  the minute still holds 65 and 66 s: 72 of 70, 2; but no less than half of 10
    expect(at(126)).toBe(2); //  1, but half of 5
    expect(at(128)).toBe(1);
    expect(decisions[66]?.reason).toBe("KPA: panic, concurrency 700 of target 70 per replica, 9 -> 10");
  });

  it("goes to zero after a stable window without requests and thirty seconds behind the activator", () => {
    const decisions = play(kpaPolicy({ metric: "concurrency" }), 1, [
      ...seconds(0, 10, 5), //    active from the first second
      ...seconds(10, 180, 0), //  the window is empty of requests at 70 s
    ]);
    const zeroAt = decisions.findIndex(({ replicas }) => replicas === 0);
    expect(zeroAt).toBeGreaterThanOrEqual(70);
    expect(zeroAt).toBeLessThanOrEqual(102);
    expect(decisions.slice(zeroAt).every(({ replicas }) => replicas === 0)).toBe(true);
  });

  it("holds the initial scale until it was reached once, then only max-scale", () => {
    const policy = kpaPolicy({ metric: "concurrency", initialScale: 3, maxScale: 5, scaleToZero: false });
    const decisions = play(policy, 1, [
      { atSeconds: 0, totals: { concurrency: 10 }, ready: 1 },
      { atSeconds: 2, totals: { concurrency: 10 }, ready: 3 },
      { atSeconds: 4, totals: { concurrency: 10 } },
      { atSeconds: 6, totals: { concurrency: 9_000 } },
    ]);
    expect(decisions.map(({ replicas }) => replicas)).toEqual([3, 3, 1, 5]);
    expect(decisions[0]?.reason).toContain("limited by initial-scale 3");
    expect(decisions[3]?.reason).toContain("limited by max-scale 5");
  });
});

describe("the KPA's decision", () => {
  it("stays within the rates, and above every count of its panic", () => {
    const averages = fc.record({
      stable: fc.double({ min: 0, max: 5_000, noNaN: true }),
      panic: fc.double({ min: 0, max: 5_000, noNaN: true }),
      readyPods: fc.integer({ min: 0, max: 40 }),
    });
    fc.assert(
      fc.property(fc.array(averages, { maxLength: 60 }), (ticks) => {
        const spec = { ...deciderSpec({ metric: "concurrency" }), maxScaleUpRate: 3 };
        let state = newKpaState(spec, 0, 0);
        for (const [tick, { panic, readyPods, stable }] of ticks.entries()) {
          const before = state;
          const nowMs = tick * 2_000;
          const decision = decideKpa(spec, state, { nowMs, readyPods, averages: { stable, panic } });
          ({ state } = decision);
          const ready = Math.max(1, readyPods);
          if (state.panicMs !== undefined) {
            expect(decision.desired).toBeGreaterThanOrEqual(before.panicMs === undefined ? 0 : before.maxPanicPods);
          } else {
            expect(decision.desired).toBeGreaterThanOrEqual(Math.floor(ready / 2));
            expect(decision.desired).toBeLessThanOrEqual(3 * ready);
          }
        }
      }),
      { seed: 8 },
    );
  });
});

describe("a metric window", () => {
  it("averages a constant to that constant from its second second on, however long it runs", () => {
    const window = new MetricWindow({ windowMs: 60_000, granularityMs: 1_000, weighting: "linear" });
    for (let second = 0; second < 200; second += 1) {
      window.record(second * 1_000, 7.25);
      expect(window.average(second * 1_000)).toBe(7.25);
    }
  });

  it("lies between the least and the largest bucket", () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 40 }), (values) => {
        const window = new MetricWindow({ windowMs: 10_000, granularityMs: 1_000, weighting: "linear" });
        for (const [second, value] of values.entries()) window.record(second * 1_000, value);
        const last = values.slice(-10);
        const average = window.average((values.length - 1) * 1_000);
        expect(average).toBeGreaterThanOrEqual(Math.min(...last) - 1e-5);
        expect(average).toBeLessThanOrEqual(Math.max(...last) + 1e-5);
      }),
      { seed: 9 },
    );
  });
});
