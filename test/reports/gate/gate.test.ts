import { describe, expect, it } from "vitest";
import { type GateOutcome, judgeGate } from "../../../analyzers/gate.ts";
import type { Run } from "../../../core/run.ts";
import { githubAnnotations } from "../../../reports/gate/annotations.ts";
import { escapeXml, renderJunit } from "../../../reports/gate/junit.ts";
import { renderGateMarkdown } from "../../../reports/gate/markdown.ts";
import { renderGate } from "../../../reports/gate/terminal.ts";
import { changePicture, gateVerdict, topFacts } from "../../../reports/gate/words.ts";
import { madeRecord, madeRun, madeScenario, objective, refused } from "../../analyzers/made-run.ts";

/** A simulation of 80 requests, of which the first are refused, and all others take so long. */
function simulation(e2eMs: number, refusals: number = 0): Run {
  const records = Array.from({ length: 80 }, (_, index) => {
    const key = `u${index % 20}.s0.t${Math.floor(index / 20)}`;
    return index < refusals
      ? refused(key, { endMs: 1_500, intendedMs: 1_400, sentMs: 1_400 })
      : madeRecord({ key, endMs: e2eMs, firstTokenMs: e2eMs / 4, cost: 1_000_000, upstreamCalls: 1 });
  });
  return madeRun(records, { kind: "simulated" });
}

const scenario = madeScenario([objective("e2e.p95", "<", 3_000), objective("errors", "<", 0.01)]);
const passed = judgeGate(scenario, [simulation(2_000)], [simulation(2_000)]);
const failed = judgeGate(scenario, [simulation(4_000, 8)], [simulation(2_000)]);

describe("a gate", () => {
  it("passes when every objective holds and nothing is worse than the baseline", () => {
    expect(passed.verdict).toBe("pass");
    expect(gateVerdict(passed).why).toBe("All 2 objectives hold, and none of 10 metrics is worse than the baseline.");
    expect(topFacts(passed)).toEqual([]);
  });

  it("fails on either, and shows first the worst miss, what became of the failed requests, and the worst change", () => {
    expect(failed.verdict).toBe("fail");
    expect(topFacts(failed)).toEqual([
      expect.stringMatching(/^Failed requests was 10 %, the objective is < 0.01 \(line 1 of the scenario\)/),
      "8 of 80 requests (10 %) failed: rate-limited, 429, rate_limit_exceeded, the first 1.5 s into the load",
      expect.stringMatching(
        /^(?:Time to first token|End to end) p\d\d went from .* \(\+100\.0 %; tolerated is \+10\.0 %\)$/,
      ),
    ]);
  });

  it("holds its objectives without a baseline too", () => {
    const alone = judgeGate(scenario, [simulation(2_000)], []);
    expect(alone).toMatchObject({ verdict: "pass", comparisons: [] });
    expect(gateVerdict(alone).why).toBe("All 2 objectives hold.");
  });

  it("is inconclusive against a baseline that cannot be believed, and says which run of it", () => {
    const late = {
      latenessP50Ms: 0,
      latenessP99Ms: 90,
      latenessMaxMs: 90,
      loopUtilization: 0,
      overload: "sent too late",
    };
    const first = simulation(2_000);
    const doubtful = { ...first, manifest: { ...first.manifest, generator: late } };
    const outcome = judgeGate(scenario, [simulation(2_000)], [first, doubtful]);
    expect(outcome.verdict).toBe("inconclusive");
    expect(outcome.obstacles.map(({ title }) => title)).toEqual(["Baseline, run 2: This run cannot be judged"]);
  });

  it("is inconclusive when it judges nothing", () => {
    const nothing = judgeGate(madeScenario(), [simulation(2_000)], []);
    expect(nothing.verdict).toBe("inconclusive");
    expect(gateVerdict(nothing).why).toContain("nothing to judge");
  });

  it("folds an objective over runs: held in all is a pass, missed in most a failure, anything between is inconclusive", () => {
    const runs = (missed: number): Run[] =>
      Array.from({ length: 5 }, (_, index) => simulation(index < missed ? 3_100 : 2_900));
    const judged = (missed: number): unknown => judgeGate(scenario, runs(missed), []).objectives[0]?.judgement;
    expect([0, 1, 2, 3, 5].map(judged)).toEqual(["pass", "inconclusive", "inconclusive", "fail", "fail"]);
    expect(judgeGate(scenario, runs(2), []).objectives[0]).toMatchObject({
      measured: 2_900,
      interval: [2_900, 3_100],
      detail: expect.stringContaining("held in 3 of 5 runs"),
    });
  });

  it("is inconclusive when a run was broken off", () => {
    const broken = { ...simulation(2_000), manifest: { ...simulation(2_000).manifest, status: "failed" as const } };
    const outcome = judgeGate(scenario, [simulation(2_000), broken], []);
    expect(outcome.verdict).toBe("inconclusive");
    expect(outcome.obstacles[0]?.title).toMatch(/^Run 2: /);
  });
});

describe("its report", () => {
  it("reads in a terminal as verdict, facts, objectives and changes", async () => {
    await expect(renderGate(failed, { width: 130, colour: false })).toMatchFileSnapshot("../../golden/gate.txt");
  });

  it("reads as Markdown with the same facts and a picture of each change", async () => {
    await expect(renderGateMarkdown(failed)).toMatchFileSnapshot("../../golden/gate.md");
  });

  it("draws a change between no change and the tolerance, and an arrow beyond the picture", () => {
    const [row] = passed.comparisons;
    if (row === undefined) throw new Error("nothing compared");
    const drawn = (change: number, interval?: readonly [number, number]): string =>
      changePicture({ ...row, change, tolerated: 10, interval });
    expect(drawn(0)).toBe("              ●      ¦       ");
    expect(drawn(5, [0, 10])).toBe("              ├───●──┤       ");
    expect(drawn(200)).toBe("              |      ¦      ▶");
    expect(drawn(-200)).toBe("◀             |      ¦       ");
  });
});

describe("its JUnit XML", () => {
  const xml = renderJunit(failed, "scenarios/made.yaml");
  const counted = (pattern: RegExp): number => xml.match(pattern)?.length ?? 0;

  it("has a test case for each objective and metric, and counts what it holds", () => {
    expect(counted(/<testcase /g)).toBe(failed.objectives.length + failed.comparisons.length);
    const failures = [...failed.objectives, ...failed.comparisons].filter(
      ({ judgement }) => judgement === "fail",
    ).length;
    expect(counted(/<failure /g)).toBe(failures);
    expect(xml).toContain(`<testsuites name="squall gate" tests="12" failures="${failures}" errors="0"`);
  });

  it("points at the line of the scenario that set the limit", () => {
    expect(xml).toMatch(
      /<testcase name="errors &lt; 0\.01" .*\n\s+<failure .*>scenarios\/made\.yaml:1&#10;Failed requests/,
    );
  });

  it("makes an error, not a skipped test, of what could not be judged", () => {
    const outcome: GateOutcome = judgeGate(madeScenario([objective("ttft.p95", "<", 1)]), [madeRun([])], []);
    expect(renderJunit(outcome, "made.yaml")).toMatch(/errors="1"[\s\S]*<error type="inconclusive"/);
  });

  it("escapes markup and replaces what XML forbids", () => {
    expect(escapeXml('a < b & "c"\n\u0007\uD800d')).toBe("a &lt; b &amp; &quot;c&quot;&#10;\uFFFD\uFFFDd");
  });
});

describe("its annotations", () => {
  it("name file and line of each missed objective, and each regression, escaped as workflow commands want it", () => {
    const lines = githubAnnotations(failed, "scenarios/a,b.yaml");
    expect(lines[0]).toMatch(
      /^::error file=scenarios\/a%2Cb\.yaml,line=1,title=End to end p95::End to end p95: 4 s, objective < 3000/,
    );
    expect(lines).toContainEqual(expect.stringMatching(/title=Failed requests against the baseline::0 %25 before/));
    expect(githubAnnotations(passed, "made.yaml")).toEqual([]);
  });
});
