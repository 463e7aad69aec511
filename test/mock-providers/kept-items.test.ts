import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type KeptAnswer, keptAnswers, KeptItems } from "../../mock-providers/kept-items.ts";

function answer(characters: number, organization = "org"): KeptAnswer {
  const half = Math.floor(characters / 2);
  return { organization, body: "b".repeat(characters - half), input: ["i".repeat(half)], tokens: 1, openCalls: [] };
}

describe("kept items", () => {
  it("hands an answer to its own organization only, until that deletes it", () => {
    const kept = keptAnswers();
    const mine = answer(4);
    kept.keep("a", mine);
    expect(kept.get("a", "other")).toBeUndefined();
    expect(kept.delete("a", "other")).toBe(false);
    expect(kept.get("a", "org")).toBe(mine);
    expect(kept.delete("a", "org")).toBe(true);
    expect(kept.get("a", "org")).toBeUndefined();
    expect(kept.delete("a", "org")).toBe(false);
  });

  it("keeps the newest within both of its bounds, and what it deleted makes room", () => {
    const sizes = fc.array(fc.record({ characters: fc.integer({ min: 0, max: 12 }), deleted: fc.boolean() }), {
      maxLength: 40,
    });
    fc.assert(
      fc.property(sizes, (answers) => {
        const kept = new KeptItems<KeptAnswer>(({ body, input }) => body.length + input.join("").length, 5, 30);
        const alive: { id: string; characters: number }[] = [];
        for (const [index, { characters, deleted }] of answers.entries()) {
          const id = `a${index}`;
          kept.keep(id, answer(characters));
          alive.push({ id, characters });
          while (alive.length > 5 || alive.reduce((sum, one) => sum + one.characters, 0) > 30) alive.shift();
          if (deleted && kept.delete(id, "org")) alive.pop();
        }
        const found = answers.map((_, index) => `a${index}`).filter((id) => kept.get(id, "org") !== undefined);
        expect(found).toEqual(alive.map(({ id }) => id));
      }),
      { seed: 41 },
    );
  });
});
