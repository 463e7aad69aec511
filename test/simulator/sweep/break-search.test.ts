import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { breakPrecision, findBreak } from "../../../simulator/sweep/break-search.ts";

const never = (): boolean => false;

describe("the search for a break point", () => {
  it("closes in on the load at which it breaks, to within its precision", async () => {
    await fc.assert(
      fc.asyncProperty(fc.double({ min: 0.02, max: 60, noNaN: true }), async (limit) => {
        const { heldAt, missedAt, tried } = await findBreak({
          holds: (factor) => Promise.resolve(factor <= limit),
          isAdjacent: never,
        });
        expect(heldAt).toBeLessThanOrEqual(limit);
        expect(missedAt).toBeGreaterThan(limit);
        expect((missedAt ?? 0) / (heldAt ?? 1)).toBeLessThanOrEqual(1 + breakPrecision);
        expect(tried).toBeLessThanOrEqual(12);
      }),
      { seed: 1 },
    );
  });

  it("says so when the largest load holds, and when the smallest does not", async () => {
    const always = await findBreak({ holds: () => Promise.resolve(true), isAdjacent: never });
    expect(always).toMatchObject({ heldAt: 64, missedAt: null });
    const nowhere = await findBreak({ holds: () => Promise.resolve(false), isAdjacent: never });
    expect(nowhere).toMatchObject({ heldAt: null, missedAt: 1 / 64 });
  });

  it("stops where loads cannot be played any more", async () => {
    const found = await findBreak({
      holds: (factor) => Promise.resolve(factor > 4 ? undefined : true),
      isAdjacent: never,
    });
    expect(found).toMatchObject({ heldAt: 4, missedAt: null });
  });

  it("stops at loads that have nothing between them", async () => {
    const found = await findBreak({
      holds: (factor) => Promise.resolve(Math.round(factor * 10) < 16),
      isAdjacent: (held, missed) => Math.round(missed * 10) - Math.round(held * 10) <= 1,
    });
    expect(Math.round((found.heldAt ?? 0) * 10)).toBe(15);
    expect(Math.round((found.missedAt ?? 0) * 10)).toBe(16);
  });
});
