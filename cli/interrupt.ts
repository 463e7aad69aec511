/**
 * Ctrl-C. The first one asks the work to end (children stopped, partial report written); the second gives up on manners.
 */
import { exitCodes } from "../core/errors.ts";
import type { Terminal } from "./terminal.ts";

export interface Interrupts {
  /** Aborted by the first SIGINT, SIGTERM or SIGHUP; its reason is the signal's name. */
  readonly signal: AbortSignal;
  /** Runs work that never yields, such as a simulation: signals then end the process at once, as nothing needs tidying. */
  readonly whileBlocking: <T>(work: () => T) => T;
  /** Gives signals back their default meaning. */
  readonly release: () => void;
}

const names = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

export function catchInterrupts(terminal: Terminal): Interrupts {
  const controller = new AbortController();
  const onSignal = (name: NodeJS.Signals): void => {
    if (controller.signal.aborted && name === "SIGINT") {
      terminal.err("squall: stopped at once; what was not written is lost");
      process.exit(exitCodes.interrupted);
    }
    terminal.err("\nsquall: stopping (Ctrl-C again to stop at once)");
    controller.abort(name);
  };
  const listen = (): void => {
    for (const name of names) process.on(name, onSignal);
  };
  const release = (): void => {
    for (const name of names) process.off(name, onSignal);
  };
  listen();
  return {
    signal: controller.signal,
    whileBlocking: (work) => {
      release();
      try {
        return work();
      } finally {
        listen();
      }
    },
    release,
  };
}
