/**
 * Ctrl-C. The first one asks the work to end (children stopped, what was recorded written); the second gives up on manners.
 */
import { exitCodes } from "../core/errors.ts";
import type { Ms } from "../core/time.ts";
import type { Terminal } from "./terminal.ts";

export interface Interrupts {
  /** Aborted by the first SIGINT, SIGTERM or SIGHUP; its reason is the signal's name. */
  readonly signal: AbortSignal;
  /** Takes SIGHUP for something else than a wish to stop, until `release`. */
  readonly onHangUp: (listener: () => void) => void;
  /** Called for each signal after the first that is no repetition of the same press. */
  readonly onRepeat: (listener: () => void) => void;
  /** Runs work that never yields and leaves nothing behind, such as a simulation: signals then end the process at once. */
  readonly whileBlocking: <T>(work: () => T) => T;
  /** Resolves when signals that came while the process was busy have been delivered. */
  readonly delivered: () => Promise<void>;
  /** Gives signals back their default meaning. */
  readonly release: () => void;
}

/** Resolves when the signal is aborted. */
export async function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
}

const names = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/**
 * A SIGINT this soon after another is the same press: a terminal signals the whole process group, and parents within it
 * (npm, setup/child.mjs) pass theirs on.
 */
const samePressMs: Ms = 1_000;

export function catchInterrupts(terminal: Terminal): Interrupts {
  const controller = new AbortController();
  let firstAtMs = 0;
  let onHangUp: (() => void) | undefined;
  let onRepeat: (() => void) | undefined;
  const onSignal = (name: NodeJS.Signals): void => {
    const nowMs = performance.now();
    if (name === "SIGHUP" && onHangUp !== undefined) {
      onHangUp();
      return;
    }
    if (!controller.signal.aborted) {
      firstAtMs = nowMs;
      terminal.err("\nsquall: stopping (Ctrl-C again to stop at once)");
      controller.abort(name);
    } else if (onRepeat !== undefined) {
      if (nowMs - firstAtMs > samePressMs) onRepeat();
    } else if (name === "SIGINT" && nowMs - firstAtMs > samePressMs) {
      terminal.err("squall: stopped at once; what was not written is lost");
      process.exit(exitCodes.interrupted);
    }
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
    onHangUp: (listener) => {
      onHangUp = listener;
    },
    onRepeat: (listener) => {
      onRepeat = listener;
    },
    whileBlocking: (work) => {
      release();
      try {
        return work();
      } finally {
        listen();
      }
    },
    // The second turn of the event loop has looked for signals; the first may have been past that point already.
    delivered: () => new Promise((resolve) => setImmediate(() => setImmediate(resolve))),
    release,
  };
}
