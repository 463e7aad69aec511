/** A simulated world as a drill had left it when it was killed: the same faults, the same actions at the same instants. */
import type { RunbookAction } from "../../runbooks/engine/actions.ts";
import { hiddenFrom } from "../../runbooks/engine/hidden.ts";
import type { JournalEntry } from "../../runbooks/engine/journal.ts";
import type { Runbook, Undo } from "../../runbooks/engine/runbook.ts";
import type { World } from "../../runbooks/engine/world.ts";

/** What was begun and not done is left to the drill, which does it anew. */
export async function rebuildWorld(
  world: World,
  runbook: Runbook,
  entries: readonly JournalEntry[],
  signal: AbortSignal,
): Promise<void> {
  const [first] = entries;
  if (first === undefined) return;
  await world.advanceTo(first.atMs, signal);
  if (runbook.drill !== undefined) {
    const { faults, events } = hiddenFrom(runbook.drill, first.atMs);
    await world.plan(faults, events);
  }
  for (const { atMs, action, key } of doneIn(entries)) {
    await world.advanceTo(atMs, signal);
    await world.act(action, key);
  }
  await world.advanceTo(entries.at(-1)?.atMs ?? first.atMs, signal);
}

interface DoneAt {
  readonly atMs: number;
  readonly action: RunbookAction;
  readonly key: string;
}

function doneIn(entries: readonly JournalEntry[]): readonly DoneAt[] {
  const begun = new Map<string, { readonly action: RunbookAction; readonly undo: Undo; readonly key: string }>();
  return entries.flatMap(({ kind, step = "", atMs, data = {} }): readonly DoneAt[] => {
    if (kind === "action-begins") {
      const [action, undo] = [data["action"] as RunbookAction, data["undo"] as Undo];
      begun.set(step, { action, undo, key: String(data["key"]) });
      return [];
    }
    const known = begun.get(step);
    if (known === undefined) return [];
    const { action, undo, key } = known;
    if (kind === "action-done") return [{ atMs, action, key }];
    const isUndone = kind === "undo-done" && data["already"] !== true && undo.kind === "action";
    return isUndone ? [{ atMs, action: undo.action, key: `${key}/undo` }] : [];
  });
}
