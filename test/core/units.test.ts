import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatCount, formatShare, formatWhole, parseCount, parseRate, parseShare, plural } from "../../core/units.ts";

describe("parseCount", () => {
  it.each([
    ["800", 800],
    ["200k", 200_000],
    ["1.5k", 1_500],
    ["2M", 2_000_000],
    ["3B", 3e9],
    ["1_000", 1_000],
    ["12,345,678", 12_345_678],
    ["12 k", 12_000],
  ])("reads %j as %d", (text, expected) => {
    expect(parseCount(text)).toBe(expected);
  });

  it.each(["", "-1", "k", "2X", "1e3", "1,0", "0x10", "1.k", "9".repeat(400)])("refuses %j", (text) => {
    expect(parseCount(text)).toBeUndefined();
  });

  it("reads every two-decimal number of millions as the whole number that it is", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 100_000 }), (hundredths) => {
        expect(parseCount(`${hundredths / 100}M`)).toBe(hundredths * 10_000);
      }),
      { seed: 1 },
    );
  });
});

describe("parseRate", () => {
  it.each([
    ["20/s", 0.02],
    ["600/m", 0.01],
    ["1.5k/min", 0.025],
    ["36k/h", 0.01],
    ["2/ms", 2],
    ["86.4k / d", 0.001],
  ])("reads %j as %d arrivals a millisecond", (text, expected) => {
    expect(parseRate(text)).toBeCloseTo(expected, 12);
  });

  it.each(["20", "20/", "/s", "20/fortnight", "-1/s", "20/s/s", `${"9".repeat(400)}/s`])("refuses %j", (text) => {
    expect(parseRate(text)).toBeUndefined();
  });
});

describe("parseShare", () => {
  it.each([
    ["90%", 0.9],
    ["0.9", 0.9],
    ["120%", 1.2],
    ["33.3 %", 0.333],
    ["0.7%", 7 / 1000],
    ["0", 0],
  ])("reads %j as %d", (text, expected) => {
    expect(parseShare(text)).toBe(expected);
  });

  it.each(["", "%", "-5%", "half", `${"9".repeat(400)}%`])("refuses %j", (text) => {
    expect(parseShare(text)).toBeUndefined();
  });
});

describe("formatCount", () => {
  it.each([
    [0, "0"],
    [9.876, "9.88"],
    [950, "950"],
    [9_999.6, "10k"],
    [12_400, "12.4k"],
    [999_960, "1M"],
    [2_050_000, "2.05M"],
    [1_500_000_000, "1.5B"],
  ])("writes %d as %j", (count, expected) => {
    expect(formatCount(count)).toBe(expected);
  });
});

describe("formatWhole", () => {
  it.each([
    [0, "0"],
    [999, "999"],
    [19_366, "19,366"],
    [1_234_567, "1,234,567"],
  ])("writes %d as %j", (count, expected) => {
    expect(formatWhole(count)).toBe(expected);
  });
});

describe("plural", () => {
  it.each([
    { count: 0, expected: "0 requests" },
    { count: 1, expected: "1 request" },
    { count: 12_345, expected: "12,345 requests" },
  ])("writes $expected", ({ count, expected }) => {
    expect(plural(count, "request")).toBe(expected);
  });
});

describe("formatShare", () => {
  it.each([
    [0, "0 %"],
    [0.0312, "3.12 %"],
    [0.25, "25 %"],
    [0.9996, "100 %"],
    [1.2, "120 %"],
  ])("writes %d as %j", (fraction, expected) => {
    expect(formatShare(fraction)).toBe(expected);
  });
});
