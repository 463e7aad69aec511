/**
 * The scenario's objectives, each judged pass, fail or inconclusive.
 *
 * A value known only within an interval passes when the whole interval meets the limit, fails when none of it does, and is
 * inconclusive in between. A metric that does not exist and an empty sample are inconclusive, in words: nothing measured
 * is never a pass.
 */
import type { Finding, Judgement } from "../core/finding.ts";
import { assertNever } from "../core/invariant.ts";
import type { Run } from "../core/run.ts";
import type { Objective, Scenario } from "../core/scenario/scenario.ts";
import { measure, namedMetrics } from "./metrics.ts";

/** One finding for each objective, in the order of the scenario. */
export function objectiveFindings(run: Run, scenario: Scenario): readonly Finding[] {
  return scenario.objectives.map((objective) => judge(objective, run, scenario));
}

function judge(objective: Objective, run: Run, scenario: Scenario): Finding {
  const about = { analyzer: "objectives", id: objective.metric, limit: objective.text, line: objective.line } as const;
  const measured = measure(objective.metric, run, scenario);
  if (measured === undefined) {
    const known = `${namedMetrics.join(", ")}, and ttft, itl or e2e with .mean, .max or a percentile such as .p95, or degradation.ttft.p95`;
    const detail = `no metric has this name; known are ${known}`;
    return { ...about, title: objective.metric, judgement: "inconclusive", detail };
  }
  if (measured.kind === "none") {
    const { title, why, samples } = measured;
    return { ...about, title, judgement: "inconclusive", samples, detail: why };
  }
  const { title, value, unit, samples, interval, detail } = measured;
  const [low, high] = interval;
  return {
    ...about,
    title,
    judgement: judgeInterval(interval, objective),
    measured: value,
    unit,
    samples,
    ...(low < high && Number.isFinite(high) ? { interval } : {}),
    ...(detail === "" ? {} : { detail }),
  };
}

/** Pass when every value of the interval meets the limit, fail when none does. */
export function judgeInterval(
  [low, high]: readonly [number, number],
  { comparison, limit }: Pick<Objective, "comparison" | "limit">,
): Judgement {
  switch (comparison) {
    case "<":
      return high < limit ? "pass" : low < limit ? "inconclusive" : "fail";
    case "<=":
      return high <= limit ? "pass" : low <= limit ? "inconclusive" : "fail";
    case ">":
      return low > limit ? "pass" : high > limit ? "inconclusive" : "fail";
    case ">=":
      return low >= limit ? "pass" : high >= limit ? "inconclusive" : "fail";
    case "==":
      if (low > limit || high < limit) return "fail";
      return low === high ? "pass" : "inconclusive";
    default:
      return assertNever(comparison);
  }
}
