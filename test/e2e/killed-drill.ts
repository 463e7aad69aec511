/**
 * A drill in a world that outlives it: a file. Plays on from the journal that is there.
 *
 *     node killed-drill.ts FOLDER 7     SIGKILL by its own hand with seven entries on disk, when what the eighth tells of has happened
 */
import { appendFileSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { openJournalFile, readUnfinished } from "../../cli/drill/journal-file.ts";
import { type DrillResult, executeRunbook } from "../../runbooks/engine/execute.ts";
import type { Journal } from "../../runbooks/engine/journal.ts";
import { parseRunbook } from "../../runbooks/engine/parse.ts";
import type { Command, CommandResult, World } from "../../runbooks/engine/world.ts";
/** Its replicas and routes. Each change of them is a line of `changes.log`. */
interface State {
  readonly replicas: number;
  readonly providers: readonly string[];
}

function fileWorld(folder: string): World {
  const [state, changes] = [path.join(folder, "world.json"), path.join(folder, "changes.log")];
  const read = (): State => JSON.parse(readFileSync(state, "utf8")) as State;
  const change = (what: string, changed: Partial<State>): void => {
    appendFileSync(changes, `${what}\n`);
    writeFileSync(state, JSON.stringify({ ...read(), ...changed }));
  };
  const command = ({ words }: Command): CommandResult => {
    const wished = words.flatMap((word) => /^--replicas=(\d+)$/.exec(word)?.[1] ?? []).map(Number)[0];
    if (wished !== undefined && !words.includes("--dry-run=server")) change(words.join(" "), { replicas: wished });
    return { status: 0, output: `${read().replicas} replicas` };
  };
  const startedMs = performance.now();
  return {
    nowMs: () => performance.now() - startedMs,
    wallTime: () => undefined,
    advanceTo: async () => "reached",
    measure: async (metric) => (metric === "errors" ? 0 : undefined),
    alerts: async () => [],
    usersAffected: async () => false,
    alertNames: [],
    probe: async () => ({ answers: true, detail: "200" }),
    deployments: async () => [],
    account: async () => ({ requests: 0, failed: 0, cost: 0 }),
    stateOf: async () => read().providers.join(", "),
    act: async (action) => {
      if (action.kind === "route") change(`route to ${action.providers.join(", ")}`, { providers: action.providers });
    },
    plan: async () => undefined,
    command: async (asked) => command(asked),
  };
}

/** Kills this process when one more entry than that is about to be written. */
function deadly(journal: Journal, entriesMax: number): Journal {
  return {
    entries: journal.entries,
    write: async (note) => {
      if (journal.entries().length === entriesMax) process.kill(process.pid, "SIGKILL");
      await journal.write(note);
    },
  };
}

/** To its end, or to the kill. */
export async function playOn(folder: string, entriesMax: number = Number.POSITIVE_INFINITY): Promise<DrillResult> {
  const world = fileWorld(folder);
  const journalFile = path.join(folder, "journal.ndjson");
  const earlier = existsSync(journalFile) ? await readUnfinished(journalFile) : [];
  const file = await openJournalFile(journalFile, world, earlier, () => undefined);
  const result = await executeRunbook({
    runbook: parseRunbook(readFileSync(path.join(folder, "runbook.md"), "utf8"), "runbook.md"),
    world,
    responder: { ask: async () => ({ yes: true, who: { name: "ada", seat: "incident-lead" }, note: undefined }) },
    journal: deadly(file.journal, entriesMax),
    mode: "drill",
    allowed: new Map([["kubectl", ["scale", "get"]]]),
    signal: new AbortController().signal,
  });
  await file.close();
  return result;
}

const [, program = "", folder, entriesMax] = process.argv;
if (folder !== undefined && program === fileURLToPath(import.meta.url)) await playOn(folder, Number(entriesMax));
