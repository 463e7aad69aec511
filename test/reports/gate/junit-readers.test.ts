/**
 * What readers of JUnit XML go by beyond its schema. GitLab (lib/gitlab/ci/parsers/test/junit.rb) keys a case by suite, class and name, so two of
 * one key become one, and takes the first of `error`, `failure` and `skipped` in it for its status, with its text as the output.
 * GitHub's reporters (dorny/test-reporter, EnricoMi/publish-unit-test-result-action) add up the counts of the suites and show
 * `message`.
 */
import { describe, expect, it } from "vitest";
import { judgeGate } from "../../../analyzers/gate.ts";
import { renderJunit } from "../../../reports/gate/junit.ts";
import { madeRecord, madeRun, madeScenario, objective, refused } from "../../analyzers/made-run.ts";

const slow = Array.from({ length: 80 }, (_, index) => madeRecord({ key: `a${index}`, endMs: 4_000 }));
const fast = slow.map((record) => ({ ...record, endMs: 2_000 }));
const scenario = madeScenario([
  objective("e2e.p95", "<", 3_000),
  objective("errors", "<", 0.01),
  objective("scaling.reversals", "==", 0),
]);
const outcome = judgeGate(
  scenario,
  [madeRun([...slow, refused("r1"), refused("r2")], { kind: "simulated" })],
  [madeRun(fast, { kind: "simulated" })],
);
const xml = renderJunit(outcome, "scenarios/a.yaml");

interface Case {
  readonly key: string;
  readonly kind: "passed" | "failure" | "error";
  readonly message: string;
  readonly text: string;
}

const suites = [...xml.matchAll(/<testsuite ([^>]*)>([^]*?)<\/testsuite>/g)].map(([, head = "", body = ""]) => ({
  name: attribute(head, "name"),
  counts: ["tests", "failures", "errors"].map((name) => Number(attribute(head, name))),
  cases: [...body.matchAll(/<testcase ([^>]*?)(?:\/>|>([^]*?)<\/testcase>)/g)].map(([, of = "", inner = ""]): Case => {
    const [, kind, about = "", text = ""] = /<(failure|error) ([^>]*)>([^]*?)<\//.exec(inner) ?? [];
    return {
      key: `${attribute(of, "classname")} ${attribute(of, "name")}`,
      kind: kind === "failure" || kind === "error" ? kind : "passed",
      message: attribute(about, "message"),
      text,
    };
  }),
}));

function attribute(text: string, name: string): string {
  return new RegExp(`(?:^|\\s)${name}="([^"]*)"`).exec(text)?.[1] ?? "";
}

describe("the JUnit XML of a gate, as its readers take it", () => {
  it("has a key of its own for every case, so that none takes another's place", () => {
    const keys = suites.flatMap(({ name, cases }) => cases.map(({ key }) => `${name} ${key}`));
    expect(new Set(keys).size).toBe(keys.length);
    expect(keys.length).toBe(outcome.objectives.length + outcome.comparisons.length);
  });

  it("counts in every suite what is in it, and in all what is in the suites", () => {
    for (const { counts, cases } of suites) {
      const of = (kind: Case["kind"]): number => cases.filter((each) => each.kind === kind).length;
      expect(counts).toEqual([cases.length, of("failure"), of("error")]);
    }
    const head = /<testsuites ([^>]*)>/.exec(xml)?.[1] ?? "";
    const sums = [0, 1, 2].map((place) => suites.reduce((sum, { counts }) => sum + (counts[place] ?? 0), 0));
    expect(["tests", "failures", "errors"].map((name) => Number(attribute(head, name)))).toEqual(sums);
  });

  it("says in message and text what is wrong with a case that failed, and with one that could not be judged", () => {
    const cases = suites.flatMap((suite) => suite.cases).filter(({ kind }) => kind !== "passed");
    expect(new Set(cases.map(({ kind }) => kind))).toEqual(new Set(["failure", "error"]));
    for (const { message, text } of cases) {
      expect(message).not.toBe("");
      expect(text).toContain("scenarios/a.yaml");
    }
  });
});
