import { describe, expect, it } from "vitest";
import { levelAt } from "../../../cli/analyze/alerts.ts";
import { dayMs, hourMs } from "../../../core/time.ts";

describe("the times of day of simulated months", () => {
  it("have most traffic at two in the afternoon, least at two at night, and the levels between on the way", () => {
    const hours = Array.from({ length: 24 }, (_, hour) => levelAt(hour * hourMs, 4));
    expect(hours[14]).toBe(3);
    expect(hours[2]).toBe(0);
    expect(new Set(hours)).toEqual(new Set([0, 1, 2, 3]));
    expect(hours.slice(2, 15)).toEqual(hours.slice(2, 15).toSorted((left, right) => left - right));
    expect(levelAt(9 * dayMs + 14 * hourMs, 4)).toBe(3);
  });
});
