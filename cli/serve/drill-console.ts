/** `squall drill --console`: one drill that is settled already, played by whoever opens its addresses. */
import type { Terminal } from "../terminal.ts";
import type { DrillOutcome } from "../drill/play-drill.ts";
import { offerOf } from "./drill-card.ts";
import type { Played } from "./game-day-room.ts";
import { type ConsoleDrill, type ConsoleDrillChoices, playOnConsole } from "./play-drill.ts";
import { type Serving, startServing } from "./serve.ts";
import { addressLines } from "./words.ts";

export interface DrillConsoleChoices extends ConsoleDrillChoices {
  readonly port: number;
  readonly terminal: Pick<Terminal, "err">;
}

export interface DrillOnConsole {
  readonly outcome: DrillOutcome;
  /** Where the review can be read. */
  readonly serving: Serving;
}

/** Only this machine. */
const host = "127.0.0.1";

/**
 * Waits for the incident lead to begin, and for the end. Rejects as `playOnConsole` does, and with the signal's reason when it is aborted
 * before the drill has begun.
 */
export async function drillOnConsole(drill: ConsoleDrill, choices: DrillConsoleChoices): Promise<DrillOnConsole> {
  const { port, terminal, signal } = choices;
  const { runbook } = drill.input;
  const { mode, world } = drill.asked;
  const ended = Promise.withResolvers<Played>();
  let hasBegun = false;
  const serving = await startServing({
    host,
    port,
    offers: [offerOf(runbook, runbook.id)],
    settled: mode === "tabletop" ? "tabletop" : world,
    board: undefined,
    drillFolder: () => drill.folder,
    play: async (_, ears) => {
      hasBegun = true;
      return await playOnConsole(drill, choices, ears);
    },
    onEnd: (end) => ("cause" in end ? ended.reject(end.cause) : ended.resolve(end)),
  });
  terminal.err(addressLines(serving.addresses));
  const giveUp = (): void => {
    if (!hasBegun) ended.reject(signal.reason);
  };
  signal.addEventListener("abort", giveUp, { once: true });
  try {
    signal.throwIfAborted();
    const { outcome } = await ended.promise;
    return { outcome, serving };
  } catch (cause) {
    await serving.stop();
    throw cause;
  }
}
