import { describe, expect, it } from "vitest";
import { latencyFindings } from "../../analyzers/latency.ts";
import { answeredIn, madeRecord, madeRun, refused } from "./made-run.ts";

describe("latency", () => {
  it("tells mean, percentiles and maximum of each latency, of answered requests alone", () => {
    const findings = latencyFindings(madeRun([...answeredIn([100, 200, 300]), refused("r3")]));
    expect(findings).toHaveLength(18);
    expect(findings.find((finding) => finding.id === "e2e.mean")).toMatchObject({
      measured: 200,
      samples: 3,
      unit: "ms",
    });
    expect(findings.find((finding) => finding.id === "ttft.max")).toMatchObject({ measured: 30 });
    // (300 - 30) ms over the 9 gaps between 10 tokens.
    expect(findings.find((finding) => finding.id === "itl.max")).toMatchObject({ measured: 30 });
  });

  it("counts from the intended start, so that a late send is not forgiven", () => {
    const late = madeRecord({ intendedMs: 1_000, sentMs: 1_400, firstTokenMs: 1_500, endMs: 2_000 });
    const findings = latencyFindings(madeRun([late]));
    expect(findings.find((finding) => finding.id === "ttft.max")?.measured).toBe(500);
    expect(findings.find((finding) => finding.id === "e2e.max")?.measured).toBe(1_000);
  });
});
