import { describe, expect, it } from "vitest";
import { isLegible, legible, quoted } from "../../core/legible.ts";

const painted = "\u001b[31mred\u001b[0m\r\nover\u009b2Jwritten";
const turned = "abc\u202efed";

describe("a text from outside", () => {
  it("cannot paint the terminal, move its cursor or turn its writing round", () => {
    expect(legible(painted)).toBe(" [31mred [0m over 2Jwritten");
    expect(legible(turned)).toBe("abc fed");
    expect([painted, turned].some(isLegible)).toBe(false);
  });

  it("stays as it is in any language", () => {
    const names = ["gpt-4o-mini", "größe", "模型", "🌩️ storm"];
    expect(names.map(legible)).toEqual(names);
    expect(names.every(isLegible)).toBe(true);
  });

  it("is quoted with escapes for what cannot be seen, and cut where it is long", () => {
    expect(quoted('say "hi"')).toBe(String.raw`"say \"hi\""`);
    expect(quoted(turned)).toBe(String.raw`"abc\u202efed"`);
    expect(quoted("x".repeat(58))).toBe(`"${"x".repeat(58)}"`);
    expect(quoted("x".repeat(59))).toBe(`"${"x".repeat(56)}..."`);
  });
});
