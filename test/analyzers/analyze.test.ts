import { describe, expect, it } from "vitest";
import { analyze } from "../../analyzers/analyze.ts";
import { verdictOf } from "../../core/finding.ts";
import type { GeneratorHealth } from "../../core/run.ts";
import { answeredIn, madeRun, madeScenario, objective } from "./made-run.ts";

const health: GeneratorHealth = {
  latenessP50Ms: 0.2,
  latenessP99Ms: 1.5,
  latenessMaxMs: 4.25,
  loopUtilization: 0.31,
  overload: "",
};
const records = answeredIn([100, 200, 300]);
const held = objective("e2e.max", "<=", 300);
const missed = objective("e2e.max", "<", 300);

describe("analyze", () => {
  it("passes when every objective holds", () => {
    expect(verdictOf(analyze(madeRun(records, { generator: health }), madeScenario([held])))).toBe("pass");
  });

  it("fails when one objective of two is missed", () => {
    expect(verdictOf(analyze(madeRun(records), madeScenario([held, missed])))).toBe("fail");
  });

  it("is inconclusive when one objective holds and another has nothing to measure", () => {
    const scenario = madeScenario([held, objective("degradation.ttft.p95", "<=", 0.1)]);
    expect(verdictOf(analyze(madeRun(records), scenario))).toBe("inconclusive");
  });

  it("is inconclusive when the scenario has no objective, whatever else is known", () => {
    expect(verdictOf(analyze(madeRun(records), madeScenario()))).toBe("inconclusive");
  });

  it.each([
    { why: "the generator was overloaded", manifest: { generator: { ...health, overload: "event loop 99 % busy" } } },
    { why: "it was interrupted", manifest: { status: "interrupted" } },
    { why: "it failed", manifest: { status: "failed" } },
  ] as const)(
    "judges nothing in a run because $why, neither hit nor miss, but keeps what was measured",
    ({ manifest }) => {
      const findings = analyze(madeRun(records, manifest), madeScenario([held, missed]));
      expect(findings[0]).toMatchObject({ analyzer: "generator", judgement: "inconclusive" });
      expect(verdictOf(findings)).toBe("inconclusive");
      const objectives = findings.filter((finding) => finding.analyzer === "objectives");
      expect(objectives.map((finding) => finding.judgement)).toEqual(["inconclusive", "inconclusive"]);
      expect(objectives.map((finding) => finding.measured)).toEqual([300, 300]);
      expect(objectives[1]?.detail).toMatch(/^not judged, since this run cannot be/);
    },
  );

  it("says why a failed run broke off", () => {
    const events = [{ atMs: 9, kind: "failure", subject: "run", text: "the gateway ended during the run: SIGKILL" }];
    const run = { ...madeRun(records, { status: "failed" }), events };
    expect(analyze(run, madeScenario([held]))[0]?.detail).toBe(
      "the run broke off: the gateway ended during the run: SIGKILL",
    );
  });

  it("says how late the generator was, as information", () => {
    const findings = analyze(madeRun(records, { generator: health }), madeScenario([held]));
    const lateness = findings.find((finding) => finding.analyzer === "generator");
    expect(lateness).toMatchObject({ measured: 1.5, unit: "ms", detail: "worst 4.3 ms; event loop 31 % busy" });
    expect(lateness?.judgement).toBeUndefined();
  });

  it("speaks of processors where k6 was the generator, which has no event loop to ask", () => {
    const findings = analyze(madeRun(records, { generator: health, engine: "k6" }), madeScenario([held]));
    const lateness = findings.find((finding) => finding.id === "generator.lateness.p99");
    expect(lateness?.detail).toBe("worst 4.3 ms; k6 used 31 % of the processors");
  });

  it.each([
    { others: 0.4, told: /; other programs on this machine used 40 % of its processors meanwhile$/ },
    { others: 0.09, told: /busy$/ },
    { others: undefined, told: /busy$/ },
  ])("says of a late generator that others took $others of the machine, where they took much", ({ others, told }) => {
    const machine = { processors: 2, busy: 0.9, ...(others === undefined ? {} : { others }) };
    const run = madeRun(records, { generator: { ...health, overload: "event loop 99 % busy" }, machine });
    expect(analyze(run, madeScenario([held]))[0]?.detail).toMatch(told);
  });
});
