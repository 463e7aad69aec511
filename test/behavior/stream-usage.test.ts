import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ResponsePlan } from "../../behavior/provider.ts";
import { chunksBegun, chunksDue, tokensThrough } from "../../behavior/stream-usage.ts";

const plan = planOf([40, 80, 80, 120], 10);

describe("an answer that is not whole yet", () => {
  it.each([
    { why: "reads the prompt until its first event is due", elapsedMs: 39.9, due: 0, begun: 0 },
    { why: "has begun the second event when the first is due", elapsedMs: 40, due: 1, begun: 2 },
    { why: "has every event of the same instant due together", elapsedMs: 80, due: 3, begun: 4 },
    { why: "has no event to begin after the last", elapsedMs: 120, due: 4, begun: 4 },
    { why: "is done at last", elapsedMs: Number.POSITIVE_INFINITY, due: 4, begun: 4 },
  ])("$why", ({ elapsedMs, due, begun }) => {
    expect(chunksDue(plan, elapsedMs)).toBe(due);
    expect(chunksBegun(plan, elapsedMs)).toBe(begun);
  });

  it("spreads its tokens evenly over its events, and loses none", () => {
    expect([0, 1, 2, 3, 4].map((chunks) => tokensThrough(plan, chunks))).toEqual([0, 2, 5, 7, 10]);
    expect(tokensThrough(planOf([], 0), 0)).toBe(0);
  });

  it("has as many events due as a count one by one finds", () => {
    const gaps = fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 40 });
    fc.assert(
      fc.property(gaps, fc.integer({ min: -1, max: 130 }), (gapsMs, elapsedMs) => {
        let atMs = 0;
        const dueAtMs = gapsMs.map((gapMs) => (atMs += gapMs));
        const counted = dueAtMs.filter((dueMs) => dueMs <= elapsedMs).length;
        expect(chunksDue(planOf(dueAtMs, dueAtMs.length), elapsedMs)).toBe(counted);
      }),
      { seed: 7 },
    );
  });
});

function planOf(dueAtMs: readonly number[], outputTokens: number): ResponsePlan {
  const totalMs = dueAtMs.at(-1) ?? 0;
  return {
    ttftMs: dueAtMs[0] ?? totalMs,
    chunks: dueAtMs.length,
    chunkAtMs: (index) => dueAtMs[index] ?? totalMs,
    totalMs,
    outputTokens,
    finish: "stop",
  };
}
