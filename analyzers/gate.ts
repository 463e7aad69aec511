/**
 * A gate: does this version hold its objectives, and is it no worse than the one before?
 *
 * Objectives are absolute and judged on every run; what several runs say of one objective folds into one line. Regressions
 * are relative to a baseline (`regression/`). The gate's verdict is the worst of all.
 */
import type { Finding, Judgement } from "../core/finding.ts";
import { verdictOf } from "../core/finding.ts";
import type { Run } from "../core/run.ts";
import type { Scenario } from "../core/scenario/scenario.ts";
import { plural } from "../core/units.ts";
import { analyze } from "./analyze.ts";
import { generatorFindings } from "./generator.ts";
import { percentile } from "./percentile.ts";
import { type Difference, whatChanged } from "./what-changed.ts";
import { type Comparison, compareSides, regressionFindings } from "./regression/regression.ts";

export interface GateOutcome {
  readonly scenario: string;
  readonly verdict: Judgement;
  /** Judged findings that are no objective: a run that cannot be judged, counts that do not tie. */
  readonly obstacles: readonly Finding[];
  /** One for each objective, over all runs of the candidate. */
  readonly objectives: readonly Finding[];
  /** One for each metric compared; empty without a baseline. */
  readonly comparisons: readonly Comparison[];
  /** The same as findings. */
  readonly regressions: readonly Finding[];
  /** What differs between both sides beside what was measured; empty without a baseline. */
  readonly changed: readonly Difference[];
  readonly candidate: readonly Run[];
  readonly baseline: readonly Run[];
}

/** Judges runs of the candidate, at least one, against the scenario and, where there are any, runs of the baseline. */
export function judgeGate(scenario: Scenario, candidate: readonly Run[], baseline: readonly Run[]): GateOutcome {
  const found = candidate.map((run) => analyze(run, scenario));
  const objectives = scenario.objectives.flatMap((_, index) => {
    const [first, ...others] = found.flatMap((findings) => findings.filter(isObjective)[index] ?? []);
    return first === undefined ? [] : [foldRuns(first, others)];
  });
  const obstacles = found.flatMap((findings, index) =>
    findings.filter(isObstacle).map((each) => ofRun(each, index, candidate)),
  );
  const comparisons =
    baseline.length === 0
      ? []
      : compareSides(baseline, candidate, { seed: scenario.seed, tolerances: scenario.regression ?? [] });
  const regressions = regressionFindings(comparisons);
  const inTheWay = [...obstacles, ...doubtsOf(baseline), ...nothingCompared(baseline, comparisons)];
  const judged = [...inTheWay, ...objectives, ...regressions];
  return {
    scenario: scenario.name,
    verdict: verdictOf(judged),
    obstacles: inTheWay,
    objectives,
    comparisons,
    regressions,
    changed: whatChanged(baseline, candidate),
    candidate,
    baseline,
  };
}

function isObjective({ analyzer }: Finding): boolean {
  return analyzer === "objectives";
}

function isObstacle({ analyzer, judgement }: Finding): boolean {
  return judgement !== undefined && analyzer !== "objectives";
}

/** Which of several runs an obstacle stood in. */
function ofRun(finding: Finding, index: number, runs: readonly Run[]): Finding {
  return runs.length === 1 ? finding : { ...finding, title: `Run ${index + 1}: ${finding.title}` };
}

/** What stands in the way of believing a baseline: each run of it that cannot be judged. */
function doubtsOf(baseline: readonly Run[]): readonly Finding[] {
  return baseline.flatMap((run, index) =>
    generatorFindings(run)
      .filter(isObstacle)
      .map((finding) => ({ ...finding, title: `Baseline, run ${index + 1}: ${finding.title}` })),
  );
}

/**
 * One objective over several runs: the median of what was measured, from the lowest to the highest. It holds when it held in every run
 * and is missed when it was missed in more than half; in between, luck would decide.
 */
function foldRuns(first: Finding, others: readonly Finding[]): Finding {
  if (others.length === 0) return first;
  const findings = [first, ...others];
  const values = findings.flatMap(({ measured }) => measured ?? []);
  const middle = percentile(values, 0.5);
  const missed = findings.filter(({ judgement }) => judgement === "fail").length;
  const held = findings.filter(({ judgement }) => judgement === "pass").length;
  const judgement: Judgement =
    held === findings.length ? "pass" : missed > findings.length / 2 ? "fail" : "inconclusive";
  const { measured: _measured, interval: _interval, detail: _detail, ...about } = first;
  const why = findings.find((each) => each.judgement === judgement)?.detail;
  return {
    ...about,
    judgement,
    ...(middle === undefined ? {} : { measured: middle, interval: [Math.min(...values), Math.max(...values)] }),
    detail: [`held in ${held} of ${plural(findings.length, "run")}`, why ?? ""]
      .filter((text) => text !== "")
      .join("; "),
  };
}

function nothingCompared(baseline: readonly Run[], comparisons: readonly Comparison[]): readonly Finding[] {
  if (baseline.length === 0 || comparisons.length > 0) return [];
  return [
    {
      analyzer: "regression",
      id: "regression.nothing",
      title: "Nothing could be compared",
      judgement: "inconclusive",
      detail: "neither side has a request in its load phase",
    },
  ];
}
