/** Asks the person at the keyboard. Questions go to standard error, so that standard output stays a result. */
import { createInterface, type Interface } from "node:readline/promises";
import { usageError } from "../../core/errors.ts";
import type { Prompt } from "./terminal-responder.ts";

export interface TerminalPrompt {
  /** Rejects with `nobody-answers` when the input has ended. */
  readonly prompt: Prompt;
  readonly close: () => void;
}

/** One reader for all questions, opened with the first: what was typed ahead belongs to the next one. */
export function terminalPrompt(): TerminalPrompt {
  let lines: Interface | undefined;
  let ended: Promise<never> | undefined;
  return {
    prompt: async (text, signal) => {
      lines ??= createInterface({ input: process.stdin, output: process.stderr });
      const reader = lines;
      // While a question is open, the keyboard's Ctrl-C comes here; everybody else waits for the signal.
      if (reader.listenerCount("SIGINT") === 0) reader.on("SIGINT", () => process.kill(process.pid, "SIGINT"));
      ended ??= new Promise((_, reject) => reader.once("close", () => reject(nobodyAnswers())));
      ended.catch(() => undefined);
      try {
        return await Promise.race([reader.question(text, { signal }), ended]);
      } catch (cause) {
        signal.throwIfAborted();
        throw cause;
      }
    },
    close: () => lines?.close(),
  };
}

function nobodyAnswers(): Error {
  return usageError("the drill asks, and nobody answers: standard input has ended", {
    code: "nobody-answers",
    hint: "run it in a terminal, or with --auto",
  });
}
