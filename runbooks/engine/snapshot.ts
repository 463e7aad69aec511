/** Evidence beside what is written down: how things stood for users at that instant, over the minute before. */
import { minuteMs } from "../../core/time.ts";
import type { EntryKind, Journal } from "./journal.ts";
import type { Snapshot, World } from "./world.ts";

/** Entries of which somebody will ask: and what did they see then? */
const kinds: ReadonlySet<EntryKind> = new Set([
  "phase-begins",
  "phase-ends",
  "alert-fires",
  "alert-ends",
  "users-affected",
  "users-served",
  "acknowledged",
  "answer",
  "action-done",
  "command-done",
  "undo-done",
  "limit-broken",
  "interrupted",
  "drill-ends",
]);

/** The journal, into which such entries go with what was seen. */
export function withSnapshots({ entries, write }: Journal, world: Pick<World, "measure" | "alerts">): Journal {
  return {
    entries,
    write: async (note) => {
      if (!kinds.has(note.kind)) return await write(note);
      // A world that has come down shows nothing any more; what was done to it is written down all the same.
      const seen = await snapshotOf(world).catch(() => undefined);
      await write(seen === undefined ? note : { ...note, seen });
    },
  };
}

async function snapshotOf({ measure, alerts }: Pick<World, "measure" | "alerts">): Promise<Snapshot> {
  const figures = [
    ["errors", "errors"],
    ["ttftP95Ms", "ttft.p95"],
    ["requestsPerSecond", "requests.per-second"],
    ["replicasReady", "replicas.ready"],
  ] as const;
  const measured: { [name: string]: number } = {};
  for (const [name, metric] of figures) {
    const value = await measure(metric, minuteMs, undefined);
    if (value !== undefined) measured[name] = value;
  }
  return { ...measured, alerts: (await alerts()).map(({ alert }) => alert) };
}
