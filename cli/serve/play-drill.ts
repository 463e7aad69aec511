/** A drill as the console plays it: people in their seats, a world that is watched, and a folder as any other drill leaves. */
import path from "node:path";
import type { JournalEntry } from "../../runbooks/engine/journal.ts";
import type { Terminal } from "../terminal.ts";
import { type Asked, prepareFolder } from "../drill/drill-folder.ts";
import { type DrillInput, readDrillInput } from "../drill/drill-input.ts";
import { playDrill, type PlayOptions } from "../drill/play-drill.ts";
import { startWorld } from "../drill/start-world.ts";
import type { Progress } from "../progress.ts";
import { drillCard } from "./drill-card.ts";
import type { DrillEars, Played } from "./game-day-room.ts";
import { watchedWorld } from "./watched-world.ts";

export interface ConsoleDrill {
  readonly asked: Asked;
  readonly folder: string;
  readonly input: DrillInput;
  /** Lines of the journal of a drill that was killed. */
  readonly earlier: readonly string[];
}

export interface ConsoleDrillChoices {
  readonly allowed: PlayOptions["allowed"];
  readonly env: Terminal["env"];
  readonly signal: AbortSignal;
}

/** Reads what is needed and makes the folder. Errors: those of the runbook, its scenario and the folder. */
export async function prepareDrill(
  asked: Asked,
  folder: string | undefined,
  cwd: string,
  signal: AbortSignal,
): Promise<ConsoleDrill> {
  const input = await readDrillInput(asked, signal);
  const place = folder ?? path.resolve(cwd, "squall-runs", `drill-${input.runbook.id}`);
  await prepareFolder(place, asked, input.text);
  return { asked, folder: place, input, earlier: [] };
}

export async function playOnConsole(
  { asked, folder, input, earlier }: ConsoleDrill,
  { allowed, env, signal }: ConsoleDrillChoices,
  ears: DrillEars,
): Promise<Played> {
  const { scenario } = input.input;
  const drill = drillCard(input.runbook, asked, scenario.objectives);
  const preparing = (detail: string): void => ears.stage({ kind: "preparing", drill, detail });
  preparing("the world is being started");
  const { world, stop } = await startWorld(asked, input, earlier, {
    timeScale: asked.timeScale ?? 1,
    env,
    startProgress: () => told(preparing),
    signal,
  });
  try {
    preparing("the load is under way");
    let hasBegun = false;
    const providers = scenario.providers.map(({ name }) => name);
    const outcome = await playDrill({
      input,
      world: watchedWorld(world, providers, ears),
      responder: ears.people.responder(),
      mode: asked.mode,
      hasPeople: true,
      allowed,
      folder,
      earlier,
      isRebuilt: earlier.length > 0,
      signal,
      onEntry: (entry) => {
        if (!hasBegun) {
          ears.stage({ kind: "running", drill });
          for (const line of earlier) ears.entry(JSON.parse(line) as JournalEntry);
        }
        hasBegun = true;
        ears.entry(entry);
      },
    });
    return { outcome, card: drill };
  } finally {
    await stop();
  }
}

/** Progress in one line. */
function told(detail: (text: string) => void): Progress {
  return { step: detail, detail: () => undefined, note: () => undefined, done: () => undefined, fail: () => undefined };
}
