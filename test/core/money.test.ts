import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { addMoney, formatMoney, fromDollars, parseMoney, toDollars } from "../../core/money.ts";

describe("fromDollars", () => {
  it.each([
    [0.15e-6, 150],
    [1, 1_000_000_000],
    [0.0000000005, 1],
    [0.0000000004, 0],
    [-0.0000000005, -1],
    [-0.0000000004, 0],
  ])("rounds %d dollars to %d nano-dollars, half away from zero", (dollars, expected) => {
    expect(fromDollars(dollars)).toBe(expected);
  });

  it("refuses what a number cannot hold exactly, instead of losing cents", () => {
    expect(() => fromDollars(9_007_200)).toThrow("money out of range");
    expect(() => fromDollars(Number.NaN)).toThrow("money out of range");
  });
});

describe("addMoney", () => {
  it("is exact and does not care about the order", () => {
    const amount = fc.integer({ min: 0, max: 1e12 });
    fc.assert(
      fc.property(fc.array(amount, { maxLength: 50 }), (amounts) => {
        const exact = Number(amounts.reduce((sum, nano) => sum + BigInt(nano), 0n));
        expect(amounts.reduce(addMoney, 0)).toBe(exact);
        expect(amounts.toReversed().reduce(addMoney, 0)).toBe(exact);
      }),
      { seed: 1 },
    );
  });

  it("refuses a sum beyond nine million dollars", () => {
    expect(() => addMoney(Number.MAX_SAFE_INTEGER, 1)).toThrow("money out of range");
  });
});

describe("parseMoney", () => {
  it.each([
    ["$5", 5],
    ["$0.10", 0.1],
    ["$1.5k", 1_500],
    ["$2M", 2_000_000],
    ["$ 3", 3],
  ])("reads %j as %d dollars", (text, dollars) => {
    expect(toDollars(parseMoney(text) ?? Number.NaN)).toBe(dollars);
  });

  it.each(["5", "5$", "$", "$-1", "$1,000", "€5", "$9.1M", `$${"9".repeat(400)}`])("refuses %j", (text) => {
    expect(parseMoney(text)).toBeUndefined();
  });
});

describe("formatMoney", () => {
  it.each([
    [0, "$0.00"],
    [12.4, "$12.40"],
    [1_234_567.891, "$1,234,567.89"],
    [0.0031, "$0.00310"],
    [0.000000075, "$0.000000075"],
    [-2, "-$2.00"],
  ])("writes %d dollars as %j", (dollars, expected) => {
    expect(formatMoney(fromDollars(dollars))).toBe(expected);
  });
});
