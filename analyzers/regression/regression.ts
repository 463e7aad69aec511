/**
 * Did it get worse? Two sets of runs of one scenario, metric by metric.
 *
 * Worse is a change that matters and is no chance: beyond the tolerance, with an interval that excludes zero, significant
 * among all metrics looked at (Holm). Not worse is known when the whole interval lies within the tolerance. Everything else is
 * inconclusive, and the finding says how many runs would decide it. Simulations are exact: one run decides.
 */
import { quantileSorted } from "simple-statistics";
import type { Finding, Judgement } from "../../core/finding.ts";
import { type RandomStream, randomStream } from "../../core/random.ts";
import type { Run } from "../../core/run.ts";
import type { ToleranceSpec } from "../../core/scenario/regression-schema.ts";
import { plural } from "../../core/units.ts";
import { samplesNeeded } from "../percentile.ts";
import { type Estimate, estimateChange } from "./estimate.ts";
import { holm } from "./holm.ts";
import { mannWhitney } from "./mann-whitney.ts";
import { toleranceOf, type WatchedMetric, watchedMetrics } from "./watched-metrics.ts";

/** One metric, compared. Changes are in the metric's own unit, candidate minus baseline. */
export interface Comparison {
  readonly metric: string;
  readonly title: string;
  readonly unit: NonNullable<Finding["unit"]>;
  readonly judgement: Judgement;
  readonly baseline: number | undefined;
  readonly candidate: number | undefined;
  readonly change: number | undefined;
  /** 95 %; undefined for simulations, which are exact. */
  readonly interval: readonly [number, number] | undefined;
  /** How much worse is tolerated. */
  readonly tolerated: number | undefined;
  /** Bootstrap p-value of no change, adjusted by Holm for all metrics of the comparison; undefined when exact. */
  readonly p: number | undefined;
  /** Mann-Whitney p-value over runs, where each side has enough of them to say anything. */
  readonly shiftP: number | undefined;
  readonly baselineRuns: readonly number[];
  readonly candidateRuns: readonly number[];
  /** Runs a side that would decide it at the spread seen here; undefined when decided, or when no number would. */
  readonly runsNeeded: number | undefined;
  readonly why: string;
}

export interface ComparisonOptions {
  /** A scenario's own tolerances, in place of the defaults. */
  readonly tolerances?: readonly ToleranceSpec[];
  /** Seeds the bootstrap. */
  readonly seed: number;
}

/**
 * Live runs a side below which nothing is decided: five values are the fewest for which the exact Mann-Whitney test can reach
 * 1 % (p = 2/252).
 */
export const runsToDecide = 5;
const significance = 0.05;

/**
 * Compares runs of a scenario before and after a change. Both sides have at least one run; a metric that neither side has is left
 * out.
 */
export function compareSides(
  baseline: readonly Run[],
  candidate: readonly Run[],
  { tolerances = [], seed }: ComparisonOptions,
): readonly Comparison[] {
  const exact = [...baseline, ...candidate].every((run) => run.manifest.kind === "simulated");
  const random = randomStream(seed).split("regression");
  const measured = watchedMetrics.flatMap((watched) => {
    const metric = { ...watched, tolerance: toleranceOf(watched, tolerances) };
    return measureMetric(baseline, candidate, metric, random.split(metric.metric), exact);
  });
  const adjusted = holm(measured.map(({ p }) => p ?? 1));
  const runs = Math.min(baseline.length, candidate.length);
  return measured.map((each, index) => judged(each, exact ? undefined : adjusted[index], runs));
}

interface MeasuredMetric {
  readonly metric: WatchedMetric;
  /** Undefined when only one side has the metric. */
  readonly estimate: Estimate | undefined;
  readonly interval: readonly [number, number] | undefined;
  readonly p: number | undefined;
}

function measureMetric(
  baseline: readonly Run[],
  candidate: readonly Run[],
  metric: WatchedMetric,
  random: RandomStream,
  exact: boolean,
): readonly MeasuredMetric[] {
  const estimate = estimateChange(baseline, candidate, metric.statistic, random, exact ? 0 : undefined);
  if (estimate === undefined) {
    const alone = [baseline, candidate].some(
      (runs) => estimateChange(runs, runs, metric.statistic, random, 0) !== undefined,
    );
    return alone ? [{ metric, estimate: undefined, interval: undefined, p: undefined }] : [];
  }
  if (exact) return [{ metric, estimate, interval: undefined, p: undefined }];
  const drawn = [...estimate.drawn];
  const interval =
    drawn.length === 0 ? undefined : ([quantileSorted(drawn, 0.025), quantileSorted(drawn, 0.975)] as const);
  return [{ metric, estimate, interval, p: zeroP(drawn) }];
}

/** Two-sided bootstrap p-value of no change; never 0, since the number of draws is finite (Davison and Hinkley, 1997, section 4.2). */
function zeroP(drawn: readonly number[]): number {
  const below = drawn.filter((value) => value <= 0).length;
  const above = drawn.filter((value) => value >= 0).length;
  return Math.min(1, (2 * (Math.min(below, above) + 1)) / (drawn.length + 1));
}

function judged({ metric, estimate, interval }: MeasuredMetric, p: number | undefined, runs: number): Comparison {
  const about = { metric: metric.metric, title: metric.title, unit: metric.unit };
  if (estimate === undefined) {
    return { ...about, ...nothing, judgement: "inconclusive", why: "only one side has any request to measure it on" };
  }
  const { baseline, candidate, baselineRuns, candidateRuns } = estimate;
  const tolerated = Math.max(metric.tolerance.absolute, metric.tolerance.relative * baseline);
  const change = candidate - baseline;
  const { judgement, why, runsNeeded } = decide({ change, tolerated, interval, p, runs }, metric, estimate);
  const enough = Math.min(baselineRuns.length, candidateRuns.length) >= 4;
  return {
    ...about,
    judgement,
    baseline,
    candidate,
    change,
    interval,
    tolerated,
    p,
    shiftP: enough ? mannWhitney(baselineRuns, candidateRuns)?.p : undefined,
    baselineRuns,
    candidateRuns,
    runsNeeded,
    why,
  };
}

const nothing = {
  baseline: undefined,
  candidate: undefined,
  change: undefined,
  interval: undefined,
  tolerated: undefined,
  p: undefined,
  shiftP: undefined,
  baselineRuns: [],
  candidateRuns: [],
  runsNeeded: undefined,
} as const;

interface Evidence {
  readonly change: number;
  readonly tolerated: number;
  readonly interval: readonly [number, number] | undefined;
  readonly p: number | undefined;
  readonly runs: number;
}

interface Decision {
  readonly judgement: Judgement;
  readonly why: string;
  readonly runsNeeded: number | undefined;
}

function decide(evidence: Evidence, { statistic }: WatchedMetric, { samples }: Estimate): Decision {
  const { change, tolerated, interval, p, runs } = evidence;
  const decided = (judgement: Judgement, why: string): Decision => ({ judgement, why, runsNeeded: undefined });
  if (interval === undefined || p === undefined) {
    return decided(change > tolerated ? "fail" : "pass", "");
  }
  const [low, high] = interval;
  if (low === high) return change > tolerated ? decided("fail", "alike in every draw") : decided("pass", "");
  const needed = statistic.kind === "percentile" ? samplesNeeded(statistic.p) : 1;
  if (Math.min(...samples) < needed) {
    return decided(
      "inconclusive",
      `${needed} answered requests a side bound this percentile, ${Math.min(...samples)} are there`,
    );
  }
  if (runs < runsToDecide) {
    const why = `${plural(runs, "run")} a side cannot tell a change from an unlucky run; ${runsToDecide} can`;
    return { judgement: "inconclusive", why, runsNeeded: runsToDecide };
  }
  if (change > tolerated && low > 0 && p < significance) return decided("fail", "beyond the tolerance and no chance");
  if (high <= tolerated) return decided("pass", "");
  return { judgement: "inconclusive", ...undecided(evidence, (high - low) / 2) };
}

/** An interval narrows with the square root of the number of runs. */
function undecided({ change, tolerated, runs }: Evidence, half: number): Pick<Decision, "why" | "runsNeeded"> {
  // To be called worse the interval must leave zero; to be called harmless it must stay within the tolerance.
  const room = change > tolerated ? change : tolerated - change;
  const runsNeeded = Math.ceil((runs * half * half) / (room * room));
  if (!Number.isFinite(runsNeeded) || runsNeeded > runsNeededMax) {
    return { why: "the change lies on the tolerance: no number of runs decides it", runsNeeded: undefined };
  }
  const wanted = Math.max(runsNeeded, runs + 1);
  return {
    why: `the interval reaches beyond the tolerance; about ${wanted} runs a side would decide`,
    runsNeeded: wanted,
  };
}

/** More runs than anybody makes. */
const runsNeededMax = 1_000;

/** The comparison as findings. The measured value and its interval are changes: relative where the baseline is above zero. */
export function regressionFindings(comparisons: readonly Comparison[]): readonly Finding[] {
  return comparisons.map((comparison) => {
    const { metric, title, judgement, baseline, change, interval, tolerated, baselineRuns, why } = comparison;
    const about = { analyzer: "regression", id: `regression.${metric}`, title: `${title}, change`, judgement };
    if (baseline === undefined || change === undefined || tolerated === undefined) return { ...about, detail: why };
    const relative = comparison.unit !== "share" && baseline > 0;
    const scale = relative ? 1 / baseline : 1;
    return {
      ...about,
      measured: change * scale,
      unit: relative || comparison.unit === "share" ? "share" : comparison.unit,
      ...(interval === undefined ? {} : { interval: [interval[0] * scale, interval[1] * scale] as const }),
      samples: baselineRuns.length,
      ...(why === "" ? {} : { detail: why }),
    };
  });
}
