/**
 * The journal on disk: each entry is there for good before the drill goes on, so that a drill that is killed at any instant has lost
 * at most the line it was writing.
 */
import { open, readFile, truncate } from "node:fs/promises";
import { invalidInput, usageError } from "../../core/errors.ts";
import { createJournal, type Journal, type JournalEntry, verifyJournal } from "../../runbooks/engine/journal.ts";
import type { World } from "../../runbooks/engine/world.ts";
import { asUserError } from "../../runs/partial-file.ts";
import { unreadable } from "../input-file.ts";

export interface JournalFile {
  readonly journal: Journal;
  readonly close: () => Promise<void>;
}

/** Goes on after the lines in `earlier`, which are all that the file has. Writing rejects with `disk-full` or `cannot-write`. */
export async function openJournalFile(
  file: string,
  world: Pick<World, "nowMs" | "wallTime">,
  earlier: readonly string[],
  onEntry: (entry: JournalEntry) => void,
): Promise<JournalFile> {
  const refused = (cause: unknown): never => {
    throw asUserError(cause, file, 0);
  };
  const handle = await open(file, "a").catch(refused);
  // Entries of parallel steps wait for each other: the file has them in the order of the chain.
  let written: Promise<void> = Promise.resolve();
  const journal = createJournal({
    nowMs: world.nowMs,
    wallTime: world.wallTime,
    earlier,
    append: (line) => {
      written = written.then(async () => {
        await handle.appendFile(`${line}\n`).catch(refused);
        await handle.datasync().catch(refused);
        onEntry(JSON.parse(line) as JournalEntry);
      });
      return written;
    },
  });
  return { journal, close: () => handle.close() };
}

/** Lines of a journal file. What has no end of its line was still being written, and is none. Throws `file-unreadable`. */
export async function readJournalLines(file: string): Promise<readonly string[]> {
  const text = await readFile(file, "utf8").catch((cause: unknown) => {
    throw unreadable(file, cause);
  });
  return text.split("\n").slice(0, -1);
}

/**
 * The whole lines of a journal whose drill did not end; a torn last line is cut off the file. Throws `journal-broken` when somebody has
 * changed it, and `drill-over` when there is nothing to go on with.
 */
export async function readUnfinished(file: string): Promise<readonly string[]> {
  const lines = await readJournalLines(file);
  const verified = verifyJournal(lines);
  if (!verified.whole) {
    throw invalidInput(`journal ${file}, line ${verified.line}: ${verified.why}`, {
      code: "journal-broken",
      hint: "a drill only goes on from a journal that nobody has changed",
    });
  }
  if (verified.ended) {
    throw usageError(`the drill of ${file} has ended; there is nothing to go on with`, {
      code: "drill-over",
      hint: "leave out --resume to start it again",
    });
  }
  const whole = lines.slice(0, verified.entries);
  const bytes = whole.reduce((sum, line) => sum + Buffer.byteLength(line) + 1, 0);
  await truncate(file, bytes).catch((cause: unknown) => {
    throw asUserError(cause, file, 0);
  });
  return whole;
}
