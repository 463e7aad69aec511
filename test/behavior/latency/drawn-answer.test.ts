import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DrawnAnswer } from "../../../behavior/latency/drawn-answer.ts";

const answers = fc.record({
  ttftMs: fc.double({ min: 0, max: 1_000, noNaN: true }),
  spanMs: fc.double({ min: 1, max: 60_000, noNaN: true }),
  chunks: fc.integer({ min: 2, max: 600 }),
  sigma: fc.double({ min: 0.01, max: 0.5, noNaN: true }),
  jitterKey: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
  outputTokens: fc.constant(600),
  finish: fc.constant("stop" as const),
});

describe("the events of an answer", () => {
  it("have no gap wider than the one that is said to be the widest, in any part of the answer", () => {
    fc.assert(
      fc.property(answers, fc.nat(), fc.nat(), (options, oneEnd, otherEnd) => {
        const events = new DrawnAnswer(options);
        const last = options.chunks - 1;
        const [from, to] = [1 + (oneEnd % last), 1 + (otherEnd % last)].toSorted((left, right) => left - right);
        const gapBefore = (index: number): number => events.chunkAtMs(index) - events.chunkAtMs(index - 1);
        const gaps = Array.from({ length: (to ?? 1) - (from ?? 1) + 1 }, (_, place) => gapBefore((from ?? 1) + place));
        const found = events.widest(from ?? 1, to ?? 1);
        expect(found).toBeGreaterThanOrEqual(from ?? 1);
        expect(found).toBeLessThanOrEqual(to ?? 1);
        expect(gapBefore(found)).toBeCloseTo(Math.max(...gaps), 6);
      }),
      { seed: 1 },
    );
  });

  it("have no gap narrower than promised", () => {
    fc.assert(
      fc.property(answers, (options) => {
        const events = new DrawnAnswer(options);
        for (let index = 1; index < options.chunks; index++) {
          expect(events.chunkAtMs(index) - events.chunkAtMs(index - 1)).toBeGreaterThanOrEqual(events.gapMinMs - 1e-6);
        }
      }),
      { seed: 1 },
    );
  });

  it("do not come before the bound that is cheaper to ask for, and not long after it", () => {
    fc.assert(
      fc.property(answers, (options) => {
        const events = new DrawnAnswer(options);
        const gapMs = options.spanMs / (options.chunks - 1);
        for (let index = 0; index < options.chunks; index++) {
          const afterMs = events.chunkAtMs(index) - events.earliestMs(index);
          expect(afterMs).toBeGreaterThanOrEqual(0);
          expect(afterMs).toBeLessThanOrEqual(2 * options.sigma * gapMs + 2e-6);
        }
      }),
      { seed: 1 },
    );
  });
});
