/** The sections of a review, each a table of what the journal and its measures say. */
import { formatMoney } from "../../core/money.ts";
import type { Objective } from "../../core/scenario/scenario.ts";
import { formatClock, formatDuration, type Ms } from "../../core/time.ts";
import { formatShare, formatWhole, plural } from "../../core/units.ts";
import { momentNames } from "./action-items.ts";
import type { JournalEntry } from "./journal.ts";
import { allowedErrors, type DrillMeasures, type Loss } from "./measures.ts";
import type { StepOutputs } from "./outputs.ts";
import { titled } from "./titles.ts";
import type { DrillResult } from "./execute.ts";
import type { DrillVerdict } from "./verdict.ts";

export interface ReviewSection {
  readonly heading: string;
  readonly lead: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** What users got, at one instant, over the minute before. */
export interface SliSample {
  readonly atMs: Ms;
  readonly errors: number | undefined;
  readonly ttftP95Ms: Ms | undefined;
}

export function whatWentWrong(entries: readonly JournalEntry[]): ReviewSection {
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

/** Times against their targets, and what should not have happened at all. */
export function scoreCard(
  { targets }: DrillVerdict,
  measures: DrillMeasures,
  { notRestored }: DrillResult,
): ReviewSection {
  const never = (name: string, about: string, found: readonly string[]): readonly string[] => [
    name,
    about,
    String(found.length),
    "0",
    found.length === 0 ? "pass" : "fail",
  ];
  return {
    heading: "Score card",
    lead: "From events of the journal, never from times that somebody typed in.",
    columns: ["Measure", "From what to what", "Was", "Target", "Verdict"],
    rows: [
      ...targets.map(({ name, about, valueMs, targetMs, judgement }) => [
        name,
        about,
        valueMs === undefined ? "did not happen" : formatDuration(valueMs),
        targetMs === undefined ? "none" : formatDuration(targetMs),
        judgement ?? "",
      ]),
      never("Silent alerts", "expected, and never fired", measures.silentAlerts),
      never("Pages without a cause", "before the fault, or after all was well", measures.falsePages),
      ["False steps", "failed, those that were tried again included", String(measures.falseSteps.length), "none", ""],
      never("Not restored", "could not be taken back", notRestored),
    ],
  };
}

export function instantsSection({ moments }: DrillMeasures): ReviewSection {
  const { faultMs } = moments;
  return {
    heading: "Instants",
    lead: "The events that all times are counted from.",
    columns: ["What", "At", "After the fault"],
    rows: momentNames.map(([name, words]) => {
      const atMs = moments[name];
      if (atMs === undefined) return [words, "not seen", ""];
      return [words, formatClock(atMs), faultMs === undefined ? "" : formatDuration(atMs - faultMs)];
    }),
  };
}

export function alertsSection(
  { expected, falsePages }: DrillMeasures,
  entries: readonly JournalEntry[],
): ReviewSection {
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

/** At a tabletop nobody is held to any alert. */
export function alertsSeen(entries: readonly JournalEntry[]): ReviewSection {
  const rows = entries.flatMap(({ kind, atMs, text }) => (kind === "alert-fires" ? [[text, formatClock(atMs)]] : []));
  return { heading: "What the alerts did", lead: "", columns: ["Alert", "Fired at"], rows };
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

export function timelineSection(entries: readonly JournalEntry[], samples: readonly SliSample[]): ReviewSection {
  const rows = entries
    .filter(({ kind }) => !quiet.has(kind))
    .map(({ atMs, kind, phase, step, who, text, seen }) => {
      const sample = seen ?? samples.findLast((each) => each.atMs <= atMs);
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
    lead: `Errors and time to first token (95th percentile) are those of the minute before. ${inAll(entries)}`,
    columns: ["At", "What", "Where", "In words", "Who", "Errors", "First token"],
    rows,
  };
}

/** What proves, kept elsewhere, that nothing of the journal was changed or cut off. */
function inAll(entries: readonly JournalEntry[]): string {
  return `The journal has ${plural(entries.length, "line")}; its last hash is ${entries.at(-1)?.hash ?? "not known"}.`;
}

export function decisionsSection(entries: readonly JournalEntry[]): ReviewSection {
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

export function actionsSection(entries: readonly JournalEntry[]): ReviewSection {
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

/** At a tabletop, and of commands in a simulation. */
export function notDoneSection(entries: readonly JournalEntry[]): ReviewSection {
  const rows = entries.flatMap(({ kind, atMs, step = "", text }) =>
    kind === "step-holds" && text.startsWith("would ") ? [[formatClock(atMs), step, text]] : [],
  );
  return { heading: "What would have been done", lead: "", columns: ["At", "Step", "What"], rows };
}

function endedWith(outputs: unknown): string {
  const { status } = (outputs ?? {}) as StepOutputs;
  return status === undefined ? "was done before a crash" : `ended with ${status.value}`;
}

export function phasesSection({ phases, total }: DrillMeasures, objectives: readonly Objective[]): ReviewSection {
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
