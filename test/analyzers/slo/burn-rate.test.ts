import { describe, expect, it } from "vitest";
import { burnFactor, burnRate, detectionMs, shortWindowMs } from "../../../analyzers/slo/burn-rate.ts";
import { dayMs, hourMs } from "../../../core/time.ts";

describe("the burn-rate factor", () => {
  it.each([
    { share: 0.02, withinMs: hourMs, days: 30, factor: 14.4 },
    { share: 0.05, withinMs: 6 * hourMs, days: 30, factor: 6 },
    { share: 0.1, withinMs: dayMs, days: 30, factor: 3 },
    { share: 0.1, withinMs: 3 * dayMs, days: 30, factor: 1 },
    { share: 0.02, withinMs: hourMs, days: 28, factor: 13.44 },
    { share: 0.05, withinMs: 6 * hourMs, days: 28, factor: 5.6 },
    { share: 0.1, withinMs: dayMs, days: 28, factor: 2.8 },
    { share: 0.1, withinMs: 3 * dayMs, days: 28, factor: 0.9333 },
  ])("of $share of $days days is $factor", ({ share, withinMs, days, factor }) => {
    expect(burnFactor(share, days * dayMs, withinMs)).toBeCloseTo(factor, 4);
  });

  it("has a short window of a twelfth beside it", () => {
    expect(shortWindowMs(hourMs)).toBe(300_000);
    expect(shortWindowMs(3 * dayMs)).toBe(6 * hourMs);
  });

  it("pages 52 s into a total outage at 99.9 %, and never at an error ratio that it allows", () => {
    expect(detectionMs(14.4, hourMs, 0.999, 1)).toBeCloseTo(51_840, 6);
    expect(detectionMs(14.4, hourMs, 0.999, 0.0144)).toBeUndefined();
  });

  it("is one where the budget is spent exactly at the end of its period", () => {
    expect(burnRate(0.01, 0.99)).toBeCloseTo(1, 12);
  });
});
