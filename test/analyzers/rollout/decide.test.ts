import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { decideStep, type Givens } from "../../../analyzers/rollout/decide.ts";
import { parseRollout } from "../../../core/scenario/rollout-schema.ts";
import { answeredIn, madeLedger, madeRun, madeScenario, refused } from "../made-run.ts";

const shipped = "scenarios/rollout/phases.yaml";
const rollout = parseRollout(readFileSync(shipped, "utf8"), shipped);
const scenario = madeScenario();

/** A minute of 100 requests of a second each, some of them refused, at $0.60 an hour. */
function minute(refusals: number, e2eMs: number = 1_000): ReturnType<typeof madeRun> {
  const answered = answeredIn(Array.from({ length: 100 - refusals }, () => e2eMs)).map((record) => ({
    ...record,
    cost: 100_000,
  }));
  const records = [...answered, ...Array.from({ length: refusals }, (_, index) => refused(`x${index}`))];
  return madeRun(records, { providers: [madeLedger()] });
}

const fine: Givens = {
  satisfaction: 0.9,
  "satisfaction.drop": 0,
  "incidents.critical": 0,
  "incidents.security": 0,
  budget: 1e9,
};

function decided(phaseName: string, run: ReturnType<typeof madeRun>, givens: Givens): string {
  const phase = rollout.phases.find(({ name }) => name === phaseName);
  const [step] = phase?.steps ?? [];
  if (phase === undefined || step === undefined) throw new Error(`no phase ${phaseName}`);
  const { decision, reasons } = decideStep(phase, step, { run, scenario }, givens);
  return [
    decision,
    ...reasons.filter(({ list, met }) => list !== "go" || met !== "pass").map(({ metric }) => metric),
  ].join(" ");
}

describe("the phases of a rollout that ship", () => {
  it("are pilot, limited and general, in steps of people and shares", () => {
    expect(rollout.phases.map(({ name, steps }) => [name, ...steps.map(({ factor }) => factor)])).toEqual([
      ["pilot", 0.02, 0.04],
      ["limited", 0.2, 0.5, 1],
      ["general", 0.1, 0.25, 0.5, 0.75, 1],
    ]);
  });

  it.each<{ phase: string; run: ReturnType<typeof madeRun>; givens: Givens; says: string }>([
    { phase: "pilot", run: minute(0), givens: fine, says: "go" },
    { phase: "pilot", run: minute(6), givens: fine, says: "no-go errors" },
    { phase: "pilot", run: minute(11), givens: fine, says: "no-go errors errors" },
    { phase: "pilot", run: minute(0, 2_500), givens: fine, says: "no-go e2e.p95" },
    { phase: "pilot", run: minute(0), givens: { ...fine, satisfaction: 0.7 }, says: "no-go satisfaction satisfaction" },
    {
      phase: "pilot",
      run: minute(0),
      givens: { ...fine, "incidents.critical": 1 },
      says: "no-go incidents.critical incidents.critical",
    },
    {
      phase: "pilot",
      run: minute(0),
      givens: { "incidents.critical": 0 },
      says: "inconclusive satisfaction satisfaction",
    },
    { phase: "limited", run: minute(0), givens: fine, says: "go" },
    {
      phase: "limited",
      run: minute(0),
      givens: { ...fine, budget: 0.5e9 },
      says: "no-go cost.of-budget cost.of-budget",
    },
    { phase: "general", run: minute(0), givens: fine, says: "go" },
    { phase: "general", run: minute(6), givens: fine, says: "rollback errors" },
    {
      phase: "general",
      run: minute(0),
      givens: { ...fine, "satisfaction.drop": 0.21 },
      says: "rollback satisfaction.drop",
    },
    { phase: "general", run: minute(4), givens: fine, says: "no-go errors" },
  ])("say $says in $phase", ({ phase, run, givens, says }) => {
    expect(decided(phase, run, givens)).toBe(says);
  });
});

describe("a file of phases", () => {
  it("is told all of its mistakes with their lines", () => {
    const wrong = "rollout: x\nusers: 10\nphases:\n  pilot:\n    steps: [many]\n    go: { eror: < 1%, errors: soon }\n";
    expect(() => parseRollout(wrong, "wrong.yaml")).toThrow(
      expect.objectContaining({
        code: "rollout-invalid",
        problems: [
          expect.objectContaining({ line: 5, message: expect.stringContaining("a number of users such as 250 users") }),
          expect.objectContaining({ line: 6, message: expect.stringContaining("is no metric") }),
          expect.objectContaining({ line: 6, message: expect.stringContaining("no limit of errors") }),
        ],
      }),
    );
  });
});
