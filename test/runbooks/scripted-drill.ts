/** A whole drill against a scripted world, in no time. */
import { readFileSync } from "node:fs";
import { type DrillOptions, type DrillResult, executeRunbook } from "../../runbooks/engine/execute.ts";
import { createJournal, type Journal } from "../../runbooks/engine/journal.ts";
import { parseRunbook } from "../../runbooks/engine/parse.ts";
import { commandOf } from "../../runbooks/engine/world.ts";
import { type Script, scriptedResponder, scriptedWorld, type ScriptedWorld } from "./scripted-world.ts";

/** The runbook of an outage, on which most tests play. */
export const text: string = readFileSync(new URL("provider-outage.md", import.meta.url), "utf8");

/** One phase of these blocks, or two: what is done and what follows. */
export function runbookOf(blocks: readonly string[], exit = "errors < 100%"): string {
  const fenced = [...blocks, `exit: ${exit}`].map((block) => `\`\`\`squall\n${block}\n\`\`\``);
  return [
    "---",
    "id: made",
    "title: Made for a test",
    "severity: SEV3",
    "owner: nobody",
    "services: [gateway]",
    "blast-radius: [route, scale, drain]",
    "---",
    "# Made for a test",
    "## Contain",
    ...fenced,
  ].join("\n\n");
}

export interface Drill {
  readonly world: ScriptedWorld;
  readonly lines: readonly string[];
  readonly journal: Journal;
  readonly result: DrillResult;
}

export interface Setting extends Partial<Pick<DrillOptions, "responder" | "mode" | "signal" | "allowed">> {
  readonly script?: Script;
  /** One that outlived a crash, in place of a new one. */
  readonly world?: ScriptedWorld;
  readonly runbook?: string;
  /** Lines of a journal to go on from, and how many of ours are written before it crashes. */
  readonly earlier?: readonly string[];
  readonly crashAfter?: number;
  readonly lines?: string[];
}

export async function drill(setting: Setting = {}): Promise<Drill> {
  const world = setting.world ?? scriptedWorld(setting.script);
  const lines: string[] = setting.lines ?? [...(setting.earlier ?? [])];
  // Killed when one more line is about to be written: what that tells of has happened, and nothing happens any more after it.
  let isDead = false;
  const alive = (): void => {
    if (isDead) throw new Error("killed");
  };
  const journal = createJournal({
    nowMs: world.nowMs,
    wallTime: world.wallTime,
    append: async (line) => {
      isDead ||= lines.length === setting.crashAfter;
      alive();
      lines.push(line);
    },
    ...(setting.earlier === undefined ? {} : { earlier: setting.earlier }),
  });
  const result = await executeRunbook({
    runbook: parseRunbook(setting.runbook ?? text, "provider-outage.md"),
    world: {
      ...world,
      act: async (action, key) => {
        alive();
        await world.act(action, key);
      },
      command:
        world.command &&
        (async (command) => {
          alive();
          return await commandOf(world)(command);
        }),
    },
    responder: setting.responder ?? scriptedResponder({ afterMs: 30_000 }),
    journal,
    mode: setting.mode ?? "drill",
    allowed: setting.allowed ?? new Map(),
    signal: setting.signal ?? new AbortController().signal,
  });
  return { world, lines, journal, result };
}
