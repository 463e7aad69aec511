/**
 * The review of a drill: what happened, what was seen and done, what it cost, and what to do about it. Blameless by shape: it speaks
 * of times, evidence and steps.
 *
 * A review is a document of headings and tables that anything can render: Markdown here, HTML in `reports/drill`.
 */
import { formatMoney } from "../../core/money.ts";
import type { Objective } from "../../core/scenario/scenario.ts";
import { formatDuration, type Ms } from "../../core/time.ts";
import { formatWhole } from "../../core/units.ts";
import type { DrillResult } from "./execute.ts";
import type { JournalEntry } from "./journal.ts";
import type { DrillMeasures } from "./measures.ts";
import { type ActionItem, actionItems, itemLine } from "./action-items.ts";
import {
  actionsSection,
  alertsSection,
  alertsSeen,
  decisionsSection,
  instantsSection,
  notDoneSection,
  phasesSection,
  type ReviewSection,
  scoreCard,
  type SliSample,
  timelineSection,
  whatWentWrong,
} from "./review-sections.ts";
import type { Runbook } from "./runbook.ts";
import type { DrillVerdict } from "./verdict.ts";

export interface ReviewInput {
  readonly runbook: Runbook;
  /** `simulated, scenario provider-outage, seed 7`. */
  readonly about: string;
  readonly entries: readonly JournalEntry[];
  readonly result: DrillResult;
  /** Undefined at a tabletop, where nothing is done that could be measured. */
  readonly measures: DrillMeasures | undefined;
  readonly verdict: DrillVerdict;
  readonly objectives: readonly Objective[];
  readonly samples: readonly SliSample[];
}

export interface Review {
  readonly title: string;
  readonly subtitle: string;
  readonly verdict: DrillVerdict["verdict"];
  readonly why: string;
  readonly tiles: readonly (readonly [name: string, value: string])[];
  readonly sections: readonly ReviewSection[];
  /** What to do about it, one sentence each. */
  readonly items: readonly string[];
  /** The same with their evidence. */
  readonly issues: readonly ActionItem[];
  readonly samples: readonly SliSample[];
  /** Instants worth a line across a chart. */
  readonly marks: readonly { readonly atMs: Ms; readonly text: string }[];
}

export function reviewOf(input: ReviewInput): Review {
  const { runbook, about, entries, result, measures, verdict, samples } = input;
  const items = actionItems(verdict, measures, result, entries);
  const { tiles, sections, marks } = measures === undefined ? talkOf(input) : responseOf(input, measures);
  return {
    title: runbook.title,
    subtitle: `${measures === undefined ? "Tabletop" : "Drill"} of runbook ${runbook.id}, version ${runbook.version} · ${runbook.severity} · ${runbook.owner} · ${about}`,
    verdict: verdict.verdict,
    why: verdict.reasons.length === 0 ? wellEnded(verdict) : `${verdict.reasons.join(". ")}.`,
    tiles,
    sections: sections.filter(({ rows }) => rows.length > 0),
    items: items.map(itemLine),
    issues: items,
    samples,
    marks,
  };
}

function wellEnded({ verdict }: DrillVerdict): string {
  return verdict === "tabletop"
    ? "This was a tabletop, talked through to its end: nothing was done, so nothing of the response was measured or judged."
    : "Every target was met and everything is as it was.";
}

type Parts = Pick<Review, "tiles" | "sections" | "marks">;

function responseOf({ entries, samples, verdict, result, objectives }: ReviewInput, measures: DrillMeasures): Parts {
  const timeOf = (name: string): string => clockOrDash(verdict.targets.find((row) => row.name === name)?.valueMs);
  return {
    tiles: [
      ["Time to detect", timeOf("Time to detect")],
      ["Time to contain", timeOf("Time to contain")],
      ["Time to resolve", timeOf("Time to resolve")],
      ["Requests lost", formatWhole(measures.total.failed)],
      ["Cost", formatMoney(measures.total.cost)],
    ],
    sections: [
      whatWentWrong(entries),
      scoreCard(verdict, measures, result),
      instantsSection(measures),
      alertsSection(measures, entries),
      timelineSection(entries, samples),
      decisionsSection(entries),
      actionsSection(entries),
      notDoneSection(entries),
      phasesSection(measures, objectives),
    ],
    marks: marksOf(measures),
  };
}

/** Of a tabletop: what was said, seen and left undone; no times, for nobody acted. */
function talkOf({ entries, samples }: ReviewInput): Parts {
  const [decisions, undone] = [decisionsSection(entries), notDoneSection(entries)];
  const steps = new Set(entries.flatMap(({ kind, step }) => (kind === "step-holds" ? [step] : [])));
  return {
    tiles: [
      ["Steps talked through", formatWhole(steps.size)],
      ["Decisions", formatWhole(decisions.rows.length)],
      ["Left undone", formatWhole(undone.rows.length)],
    ],
    sections: [whatWentWrong(entries), alertsSeen(entries), timelineSection(entries, samples), decisions, undone],
    marks: [],
  };
}

function marksOf({ moments }: DrillMeasures): Review["marks"] {
  const named: readonly (readonly [Ms | undefined, string])[] = [
    [moments.faultMs, "fault"],
    [moments.alertMs, "alert"],
    [moments.acknowledgedMs, "acknowledged"],
    [moments.containedMs, "contained"],
    [moments.resolvedMs, "resolved"],
  ];
  return named.flatMap(([atMs, text]) => (atMs === undefined ? [] : [{ atMs, text }]));
}

function clockOrDash(ms: Ms | undefined): string {
  return ms === undefined ? "–" : formatDuration(ms);
}
