/**
 * The journal of a drill: what happened, when, by whom, with what evidence; one JSON line each, chained by hashes.
 *
 * Each entry carries its own SHA-256 and that of the entry before it, so that a changed, missing or added line is found, the last one
 * included (Haber and Stornetta, "How to Time-Stamp a Digital Document", 1991). Whoever writes all hashes anew, or cuts off the end,
 * is found by the last hash, if that is kept elsewhere.
 */
import { createHash } from "node:crypto";
import type { Ms } from "../../core/time.ts";
import { redactData, redactText } from "./redaction.ts";
import type { Snapshot } from "./world.ts";

export interface JournalEntry {
  /** From 0 on, without a gap. */
  readonly seq: number;
  /** Scenario time since the load began. */
  readonly atMs: Ms;
  /** ISO 8601; absent in a simulation without people. */
  readonly wall?: string;
  readonly kind: EntryKind;
  readonly phase?: string;
  readonly step?: string;
  /** `squall`, a role, or a person's name. */
  readonly who: string;
  readonly text: string;
  /** Numbers and names behind it. Never a key, a prompt or an answer. */
  readonly data?: Readonly<Record<string, unknown>>;
  /** How things stood when it was written; of those kinds of entries of which somebody will ask. */
  readonly seen?: Snapshot;
  /** Hash of the entry before; empty in the first one. */
  readonly previous: string;
  /** SHA-256 of this line without its hash, and a line break. Journals of older versions have none: there it is that of the whole line. */
  readonly hash?: string;
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
export type Note = Pick<JournalEntry, "kind" | "who" | "text"> &
  Partial<Pick<JournalEntry, "phase" | "step" | "data" | "seen">>;

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
  let previous = earlier.length === 0 ? "" : hashOfEntry(earlier.at(-1) ?? "");
  return {
    write: async ({ who, text, data, ...note }) => {
      const wall = wallTime();
      const line = sealed({
        seq: entries.length,
        atMs: Math.round(nowMs()),
        ...(wall === undefined ? {} : { wall }),
        ...note,
        who: redactText(who),
        text: redactText(text),
        ...(data === undefined ? {} : { data: redactData(data) }),
        previous,
      });
      previous = hashOfEntry(line);
      entries.push(JSON.parse(line) as JournalEntry);
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
  let areSealed = false;
  for (const [index, line] of lines.entries()) {
    const broken = (why: string): Verification => ({ whole: false, line: index + 1, why });
    const entry = parsed(line);
    if (entry === undefined) {
      if (index === lines.length - 1) break;
      return broken("is no journal entry");
    }
    if (entry.seq !== index) return broken(`is entry ${entry.seq}, expected was ${index}`);
    if (!isSealed(line) && (areSealed || !isOlder(line)))
      return broken("was changed: its hash does not fit what it says");
    if (entry.previous !== previous) return broken("does not follow from the line before: one of the two was changed");
    previous = hashOfEntry(line);
    areSealed ||= entry.hash !== undefined;
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

/** An entry as its line, its hash at the end. */
function sealed(entry: JournalEntry): string {
  const content = JSON.stringify(entry);
  return `${content.slice(0, -1)},"hash":"${hashOfContent(content)}"}`;
}

function isSealed(line: string): boolean {
  const { content, hash } = unsealed(line) ?? {};
  return content !== undefined && hash === hashOfContent(content);
}

/** Entries had no hash of their own, and this at their end. */
function isOlder(line: string): boolean {
  return /"previous":"[0-9a-f]*"\}$/.test(line);
}

/** Undefined of a line without a hash at its end. */
function unsealed(line: string): { readonly content: string; readonly hash: string } | undefined {
  const [, content, hash] = /^(.*),"hash":"([^"]*)"\}$/s.exec(line) ?? [];
  return content === undefined || hash === undefined ? undefined : { content: `${content}}`, hash };
}

/** By the line break it differs from the hash of a line that lost its own. */
function hashOfContent(content: string): string {
  return hashOf(`${content}\n`);
}

/** What the next entry follows from. */
function hashOfEntry(line: string): string {
  return unsealed(line)?.hash ?? hashOf(line);
}

function hashOf(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

/** Tells drills apart, of one runbook too; the same before and after a crash. */
export function drillHash(entries: readonly JournalEntry[]): string {
  return hashOf(JSON.stringify(entries[0] ?? "")).slice(0, 12);
}
