import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatClock, formatDuration, formatGoDuration, parseDuration } from "../../core/time.ts";

describe("parseDuration", () => {
  it.each([
    ["0", 0],
    ["250ms", 250],
    ["1.5s", 1_500],
    ["30s", 30_000],
    ["5m", 300_000],
    ["1h30m", 5_400_000],
    ["2d", 172_800_000],
    ["1w", 604_800_000],
    ["20us", 0.02],
    ["20µs", 0.02],
    [" 10s ", 10_000],
  ])("reads %j as %d ms", (text, expected) => {
    expect(parseDuration(text)).toBeCloseTo(expected, 9);
  });

  it.each(["", "30", "-5s", "5 s", "5x", "s", "30s1m", "1m1m", "1e3s", "1.s", "soon", "0s0", `${"9".repeat(400)}s`])(
    "refuses %j",
    (text) => {
      expect(parseDuration(text)).toBeUndefined();
    },
  );
});

describe("formatDuration", () => {
  it.each([
    [0, "0 ms"],
    [0.0213, "0.021 ms"],
    [1.239, "1.24 ms"],
    [820, "820 ms"],
    [999.6, "1 s"],
    [1_240, "1.24 s"],
    [59_996, "1 m"],
    [200_000, "3 m 20 s"],
    [7_500_000, "2 h 5 m"],
    [86_400_000, "1 d"],
    [-1_500, "-1.5 s"],
  ])("writes %d ms as %j", (durationMs, expected) => {
    expect(formatDuration(durationMs)).toBe(expected);
  });
});

describe("formatGoDuration", () => {
  it.each([
    [0, "0s"],
    [0.2, "1ms"],
    [20, "20ms"],
    [1_000, "1s"],
    [1_500, "1.5s"],
    [360_000, "6m0s"],
    [3_600_000, "1h0m0s"],
    [3_661_001, "1h1m1.001s"],
    [-5, "0s"],
  ])("writes %d ms as %j", (durationMs, expected) => {
    expect(formatGoDuration(durationMs)).toBe(expected);
  });

  it("never promises less than the wait, and at most a millisecond more", () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1e9, noNaN: true }), (durationMs) => {
        const promisedMs = parseGo(formatGoDuration(durationMs));
        return promisedMs >= durationMs - 1e-5 && promisedMs < durationMs + 1.001;
      }),
      { seed: 1 },
    );
  });
});

/** Go's own reading of the parts it writes. */
function parseGo(text: string): number {
  const unitMs: Readonly<Record<string, number>> = { h: 3_600_000, m: 60_000, s: 1_000, ms: 1 };
  const parts = [...text.matchAll(/([\d.]+)(ms|h|m|s)/g)];
  expect(parts.map((part) => part[0]).join("")).toBe(text);
  return parts.reduce((sum, part) => sum + Number(part[1]) * (unitMs[part[2] ?? ""] ?? Number.NaN), 0);
}

describe("formatClock", () => {
  it.each([
    [0, "0:00"],
    [65_999, "1:05"],
    [3_665_000, "1:01:05"],
    [-5, "0:00"],
  ])("writes %i ms as %s", (atMs, said) => expect(formatClock(atMs)).toBe(said));
});
