/**
 * The journal of a drill: what happened, when, by whom, with what evidence; one JSON line each, chained by hashes.
 *
 * Each entry carries the SHA-256 of the line before it, so that a changed, missing or added line is found (Haber and Stornetta,
 * "How to Time-Stamp a Digital Document", 1991). The chain proves order and integrity towards its end; keep the last hash
 * elsewhere to prove that nothing was cut off.
 */
import { createHash } from "node:crypto";
import type { Ms } from "../../core/time.ts";

export interface JournalEntry {
  /** From 0 on, without a gap. */
  readonly seq: number;
  /** Scenario time since the load began. */
  readonly atMs: Ms;
  /** ISO 8601; absent in a simulation. */
  readonly wall?: string;
  readonly kind: EntryKind;
  readonly phase?: string;
  readonly step?: string;
  /** `squall`, a role, or a person's name. */
  readonly who: string;
  readonly text: string;
  /** Numbers and names behind it. Never a key, a prompt or an answer. */
  readonly data?: Readonly<Record<string, unknown>>;
  /** SHA-256 of the line before; of the first entry, of nothing. */
  readonly previous: string;
}

export type EntryKind =
  | "drill-begins"
  | "fault-planned"
  | "phase-begins"
  | "phase-ends"
  | "step-begins"
  | "step-holds"
  | "step-fails"
  | "alert-fires"
  | "alert-ends"
  | "users-affected"
  | "users-served"
  | "question"
  | "acknowledged"
  | "answer"
  | "answer-refused"
  | "action-begins"
  | "action-done"
  | "dry-run"
  | "command-begins"
  | "command-done"
  | "undo-begins"
  | "undo-done"
  | "undo-fails"
  | "limit-broken"
  | "interrupted"
  | "resumed"
  | "note"
  | "drill-ends";

/** What the engine writes; sequence, clocks and chain are added. */
export type Note = Pick<JournalEntry, "kind" | "who" | "text"> & Partial<Pick<JournalEntry, "phase" | "step" | "data">>;

export interface Journal {
  /** Resolves once the entry is safe: a crash after that does not lose it. */
  readonly write: (note: Note) => Promise<void>;
  readonly entries: () => readonly JournalEntry[];
}

export interface JournalOptions {
  readonly nowMs: () => Ms;
  readonly wallTime: () => string | undefined;
  /** Appends one line and makes it durable. */
  readonly append: (line: string) => Promise<void>;
  /** Lines of an earlier part of the same drill, verified. */
  readonly earlier?: readonly string[];
}

export function createJournal({ nowMs, wallTime, append, earlier = [] }: JournalOptions): Journal {
  const entries = earlier.map((line): JournalEntry => JSON.parse(line));
  let previous = earlier.length === 0 ? "" : hashOf(earlier.at(-1) ?? "");
  return {
    write: async (note) => {
      const wall = wallTime();
      const data = note.data === undefined ? {} : { data: redacted(note.data) };
      const entry: JournalEntry = {
        seq: entries.length,
        atMs: Math.round(nowMs()),
        ...(wall === undefined ? {} : { wall }),
        ...note,
        text: redactText(note.text),
        ...data,
        previous,
      };
      const line = JSON.stringify(entry);
      previous = hashOf(line);
      entries.push(entry);
      await append(line);
    },
    entries: () => entries,
  };
}

export type Verification =
  | { readonly whole: true; readonly entries: number; readonly lastHash: string; readonly ended: boolean }
  | { readonly whole: false; readonly line: number; readonly why: string };

/**
 * Whether lines are a journal that nobody has changed. A last line that is no JSON is what a crash leaves and is not counted;
 * everything else that does not fit is a break.
 */
export function verifyJournal(lines: readonly string[]): Verification {
  let previous = "";
  let entries = 0;
  let ended = false;
  for (const [index, line] of lines.entries()) {
    const entry = parsed(line);
    if (entry === undefined) {
      if (index === lines.length - 1) break;
      return { whole: false, line: index + 1, why: "is no journal entry" };
    }
    if (entry.seq !== index)
      return { whole: false, line: index + 1, why: `is entry ${entry.seq}, expected was ${index}` };
    if (entry.previous !== previous) {
      return { whole: false, line: index + 1, why: "does not follow from the line before: one of the two was changed" };
    }
    previous = hashOf(line);
    entries++;
    ended = entry.kind === "drill-ends";
  }
  return { whole: true, entries, lastHash: previous, ended };
}

function parsed(line: string): JournalEntry | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === "object" && value !== null && "seq" in value && "previous" in value
      ? (value as JournalEntry)
      : undefined;
  } catch {
    return undefined;
  }
}

function hashOf(line: string): string {
  return createHash("sha256").update(line).digest("hex");
}

/** Keys and tokens as vendors and gateways make them: a prefix and at least sixteen characters. */
const secrets =
  /\b(?:sk|pk|rk|xoxb|ghp|gho|glpat|AKIA|ASIA|AIza|ya29\.|eyJ)[\w.\-+/=]{16,}|\bBearer\s+[\w.\-+/=]{8,}|(?<=(?:api[-_]?key|token|secret|password)["'\s:=]{1,4})[^\s"',}]{6,}/gi;

/** Tells drills apart, of one runbook too; the same before and after a crash. */
export function drillHash(entries: readonly JournalEntry[]): string {
  return hashOf(JSON.stringify(entries[0] ?? "")).slice(0, 12);
}

/** What stands in place of a key. */
export const redactedWord = "[redacted]";

export function redactText(text: string): string {
  return text.replaceAll(secrets, redactedWord);
}

function redacted(data: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return JSON.parse(JSON.stringify(data), (_key, value: unknown) =>
    typeof value === "string" ? redactText(value) : value,
  );
}
