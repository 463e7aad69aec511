import { describe, expect, it } from "vitest";
import { SquallError } from "../../../core/errors.ts";
import { type FieldRange, parseSearch, valueInRange } from "../../../core/scenario/search-schema.ts";

describe("a search", () => {
  it("reads lists and ranges, in the order of the file", () => {
    const search = parseSearch(
      "search: random\nsamples: 40\nvary:\n  platform.replicas.max: [4, 8]\n  a.b: { from: 200k, to: 2M, spread: log }\n",
      "s.yaml",
    );
    expect(search).toEqual({
      method: "random",
      samples: 40,
      vary: [
        { path: "platform.replicas.max", values: [4, 8] },
        {
          path: "a.b",
          values: { from: 200_000, to: 2_000_000, prefix: "", suffix: "", isWhole: true, spread: "log", steps: 5 },
        },
      ],
    });
  });

  it.each([
    ["vary: { a: { from: 5s, to: 10 } }", "two amounts of one unit"],
    ["vary: { a: { from: 8, to: 4 } }", "begins where it ends"],
    ["vary: { a: { from: 0, to: 4, spread: log } }", "no logarithm"],
    ["vary: {}", "is empty"],
    ["search: random\nvary: { a: [1] }", "random without samples"],
    ["samples: 3\nvary: { a: [1] }", "tries every combination"],
    ["varry: { a: [1] }", "is not known here"],
  ])("refuses %j and says why", (text, why) => {
    const problems = (): string => {
      try {
        parseSearch(text, "s.yaml");
      } catch (cause) {
        return cause instanceof SquallError ? cause.problems.map(({ message }) => message).join("; ") : "";
      }
      return "";
    };
    expect(problems()).toContain(why);
  });

  it.each<[from: string, to: string, share: number, value: string | number]>([
    ["2", "10", 0.5, 6],
    ["2", "10", 0.49, 6],
    ["0.5", "1.5", 0.25, 0.75],
    ["5s", "20s", 1, "20s"],
    ["$0.10", "$0.30", 0.5, "$0.2"],
    ["200k", "2M", 0, 200_000],
  ])("takes from %s to %s at %d to be %s", (from, to, share, value) => {
    const [dimension] = parseSearch(`vary: { a: { from: ${from}, to: ${to} } }`, "s.yaml").vary;
    expect(valueInRange(dimension?.values as FieldRange, share)).toBe(value);
  });

  it("takes the middle of a logarithmic range to be the geometric mean", () => {
    const [dimension] = parseSearch("vary: { a: { from: 1, to: 10000, spread: log } }", "s.yaml").vary;
    expect(valueInRange(dimension?.values as FieldRange, 0.5)).toBe(100);
  });
});
