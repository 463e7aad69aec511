/** What a gate's reports say in the same words: comparisons as rows, a small picture of each, and what matters most. */
import { describeFailure, failureGroups } from "../../analyzers/errors.ts";
import type { GateOutcome } from "../../analyzers/gate.ts";
import { recordsOf } from "../../analyzers/phases.ts";
import type { Comparison } from "../../analyzers/regression/regression.ts";
import type { Finding, Judgement } from "../../core/finding.ts";
import { formatDuration } from "../../core/time.ts";
import { formatShare, plural } from "../../core/units.ts";
import { formatChange, formatMeasured, formatValue } from "../format.ts";
import type { Verdict } from "../verdict.ts";

/** A comparison, written out. */
export interface ComparisonRow {
  readonly judgement: Judgement;
  readonly title: string;
  readonly baseline: string;
  readonly candidate: string;
  readonly change: string;
  readonly interval: string;
  readonly tolerated: string;
  readonly why: string;
}

export function comparisonRow(comparison: Comparison): ComparisonRow {
  const { judgement, title, unit, baseline, candidate, change, interval, tolerated, shiftP, why } = comparison;
  const value = (amount: number | undefined): string => (amount === undefined ? "–" : formatValue(amount, unit));
  const moved = (amount: number): string => changeInWords(amount, comparison);
  return {
    judgement,
    title,
    baseline: value(baseline),
    candidate: value(candidate),
    change: change === undefined ? "–" : moved(change),
    interval: interval === undefined ? "" : `${moved(interval[0])} to ${moved(interval[1])}`,
    tolerated: tolerated === undefined ? "" : moved(tolerated),
    why: [
      why,
      shiftP === undefined || judgement === "pass" ? "" : `Mann-Whitney over runs: p = ${shiftP.toPrecision(2)}`,
    ]
      .filter((text) => text !== "")
      .join("; "),
  };
}

/** `+12.0 %` of the baseline; shares move by points, and from nothing there is no percentage. */
function changeInWords(amount: number, { unit, baseline }: Comparison): string {
  if (unit === "share") return `${formatChange(amount).replace(" %", "")} points`;
  if (baseline !== undefined && baseline > 0) return formatChange(amount / baseline);
  return `${amount > 0 ? "+" : ""}${formatValue(amount, unit)}`;
}

/** Half of the picture's width, in characters. */
const pictureHalf = 14;

/**
 * Where a change and its interval lie between "no change" and the tolerance: `      |  ├──●──┤   |`. The bars stand at no change
 * and at the tolerance; what lies beyond the picture ends in an arrow. Empty when there is nothing to draw.
 */
export function changePicture({ change, interval, tolerated }: Comparison): string {
  if (change === undefined || tolerated === undefined || tolerated <= 0) return "";
  const width = 2 * pictureHalf + 1;
  const place = (amount: number): number =>
    Math.round((Math.max(-2, Math.min(2, amount / tolerated)) / 2) * pictureHalf) + pictureHalf;
  const cells = Array.from({ length: width }, () => " ");
  cells[place(0)] = "|";
  cells[place(tolerated)] = "¦";
  const [low, high] = (interval ?? [change, change]).map(place);
  if (low !== undefined && high !== undefined && low < high) {
    cells.fill("─", low, high + 1);
    cells[low] = "├";
    cells[high] = "┤";
  }
  const beyond = (amount: number): boolean => Math.abs(amount) > 2 * tolerated;
  cells[place(change)] = beyond(change) ? (change > 0 ? "▶" : "◀") : "●";
  return cells.join("");
}

/** One sentence that says why the gate came out so. */
export function gateVerdict({ verdict, objectives, comparisons, obstacles }: GateOutcome): Verdict {
  const missed = objectives.filter(({ judgement }) => judgement === "fail").length;
  const worse = comparisons.filter(({ judgement }) => judgement === "fail").length;
  const open = [...objectives, ...comparisons].filter(({ judgement }) => judgement === "inconclusive").length;
  const [obstacle] = obstacles;
  const compared =
    comparisons.length === 0 ? "" : `, and none of ${plural(comparisons.length, "metric")} is worse than the baseline`;
  switch (verdict) {
    case "pass":
      return { judgement: verdict, why: `All ${plural(objectives.length, "objective")} hold${compared}.` };
    case "fail":
      return { judgement: verdict, why: `${joined([missedInWords(missed, objectives.length), worseInWords(worse)])}.` };
    case "inconclusive":
      return {
        judgement: verdict,
        why: obstacle === undefined ? undecidedInWords(open) : `${obstacle.title}: ${obstacle.detail ?? ""}.`,
      };
  }
}

function missedInWords(missed: number, all: number): string {
  return missed === 0 ? "" : `${missed} of ${plural(all, "objective")} ${missed === 1 ? "is" : "are"} missed`;
}

function worseInWords(worse: number): string {
  return worse === 0 ? "" : `${plural(worse, "metric")} ${worse === 1 ? "is" : "are"} worse than the baseline`;
}

function undecidedInWords(open: number): string {
  if (open === 0) return "The scenario sets no objective and there is no baseline, so there is nothing to judge.";
  return `${plural(open, "judgement")} cannot be made from this much data.`;
}

function joined(texts: readonly string[]): string {
  return texts.filter((text) => text !== "").join(" and ");
}

/** More differences than this are counted, not listed. */
const differencesMost = 6;

/** What changed since the baseline, for a gate that did not pass: nobody should have to look for it. */
export function changedInWords({ verdict, changed }: Pick<GateOutcome, "verdict" | "changed">): readonly string[] {
  if (verdict === "pass" || changed.length === 0) return [];
  const listed = changed.slice(0, differencesMost).map(({ what, before, after }) => `${what}: ${before} -> ${after}`);
  const more = changed.length - listed.length;
  return more === 0 ? listed : [...listed, `and ${plural(more, "other difference")}`];
}

/** Facts that a gate which failed shows first. */
const factsMost = 3;

/**
 * The most informative facts about a gate that did not pass, at most three: the objective missed by most, what became of
 * the requests that failed, and the metric that grew most beyond its tolerance; then the next of each kind.
 */
export function topFacts({ objectives, comparisons, candidate, obstacles }: GateOutcome): readonly string[] {
  const missed = objectives
    .filter(({ judgement }) => judgement === "fail")
    .toSorted((left, right) => overshoot(right) - overshoot(left))
    .map(missedFact);
  const worse = [...worstOfEach(comparisons.filter(({ judgement }) => judgement === "fail"))].map(worseFact);
  const failures = missed.length + worse.length === 0 ? [] : failureFacts(candidate);
  const open = obstacles.map(({ title, detail }) => (detail === undefined ? title : `${title}: ${detail}`));
  const kinds = [missed, failures, worse, open];
  const inTurn = Array.from({ length: factsMost }, (_, round) => kinds.flatMap((facts) => facts[round] ?? [])).flat();
  return inTurn.slice(0, factsMost);
}

/** How many times the measured value lies beyond its limit. */
function overshoot({ measured, limit }: Finding): number {
  const amount = Number.parseFloat((limit ?? "").replace(/^[<>=\s$]+/, ""));
  if (measured === undefined) return 0;
  return Number.isFinite(amount) && amount > 0 ? Math.abs(measured / amount) : Math.abs(measured) + 1;
}

function excess({ change = 0, tolerated = 0 }: Comparison): number {
  return tolerated > 0 ? change / tolerated : change > 0 ? Number.POSITIVE_INFINITY : 0;
}

/** Of each latency, and of everything else, the metric that grew most beyond its tolerance: p50 beside p95 says little. */
function worstOfEach(worse: readonly Comparison[]): Iterable<Comparison> {
  const sorted = worse.toSorted((left, right) => excess(right) - excess(left));
  const kinds = Map.groupBy(sorted, ({ metric, unit }) =>
    unit === "ms" ? metric.slice(0, metric.indexOf(".")) : metric,
  );
  return [...kinds.values()].flatMap((each) => each[0] ?? []);
}

function missedFact(finding: Finding): string {
  const where = finding.line === undefined ? "" : ` (line ${finding.line} of the scenario)`;
  const detail = finding.detail === undefined ? "" : `: ${finding.detail}`;
  return `${finding.title} was ${formatMeasured(finding)}, the objective is ${finding.limit ?? ""}${where}${detail}`;
}

function worseFact(comparison: Comparison): string {
  const { title, baseline, candidate, change, tolerated } = comparisonRow(comparison);
  return `${title} went from ${baseline} to ${candidate} (${change}; tolerated is ${tolerated})`;
}

/** What became of the requests that failed, and when it began. */
function failureFacts(candidate: readonly GateOutcome["candidate"][number][]): readonly string[] {
  const records = candidate.flatMap((run) => recordsOf(run, "load"));
  const start = candidate[0]?.manifest.phases.find(({ name }) => name === "load")?.startMs ?? 0;
  return failureGroups(records).map((group) => {
    const first = records.find(
      ({ outcome, status, reason }) => outcome === group.outcome && status === group.status && reason === group.reason,
    );
    const since =
      first === undefined ? "" : `, the first ${formatDuration(Math.max(0, first.endMs - start))} into the load`;
    const share = formatShare(group.count / records.length);
    return `${group.count} of ${plural(records.length, "request")} (${share}) failed: ${describeFailure(group)}${since}`;
  });
}
