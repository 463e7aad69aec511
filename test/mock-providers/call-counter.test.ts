import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CallCounter } from "../../mock-providers/call-counter.ts";

describe("CallCounter", () => {
  it("counts each name by itself as long as no more than its capacity are in use", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 9 }), { maxLength: 200 }), (names) => {
        const counter = new CallCounter(10);
        const seen = new Map<number, number>();
        for (const name of names) {
          seen.set(name, (seen.get(name) ?? 0) + 1);
          expect(counter.next(String(name))).toBe(seen.get(name));
        }
      }),
      { seed: 3 },
    );
  });

  it("still knows a name after as many others as its capacity, and forgets it after twice as many", () => {
    const counter = new CallCounter(100);
    const others = (count: number, prefix: string): void => {
      for (let index = 0; index < count; index++) counter.next(`${prefix}${index}`);
    };
    counter.next("mine");
    others(100, "a");
    expect(counter.next("mine")).toBe(2);
    others(202, "b");
    expect(counter.next("mine")).toBe(1);
  });
});
