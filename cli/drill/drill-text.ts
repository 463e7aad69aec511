/** A drill in a terminal: its timeline as it happens, and what came of it. */
import { formatClock, formatDuration } from "../../core/time.ts";
import type { EntryKind, JournalEntry } from "../../runbooks/engine/journal.ts";
import { type Column, textTable } from "../../reports/text-table.ts";
import type { DrillOutcome } from "./play-drill.ts";

/** How each kind of entry is called; those without a word are not shown. */
const words: Readonly<Partial<Record<EntryKind, string>>> = {
  "drill-begins": "begins",
  "phase-begins": "phase",
  "step-holds": "holds",
  "step-fails": "FAILS",
  "alert-fires": "ALERT",
  "alert-ends": "alert over",
  "users-affected": "users",
  "users-served": "users",
  acknowledged: "acknowledged",
  "answer-refused": "not counted",
  "action-begins": "does",
  "dry-run": "dry run",
  "command-begins": "runs",
  "undo-begins": "takes back",
  "undo-fails": "NOT UNDONE",
  "limit-broken": "LIMIT",
  interrupted: "interrupted",
  resumed: "goes on",
  note: "note",
};

const columns: readonly Column[] = [{ align: "left" }, { align: "left" }, { align: "left" }, { align: "left" }];

/** One line of the timeline; undefined where a person need not see it. */
export function timelineLine({ atMs, kind, step, text }: JournalEntry): string | undefined {
  const word = words[kind];
  if (word === undefined) return undefined;
  const where = step === undefined ? "" : `${step}: `;
  return `${formatClock(atMs).padStart(8)}  ${word.padEnd(12)}  ${where}${text}`;
}

export function renderDrill(outcome: DrillOutcome, folder: string, width: number): string {
  const { verdict, review } = outcome;
  const rows = measuredRows(outcome);
  return [
    "",
    `${verdict.verdict.toUpperCase()}  ${review.title}`,
    ...(verdict.verdict === "tabletop" ? [`  ${review.why}`] : verdict.reasons.map((reason) => `  ${reason}`)),
    "",
    ...(rows.length === 0 ? [] : [...textTable(columns, rows, width), ""]),
    ...review.items.map((item) => `[ ] ${item}`),
    ...(review.items.length === 0 ? [] : [""]),
    `review: ${folder}/review.html (and review.md, issues.md, journal.ndjson, result.json)`,
  ].join("\n");
}

function measuredRows({ verdict, measures }: DrillOutcome): Parameters<typeof textTable>[1] {
  const targets = verdict.targets.map(({ name, valueMs, targetMs, judgement }) => [
    name,
    valueMs === undefined ? "did not happen" : formatDuration(valueMs),
    targetMs === undefined ? "no target" : `target ${formatDuration(targetMs)}`,
    judgement ?? "",
  ]);
  const alerts = (measures?.expected ?? []).map(({ alert, withinMs, firedAfterMs, met }) => [
    alert,
    firedAfterMs === undefined ? "never fired" : `fired after ${formatDuration(firedAfterMs)}`,
    `expected within ${formatDuration(withinMs)}`,
    met ? "pass" : "fail",
  ]);
  return [...targets, ...alerts].map((row) => row.map((text) => ({ text })));
}
