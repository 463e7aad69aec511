import { describe, expect, it } from "vitest";
import { compareRuns, fidelityFindings, type FidelityRow } from "../../analyzers/fidelity.ts";
import { verdictOf } from "../../core/finding.ts";
import type { RequestRecord } from "../../core/record.ts";
import type { Run } from "../../core/run.ts";
import { answeredIn, madeLedger, madeRecord, madeRun, refused } from "./made-run.ts";

function runOf(records: readonly RequestRecord[], kind: "live" | "simulated" = "live"): Run {
  return madeRun(records, { kind, providers: [madeLedger()] });
}

function rowOf(
  live: readonly RequestRecord[],
  simulated: readonly RequestRecord[],
  metric: string,
): FidelityRow | undefined {
  return compareRuns(runOf(live), runOf(simulated, "simulated")).rows.find((row) => row.metric === metric);
}

const live = answeredIn([100, 200, 300, 400], { cost: 1_000 });

describe("compareRuns", () => {
  it("finds no error between a run and itself, and meets every target", () => {
    const fidelity = compareRuns(runOf(live), runOf(live, "simulated"));
    expect(fidelity).toMatchObject({ paired: 4, unpaired: 0 });
    expect(fidelity.rows.map((row) => row.error)).toEqual(fidelity.rows.map(() => 0));
    expect(verdictOf(fidelityFindings(fidelity))).toBe("pass");
  });

  it.each([
    // Means: live (100 + 200 + 300 + 400) / 4 = 250.
    { why: "4 % slower on average is within 5 %", simulated: [104, 208, 312, 416], error: 0.04, within: true },
    { why: "6 % slower on average is not", simulated: [106, 212, 318, 424], error: 0.06, within: false },
    { why: "6 % faster is not either", simulated: [94, 188, 282, 376], error: -0.06, within: false },
  ])("judges the mean end to end: $why", ({ simulated, error, within }) => {
    const row = rowOf(live, answeredIn(simulated), "e2e.mean");
    expect(row).toMatchObject({ live: 250, target: 0.05, within });
    expect(row?.error).toBeCloseTo(error, 12);
  });

  it("has the project's targets and no others", () => {
    const targets = compareRuns(runOf(live), runOf(live, "simulated")).rows.flatMap((row) =>
      row.target === undefined ? [] : [[row.metric, row.target]],
    );
    expect(targets).toEqual([
      ["ttft.mean", 0.1],
      ["e2e.mean", 0.05],
      ["e2e.p99", 0.15],
      ["outcome.rate-limited", 0.05],
      ["cost.total", 0.01],
    ]);
  });

  it("counts outcomes; a count that only the simulation has is an error without a size, and a miss", () => {
    const row = rowOf(live, [...answeredIn([100, 200, 300]), refused("r3")], "outcome.rate-limited");
    expect(row).toMatchObject({ live: 0, simulated: 1, within: false });
    expect(row?.error).toBeUndefined();
    const findings = fidelityFindings(compareRuns(runOf(live), runOf([...live, refused("x")], "simulated")));
    expect(findings.find((finding) => finding.id === "fidelity.outcome.rate-limited")).toMatchObject({
      judgement: "fail",
      detail: "live counted none, simulated 1",
    });
  });

  it("compares money, tokens and counts of the load phase alone", () => {
    const warm = madeRecord({ key: "w", phase: "warmup", cost: 1e6, outputTokens: 1e6 });
    const other = [...answeredIn([100, 200, 300, 400], { cost: 1_010, outputTokens: 11 }), warm];
    expect(rowOf([...live, warm], other, "cost.total")).toMatchObject({ live: 4_000, simulated: 4_040, within: true });
    expect(rowOf(live, other, "tokens.output")).toMatchObject({ live: 40, simulated: 44, unit: "tokens" });
    expect(rowOf(live, other, "requests")).toMatchObject({ live: 4, simulated: 4 });
  });

  it("finds the median error of single requests that cancel out in the mean", () => {
    // By key: +50 %, +25 %, -16.7 %, -12.5 %; the mean stays 250, the median of the sizes is (16.7 + 25) / 2.
    const simulated = answeredIn([150, 250, 250, 350]);
    expect(rowOf(live, simulated, "e2e.mean")?.error).toBe(0);
    expect(rowOf(live, simulated, "paired.e2e")?.error).toBeCloseTo((1 / 6 + 1 / 4) / 2, 12);
  });

  it("counts what the providers saw more than once, and tokens that nobody received", () => {
    const simulated = answeredIn([100, 200, 300, 400], { upstreamCalls: 2, wastedTokens: 3 });
    const retried = [...answeredIn([100, 200, 300], { upstreamCalls: 3 }), refused("r3", { upstreamCalls: 0 })];
    expect(rowOf(retried, simulated, "upstream.calls")).toMatchObject({ live: 9, simulated: 8 });
    expect(rowOf(retried, simulated, "upstream.repeated")).toMatchObject({ live: 6, simulated: 4 });
    expect(rowOf(retried, simulated, "tokens.wasted")).toMatchObject({ live: 0, simulated: 12, unit: "tokens" });
  });

  it("pairs by key whatever the order, and leaves failed and lone requests out", () => {
    const simulated = [...answeredIn([100, 200]).toReversed(), refused("r2"), madeRecord({ key: "new" })];
    expect(compareRuns(runOf(live), runOf(simulated, "simulated"))).toMatchObject({ paired: 2, unpaired: 2 });
  });

  it("is inconclusive, never a pass, about what one run did not measure", () => {
    const findings = fidelityFindings(compareRuns(runOf(live), runOf([refused("r0")], "simulated")));
    expect(findings.find((finding) => finding.id === "fidelity.e2e.mean")?.judgement).toBe("inconclusive");
    const unknownCost = fidelityFindings(compareRuns(madeRun(live), runOf(live, "simulated")));
    expect(unknownCost.find((finding) => finding.id === "fidelity.cost.total")?.judgement).toBe("inconclusive");
  });
});
