/**
 * The review of a drill: what happened, what was seen and done, what it cost, and what to do about it. Blameless by shape: it speaks
 * of times, evidence and steps.
 *
 * A review is a document of headings and tables that anything can render: Markdown here, HTML in `reports/drill`.
 */
import { formatMoney } from "../../core/money.ts";
import type { Objective } from "../../core/scenario/scenario.ts";
import { formatClock, formatDuration, type Ms } from "../../core/time.ts";
import { formatShare, formatWhole, plural } from "../../core/units.ts";
import type { DrillResult } from "./execute.ts";
import type { JournalEntry } from "./journal.ts";
import { allowedErrors, type DrillMeasures, type Loss } from "./measures.ts";
import { type ActionItem, actionItems, itemLine } from "./action-items.ts";
import type { StepOutputs } from "./outputs.ts";
import type { Runbook } from "./runbook.ts";
import { titled } from "./titles.ts";
import type { DrillVerdict } from "./verdict.ts";

export interface ReviewInput {
  readonly runbook: Runbook;
  /** `simulated, scenario provider-outage, seed 7`. */
  readonly about: string;
  readonly entries: readonly JournalEntry[];
  readonly result: DrillResult;
  readonly measures: DrillMeasures;
  readonly verdict: DrillVerdict;
  readonly objectives: readonly Objective[];
  readonly samples: readonly SliSample[];
}

/** What users got, at one instant, over the minute before. */
export interface SliSample {
  readonly atMs: Ms;
  readonly errors: number | undefined;
  readonly ttftP95Ms: Ms | undefined;
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

export interface ReviewSection {
  readonly heading: string;
  readonly lead: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

export function reviewOf(input: ReviewInput): Review {
  const { runbook, about, entries, result, measures, verdict, samples } = input;
  const items = actionItems(verdict, measures, result, entries);
  const timeOf = (name: string): string => clockOrDash(verdict.targets.find((row) => row.name === name)?.valueMs);
  return {
    title: runbook.title,
    subtitle: `Drill of runbook ${runbook.id}, version ${runbook.version} · ${runbook.severity} · ${runbook.owner} · ${about}`,
    verdict: verdict.verdict,
    why:
      verdict.reasons.length === 0
        ? "Every target was met and everything is as it was."
        : `${verdict.reasons.join(". ")}.`,
    tiles: [
      ["Time to detect", timeOf("Time to detect")],
      ["Time to contain", timeOf("Time to contain")],
      ["Time to resolve", timeOf("Time to resolve")],
      ["Requests lost", formatWhole(measures.total.failed)],
      ["Cost", formatMoney(measures.total.cost)],
    ],
    sections: [
      whatWentWrong(entries),
      targetsSection(verdict),
      alertsSection(measures, entries),
      timelineSection(entries, samples),
      decisionsSection(entries),
      actionsSection(entries),
      phasesSection(measures, input.objectives),
    ].filter(({ rows }) => rows.length > 0),
    items: items.map(itemLine),
    issues: items,
    samples,
    marks: marksOf(measures),
  };
}

function whatWentWrong(entries: readonly JournalEntry[]): ReviewSection {
  const rows = entries.flatMap(({ kind, data = {} }) => {
    if (kind !== "fault-planned") return [];
    const forMs = data["forMs"];
    return [
      [
        formatClock(Number(data["atMs"])),
        String(data["what"]),
        typeof forMs === "number" ? formatDuration(forMs) : "to the end",
      ],
    ];
  });
  return {
    heading: "What was wrong",
    lead: "Hidden from the responder until now.",
    columns: ["At", "What", "For"],
    rows,
  };
}

function targetsSection({ targets }: DrillVerdict): ReviewSection {
  return {
    heading: "Measured against targets",
    lead: "From events of the journal, never from times that somebody typed in.",
    columns: ["Measure", "From what to what", "Was", "Target", "Verdict"],
    rows: targets.map(({ name, about, valueMs, targetMs, judgement }) => [
      name,
      about,
      valueMs === undefined ? "did not happen" : formatDuration(valueMs),
      targetMs === undefined ? "none" : formatDuration(targetMs),
      judgement ?? "",
    ]),
  };
}

function alertsSection({ expected, falsePages }: DrillMeasures, entries: readonly JournalEntry[]): ReviewSection {
  const named = new Set(expected.map(({ alert }) => alert));
  const others = entries.filter(({ kind, data = {} }) => kind === "alert-fires" && !named.has(String(data["alert"])));
  return {
    heading: "What the alerts did",
    lead: "",
    columns: ["Alert", "Expected", "Fired"],
    rows: [
      ...expected.map(({ alert, withinMs, firedAfterMs }) => [
        alert,
        `within ${formatDuration(withinMs)}`,
        firedAfterMs === undefined ? "never" : `after ${formatDuration(firedAfterMs)}`,
      ]),
      ...[...new Map(others.map((entry) => [String(entry.data?.["alert"]), entry])).entries()].map(
        ([alert, { atMs }]) => [
          alert,
          falsePages.includes(alert) ? "no: nothing was wrong" : "not asked for",
          `at ${formatClock(atMs)}`,
        ],
      ),
    ],
  };
}

/** Kinds that only the engine wants to know. */
const quiet: ReadonlySet<JournalEntry["kind"]> = new Set([
  "step-begins",
  "fault-planned",
  "question",
  "action-begins",
  "command-begins",
  "undo-begins",
]);

function timelineSection(entries: readonly JournalEntry[], samples: readonly SliSample[]): ReviewSection {
  const rows = entries
    .filter(({ kind }) => !quiet.has(kind))
    .map(({ atMs, kind, phase, step, who, text }) => {
      const sample = samples.findLast((each) => each.atMs <= atMs);
      const where = step ?? phase ?? "";
      return [
        formatClock(atMs),
        kind.replaceAll("-", " "),
        where,
        text,
        who,
        sample?.errors === undefined ? "" : formatShare(sample.errors),
        sample?.ttftP95Ms === undefined ? "" : formatDuration(sample.ttftP95Ms),
      ];
    });
  return {
    heading: "Timeline",
    lead: "Errors and time to first token (95th percentile) are those of the minute before.",
    columns: ["At", "What", "Where", "In words", "Who", "Errors", "First token"],
    rows,
  };
}

function decisionsSection(entries: readonly JournalEntry[]): ReviewSection {
  const rows = entries.flatMap(({ kind, atMs, step = "", who, text, data = {} }, index) => {
    if (kind !== "answer" || data["taken"] === undefined) return [];
    const holds = entries.slice(index).find((entry) => entry.kind === "step-holds" && entry.step === step);
    const overridden = data["taken"] !== data["evidence"];
    return [
      [
        formatClock(atMs),
        step,
        holds?.text ?? text,
        chosenIn(holds),
        overridden ? `${who}, against the evidence: ${text}` : who,
      ],
    ];
  });
  return {
    heading: "Decisions and their evidence",
    lead: "",
    columns: ["At", "Decision", "What was seen", "Went to", "Who"],
    rows,
  };
}

/** Where a decision led. */
function chosenIn(entry: JournalEntry | undefined): string {
  const chosen = entry?.data?.["chosen"];
  return typeof chosen === "string" ? chosen : "";
}

function actionsSection(entries: readonly JournalEntry[]): ReviewSection {
  const rows = entries.flatMap(({ kind, atMs, step = "", text, data = {} }) => {
    if (kind === "action-done") return [[formatClock(atMs), step, text, String(data["state"])]];
    if (kind === "command-done") return [[formatClock(atMs), step, text, endedWith(data["outputs"])]];
    if (kind === "undo-done")
      return [
        [
          formatClock(atMs),
          step,
          data["already"] === true ? `${text}: was so already` : `undone: ${text}`,
          String(data["state"]),
        ],
      ];
    return kind === "undo-fails"
      ? [[formatClock(atMs), step, `could not be undone: ${text}`, String(data["why"])]]
      : [];
  });
  return { heading: "What was done", lead: "", columns: ["At", "Step", "Action", "State after it"], rows };
}

function endedWith(outputs: unknown): string {
  const { status } = (outputs ?? {}) as StepOutputs;
  return status === undefined ? "was done before a crash" : `ended with ${status.value}`;
}

function phasesSection({ phases, total }: DrillMeasures, objectives: readonly Objective[]): ReviewSection {
  const allowed = allowedErrors(objectives);
  const row = (name: string, from: string, loss: Loss): readonly string[] => [
    name,
    from,
    formatWhole(loss.requests),
    formatWhole(loss.failed),
    loss.errorBudget === undefined ? "" : formatShare(loss.errorBudget),
    formatMoney(loss.cost),
    formatMoney(loss.costOfFailed),
  ];
  const lead =
    allowed === undefined
      ? "The scenario allows no share of errors, so there is no error budget."
      : `The error budget is ${formatShare(allowed)} of the ${plural(total.requests, "request")} of this drill.`;
  return {
    heading: "What it cost",
    lead,
    columns: ["Phase", "Time", "Requests", "Lost", "Error budget", "Cost", "Paid for lost requests"],
    rows: [
      ...phases.map((each) =>
        row(titled(each.phase), `${formatClock(each.fromMs)} to ${formatClock(each.toMs)}`, each),
      ),
      row("The whole drill", "", total),
    ],
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
