import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CallCounter } from "../../mock-providers/call-counter.ts";

describe("CallCounter", () => {
  it("counts each name by itself", () => {
    const counter = new CallCounter();
    let run = 0;
    fc.assert(
      fc.property(fc.array(fc.string({ maxLength: 3 }), { maxLength: 200 }), (names) => {
        const prefix = `${run++}/`;
        const seen = new Map<string, number>();
        for (const name of names) {
          seen.set(name, (seen.get(name) ?? 0) + 1);
          expect(counter.next(prefix + name)).toBe(seen.get(name));
        }
      }),
      { seed: 3 },
    );
  });

  it("tells a hundred thousand names apart", () => {
    const counter = new CallCounter();
    const counts = Array.from({ length: 100_000 }, (_, index) => counter.next(`load/u${index}.s0.t0`));
    expect(counts.filter((count) => count !== 1)).toEqual([]);
  });

  it("still knows a name after many others, and forgets it after very many", () => {
    const counter = new CallCounter();
    const others = (count: number, prefix: string): void => {
      for (let index = 0; index < count; index++) counter.next(`${prefix}${index}`);
    };
    counter.next("mine");
    others(30_000, "a");
    expect(counter.next("mine")).toBe(2);
    others(1_000_000, "b");
    expect(counter.next("mine")).toBe(1);
  });

  it("lets the name make way that was not seen for the longest time", () => {
    const counter = new CallCounter();
    counter.next("kept");
    counter.next("left");
    for (let index = 0; index < 1_000_000; index++) {
      counter.next(`other${index}`);
      if (index % 10_000 === 0) counter.next("kept");
    }
    expect(counter.next("kept")).toBeGreaterThan(100);
    expect(counter.next("left")).toBe(1);
  });
});
