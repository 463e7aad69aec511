import { describe, expect, it } from "vitest";
import type { Finding } from "../../core/finding.ts";
import { describeRun, verdictInWords } from "../../reports/verdict.ts";
import { madeRecord, madeRun } from "../analyzers/made-run.ts";

const held: Finding = {
  analyzer: "objectives",
  id: "errors",
  title: "Failed requests",
  judgement: "pass",
  measured: 0,
  unit: "share",
  limit: "0",
};
const missed: Finding = {
  analyzer: "objectives",
  id: "ttft.p95",
  title: "Time to first token p95",
  judgement: "fail",
  measured: 2_310,
  unit: "ms",
  limit: "< 2s",
};
const unknown: Finding = {
  analyzer: "objectives",
  id: "degradation.e2e.p95",
  title: "End to end p95 against baseline",
  judgement: "inconclusive",
  detail: "59 pairs are needed to bound this percentile, 12 are there",
};
const untrusted: Finding = {
  analyzer: "generator",
  id: "generator.trust",
  title: "This run cannot be judged",
  judgement: "inconclusive",
  detail: "the run was interrupted before its end",
};
const information: Finding = { analyzer: "cost", id: "cost.total", title: "Cost", measured: 1, unit: "money" };

describe("the verdict in words", () => {
  it.each([
    { why: "everything holds", findings: [held, information], expected: "The objective holds." },
    { why: "several hold", findings: [held, { ...held, id: "goodput" }], expected: "All 2 objectives hold." },
    {
      why: "one is missed",
      findings: [held, missed, unknown],
      expected: "1 of 3 objectives is missed: time to first token p95 2.31 s (objective: < 2s).",
    },
    {
      why: "one cannot be judged",
      findings: [held, unknown],
      expected:
        "1 of 2 objectives cannot be judged: end to end p95 against baseline (59 pairs are needed to bound this percentile, 12 are there).",
    },
    {
      why: "the run cannot be trusted",
      findings: [untrusted, { ...missed, judgement: "inconclusive" as const }],
      expected: "This run cannot be judged: the run was interrupted before its end.",
    },
    {
      why: "nothing is asked for",
      findings: [information],
      expected: "The scenario sets no objective, so there is nothing to judge.",
    },
  ])("says why when $why", ({ findings, expected }) => {
    expect(verdictInWords(findings).why).toBe(expected);
  });

  it("is the fold of the findings", () => {
    expect(verdictInWords([held]).judgement).toBe("pass");
    expect(verdictInWords([held, unknown]).judgement).toBe("inconclusive");
    expect(verdictInWords([held, unknown, missed]).judgement).toBe("fail");
    expect(verdictInWords([]).judgement).toBe("inconclusive");
  });
});

describe("what ran", () => {
  it("names engine, users, requests of the load phase, length and time scale", () => {
    const run = madeRun([madeRecord(), madeRecord({ key: "b", phase: "baseline" })], {
      timeScale: 10,
      phases: [{ name: "load", startMs: 0, endMs: 90_000, users: 10 }],
    });
    expect(describeRun(run)).toBe("live through portkey 1.15.2 · 10 users · 1 request in 1 m 30 s · time scale 10");
  });
});
