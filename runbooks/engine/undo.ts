/**
 * What a drill has done to the world, and how it is taken back: in reverse order, going on after errors, each undo verified by
 * the state that it was to restore.
 */
import { type RunbookAction, describeAction } from "./actions.ts";
import type { Journal, JournalEntry } from "./journal.ts";
import type { Undo } from "./runbook.ts";
import type { World } from "./world.ts";

/** An action in force. */
export interface Done {
  readonly step: string;
  readonly action: RunbookAction;
  readonly undo: Undo;
  /** State before it, which the undo has to bring back. */
  readonly before: string;
}

/** Takes everything back. Resolves with what could not be taken back, in words; empty when the world is as it was. */
export async function undoAll(done: readonly Done[], world: World, journal: Journal): Promise<readonly string[]> {
  const failures: string[] = [];
  for (const each of done.toReversed()) {
    const failure = await undoOne(each, world, journal);
    if (failure !== undefined) failures.push(failure);
  }
  return failures;
}

async function undoOne({ step, undo, before }: Done, world: World, journal: Journal): Promise<string | undefined> {
  const about = { step, who: "squall" } as const;
  if (undo.kind === "none") {
    await journal.write({ ...about, kind: "note", text: `nothing to undo: ${undo.why}` });
    return undefined;
  }
  const text = describeAction(undo.action);
  try {
    if ((await world.stateOf(undo.action)) === before) {
      await journal.write({ ...about, kind: "undo-done", text, data: { state: before, already: true } });
      return undefined;
    }
    await journal.write({ ...about, kind: "undo-begins", text });
    await world.act(undo.action);
    const state = await world.stateOf(undo.action);
    if (state !== before) throw new Error(`the state is ${state}; it was ${before}`);
    await journal.write({ ...about, kind: "undo-done", text, data: { state } });
    return undefined;
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    await journal.write({ ...about, kind: "undo-fails", text, data: { why } });
    return `${text}: ${why}`;
  }
}

/** Actions that a journal says are in force: begun, and not taken back. The world is rebuilt from them after a crash. */
export function inForce(entries: readonly JournalEntry[]): readonly Done[] {
  const undone = new Set(entries.filter(({ kind }) => kind === "undo-done").map(({ step }) => step));
  const begun = entries.filter(({ kind, step }) => kind === "action-begins" && !undone.has(step));
  return [...new Map(begun.map((entry) => [entry.step, entry])).values()].map(({ step = "", data = {} }): Done => ({
    step,
    action: data["action"] as RunbookAction,
    undo: data["undo"] as Undo,
    before: String(data["before"]),
  }));
}
