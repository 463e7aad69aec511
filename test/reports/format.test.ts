import { describe, expect, it } from "vitest";
import type { FidelityRow } from "../../analyzers/fidelity.ts";
import type { Finding } from "../../core/finding.ts";
import { formatChange, formatError, formatInterval, formatMeasured, formatValue } from "../../reports/format.ts";

const finding: Finding = { analyzer: "objectives", id: "ttft.p95", title: "TTFT" };

describe("formatValue", () => {
  it.each([
    { value: 812.4, unit: "ms", expected: "812 ms" },
    { value: 0.0312, unit: "share", expected: "3.12 %" },
    { value: 12_400_000_000, unit: "money", expected: "$12.40" },
    { value: 19_366, unit: "count", expected: "19,366" },
    { value: 19_366, unit: "tokens", expected: "19.4k" },
    { value: 7, unit: undefined, expected: "7" },
  ] as const)("writes $value in $unit as $expected", ({ value, unit, expected }) => {
    expect(formatValue(value, unit)).toBe(expected);
  });
});

describe("formatChange", () => {
  it.each([
    { fraction: 0.0352, expected: "+3.5 %" },
    { fraction: -0.01, expected: "-1.0 %" },
    { fraction: 0, expected: "0.0 %" },
    { fraction: -0.0002, expected: "0.0 %" },
    { fraction: 1.5, expected: "+150.0 %" },
  ])("writes $fraction as $expected", ({ fraction, expected }) => {
    expect(formatChange(fraction)).toBe(expected);
  });
});

describe("a finding", () => {
  it("that measured nothing is a dash, not a zero", () => {
    expect(formatMeasured(finding)).toBe("–");
    expect(formatInterval(finding)).toBeUndefined();
  });

  it("about a change has signs, about a share has none", () => {
    const change: Finding = {
      ...finding,
      id: "degradation.ttft.p95",
      unit: "share",
      measured: 0.05,
      interval: [-0.01, 0.11],
    };
    expect(formatMeasured(change)).toBe("+5.0 %");
    expect(formatInterval(change)).toBe("-1.0 % to +11.0 %");
    expect(formatMeasured({ ...finding, id: "errors", unit: "share", measured: 0.05 })).toBe("5 %");
  });
});

describe("formatError", () => {
  const row: FidelityRow = { metric: "e2e.mean", title: "", unit: "ms", error: 0.012 };

  it("has a sign, but for the median size of errors", () => {
    expect(formatError(row)).toBe("+1.2 %");
    expect(formatError({ ...row, metric: "paired.e2e" })).toBe("1.2 %");
  });

  it("is a dash where nothing could be compared", () => {
    expect(formatError({ metric: "e2e.mean", title: "", unit: "ms" })).toBe("–");
  });
});
