import { describe, expect, it } from "vitest";
import { Outbox } from "../../mock-providers/http1-outbox.ts";

const endOfTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe("an outbox", () => {
  it("lets what is ready in one turn leave at its end, in order", async () => {
    const outbox = new Outbox();
    const left: number[] = [];
    for (const name of [1, 2, 3]) outbox.add({ leave: () => left.push(name) });
    await Promise.resolve();
    expect(left).toEqual([]);
    await endOfTurn();
    expect(left).toEqual([1, 2, 3]);
  });

  it("keeps 64 waiting at most, and what comes while others leave for the next turn", async () => {
    const outbox = new Outbox();
    const left: string[] = [];
    const next = { leave: () => left.push("next") };
    for (let index = 0; index < 64; index++) {
      expect(left).toEqual([]);
      outbox.add({
        leave: () => {
          left.push("first");
          if (index === 0) outbox.add(next);
        },
      });
    }
    expect(left).toHaveLength(64);
    await endOfTurn();
    await endOfTurn();
    expect(left.at(-1)).toBe("next");
    expect(left).toHaveLength(65);
  });
});
