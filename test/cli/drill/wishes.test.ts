import { expect, it } from "vitest";
import { Wishes } from "../../../cli/drill/wishes.ts";

it.each([
  ["a fleet that stays", [3, 3, 3], 0],
  ["a fleet that only grows", [1, 2, 2, 5], 0],
  ["a fleet that grows, stays and shrinks", [1, 3, 3, 2], 1],
  ["a fleet that goes up and down and up", [2, 4, 2, 2, 6], 2],
])("counts how often whoever scales changed its mind: %s", (_, wished, reversals) => {
  const wishes = new Wishes();
  for (const [index, count] of wished.entries()) wishes.note(index * 1_000, count);
  expect(wishes.reversalsSince(-1)).toBe(reversals);
});

it("leaves out what was wished for before the window", () => {
  const wishes = new Wishes();
  for (const [index, count] of [1, 4, 1, 4].entries()) wishes.note(index * 1_000, count);
  expect(wishes.reversalsSince(-1)).toBe(2);
  expect(wishes.reversalsSince(500)).toBe(1);
  expect(wishes.reversalsSince(1_500)).toBe(0);
});
