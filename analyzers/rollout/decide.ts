/**
 * Go, no-go or rollback: one step of a rollout, judged by its criteria.
 *
 * A criterion that says back or stay decides as soon as it is met. To go on, every criterion must be known to hold: what
 * was not measured and not given is inconclusive, never a go.
 */
import type { Judgement, Unit } from "../../core/finding.ts";
import type { Run } from "../../core/run.ts";
import {
  type Criterion,
  type GivenMetric,
  isGiven,
  type RolloutPhase,
  type RolloutStep,
} from "../../core/scenario/rollout-schema.ts";
import type { Scenario } from "../../core/scenario/scenario.ts";
import { costOf } from "../cost.ts";
import { measure } from "../metrics.ts";
import { judgeInterval } from "../objectives.ts";

export type Decision = "go" | "no-go" | "rollback" | "inconclusive";

/** What people know and a run does not. */
export type Givens = Readonly<Partial<Record<Exclude<GivenMetric, "cost.of-budget">, number>>> & {
  /** Nano-dollars per hour, for `cost.of-budget`. */
  readonly budget?: number | undefined;
};

export interface JudgedCriterion {
  readonly list: "go" | "no-go" | "rollback";
  readonly metric: string;
  readonly title: string;
  readonly limit: string;
  /** Undefined: nobody knows, and `why` says so. */
  readonly measured: number | undefined;
  readonly unit: Unit;
  /** Whether the criterion is met; of `no-go` and `rollback`, `pass` is bad news. */
  readonly met: Judgement;
  readonly why: string;
}

export interface StepDecision {
  readonly phase: string;
  readonly step: string;
  readonly decision: Decision;
  /** What decided, in reading order; all of it where nothing stood out. */
  readonly reasons: readonly JudgedCriterion[];
  readonly criteria: readonly JudgedCriterion[];
}

/** Judges the run of one step. */
export function decideStep(
  phase: RolloutPhase,
  step: RolloutStep,
  { run, scenario }: { readonly run: Run; readonly scenario: Scenario },
  givens: Givens,
): StepDecision {
  const judge = (list: JudgedCriterion["list"], criteria: readonly Criterion[]): readonly JudgedCriterion[] =>
    criteria.map((criterion) => judged(list, criterion, run, scenario, givens));
  const rollback = judge("rollback", phase.rollback);
  const noGo = judge("no-go", phase.noGo);
  const go = judge("go", phase.go);
  const criteria = [...rollback, ...noGo, ...go];
  const about = { phase: phase.name, step: step.text, criteria };
  const of = (list: readonly JudgedCriterion[], met: Judgement): readonly JudgedCriterion[] =>
    list.filter((each) => each.met === met);
  const ways: readonly (readonly [Decision, readonly JudgedCriterion[]])[] = [
    ["rollback", of(rollback, "pass")],
    ["no-go", [...of(noGo, "pass"), ...of(go, "fail")]],
    ["inconclusive", of(criteria, "inconclusive")],
  ];
  const way = ways.find(([, reasons]) => reasons.length > 0);
  if (way !== undefined) return { ...about, decision: way[0], reasons: way[1] };
  // No criterion to hold is no reason to go on.
  return { ...about, decision: go.length === 0 ? "inconclusive" : "go", reasons: go };
}

function judged(
  list: JudgedCriterion["list"],
  criterion: Criterion,
  run: Run,
  scenario: Scenario,
  givens: Givens,
): JudgedCriterion {
  const { metric, unit, text } = criterion;
  const about = { list, metric, limit: text, unit } as const;
  const known = (
    title: string,
    value: number,
    interval: readonly [number, number] = [value, value],
  ): JudgedCriterion => ({
    ...about,
    title,
    measured: value,
    met: judgeInterval(interval, criterion),
    why: "",
  });
  const unknown = (title: string, why: string): JudgedCriterion => ({
    ...about,
    title,
    measured: undefined,
    met: "inconclusive",
    why,
  });
  const given = isGiven(metric) ? metric : undefined;
  if (given === "cost.of-budget") {
    const perHour = costOf(run)?.perHour;
    const title = "Cost per hour, of the budget";
    if (givens.budget === undefined) return unknown(title, "no budget was given: add --budget");
    return perHour === undefined
      ? unknown(title, "the run knows no cost per hour")
      : known(title, perHour / givens.budget);
  }
  if (given !== undefined) {
    const value = givens[given];
    const title = givenTitles[given];
    return value === undefined
      ? unknown(title, `was not given: add --${metric.replace(".", "-")}`)
      : known(title, value);
  }
  const measured = measure(metric, run, scenario);
  if (measured === undefined) return unknown(metric, "no metric has this name");
  return measured.kind === "none"
    ? unknown(measured.title, measured.why)
    : { ...known(measured.title, measured.value, measured.interval), unit: measured.unit };
}

const givenTitles: Readonly<Record<Exclude<GivenMetric, "cost.of-budget">, string>> = {
  satisfaction: "Satisfied users",
  "satisfaction.drop": "Satisfaction lost since the step before",
  "incidents.critical": "Critical incidents",
  "incidents.security": "Security incidents",
};
