import { describe, expect, it } from "vitest";
import { analyze } from "../../analyzers/analyze.ts";
import { compareRuns } from "../../analyzers/fidelity.ts";
import { fidelityOverRepeats } from "../../analyzers/fidelity-repeats.ts";
import type { Judgement } from "../../core/finding.ts";
import { renderRepeats, repeatsJson, worstVerdict } from "../../reports/repeats.ts";
import type { ReportInput } from "../../reports/report-input.ts";
import { syntheticScenario, tenUsersRun } from "./synthetic-run.ts";

const scenario = syntheticScenario("ten-users");

function played(seed: number): ReportInput {
  const [run, simulated] = [tenUsersRun({ kind: "live", seed }), tenUsersRun({ kind: "simulated", seed: seed + 50 })];
  const compared = { run: simulated, findings: analyze(simulated, scenario), fidelity: compareRuns(run, simulated) };
  return { run, findings: analyze(run, scenario), compared };
}

/** The same with another verdict. */
function judged(judgement: Judgement): ReportInput {
  const finding = {
    analyzer: "objectives",
    id: "errors",
    title: "Errors",
    judgement,
    measured: 0.5,
    limit: "0",
  } as const;
  return { run: tenUsersRun({ kind: "live", seed: 7 }), findings: [{ ...finding, unit: "share" }] };
}

const repeats = [played(7), played(8), played(9)];
const fidelity = fidelityOverRepeats(
  repeats.flatMap(({ compared }) => (compared === undefined ? [] : [{ overload: "", rows: compared.fidelity.rows }])),
);

describe("repeats in a terminal", () => {
  it("show each run with its seed and verdict, then live beside simulated with intervals, then where they are", () => {
    const text = renderRepeats({ repeats, fidelity, folder: "runs/three" }, { width: 110, colour: false });
    expect(text).toContain("3 runs, each with another seed · live through ");
    expect(text).toContain("✓ PASS  All 5 objectives hold.");
    for (const [index, { run }] of repeats.entries()) {
      expect(text).toMatch(new RegExp(`✓ +${index + 1} +${run.manifest.seed} +\\d+ +\\d+ +pass`));
    }
    expect(text).toMatch(/Live beside simulated, mean +Live +Simulated +Error +95 % interval +Target\n/);
    expect(text).toMatch(/End to end, mean .* [-+]\d+\.\d % +[-+]\d+\.\d % to [-+]\d+\.\d % +± 5 %\n/);
    expect(text).toMatch(/Runs {2}runs\/three\/1 \.\. runs\/three\/3\n$/);
  });

  it("say which run is the worst and why, and when some say nothing of the simulation", () => {
    const left = fidelity === undefined ? undefined : { ...fidelity, judged: 2 };
    const text = renderRepeats(
      { repeats: [...repeats, judged("fail")], fidelity: left },
      { width: 100, colour: false },
    );
    expect(text).toContain("✗ FAIL  Run 4: 1 of 1 objective is missed: errors 50 % (objective: 0).");
    expect(text).toContain("1 run left out: the load generator was late, or other programs used the machine.");
    expect(text).not.toContain("Runs  ");
  });

  it.each([60, 80])("fit into %i columns", (width) => {
    const text = renderRepeats({ repeats, fidelity: undefined }, { width, colour: false });
    expect(Math.max(...text.split("\n").map((line) => line.length))).toBeLessThanOrEqual(width);
  });
});

describe("the verdict over repeats", () => {
  it.each([
    { verdicts: ["pass", "pass"], worst: "pass" },
    { verdicts: ["pass", "inconclusive"], worst: "inconclusive" },
    { verdicts: ["inconclusive", "fail", "pass"], worst: "fail" },
  ] as const)("of $verdicts is $worst", ({ verdicts, worst }) => {
    expect(worstVerdict(verdicts.map(judged))).toBe(worst);
  });

  it("is inconclusive where a run has nothing that was judged", () => {
    expect(worstVerdict([judged("pass"), { ...judged("pass"), findings: [] }])).toBe("inconclusive");
  });
});

describe("the document over repeats", () => {
  it("has the worst verdict, the comparison over all, and each run as it is printed alone", () => {
    expect(repeatsJson({ repeats, fidelity })).toMatchObject({
      verdict: "pass",
      fidelity: { repeats: 3, judged: 3 },
      repeats: [
        { run: { seed: 7 } },
        { run: { seed: 8 }, fidelity: { paired: expect.any(Number) } },
        { run: { seed: 9 } },
      ],
    });
    expect(repeatsJson({ repeats, fidelity: undefined })).not.toHaveProperty("fidelity");
  });
});
