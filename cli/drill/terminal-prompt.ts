/** Asks the person at the keyboard. Questions go to standard error, so that standard output stays a result. */
import { createInterface, type Interface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { usageError } from "../../core/errors.ts";
import type { Prompt } from "./terminal-responder.ts";

export interface TerminalPrompt {
  /** Rejects with `nobody-answers` when the input has ended. */
  readonly prompt: Prompt;
  readonly close: () => void;
}

export interface TerminalStreams {
  readonly input: Readable & { readonly isTTY?: boolean };
  readonly output: Writable;
}

/**
 * One reader for all questions, opened with the first. From a pipe, each line answers the next question; what a person typed before a
 * question was there does not answer it.
 */
export function terminalPrompt(
  streams: TerminalStreams = { input: process.stdin, output: process.stderr },
): TerminalPrompt {
  let lines: Lines | undefined;
  return {
    prompt: async (text, signal) => {
      lines ??= new Lines(streams);
      return await lines.ask(text, signal);
    },
    close: () => lines?.close(),
  };
}

/** Lines in the order in which they were typed, for whoever waits for one. */
class Lines {
  readonly #reader: Interface;
  readonly #isTyped: boolean;
  readonly #waiting: string[] = [];
  #hasEnded = false;
  /** Whoever waits is told that there is something new. */
  #wake: () => void = () => undefined;

  constructor({ input, output }: TerminalStreams) {
    this.#isTyped = input.isTTY === true;
    this.#reader = createInterface({ input, output, terminal: this.#isTyped });
    this.#reader.on("line", (line) => {
      this.#waiting.push(line);
      this.#wake();
    });
    this.#reader.on("close", () => {
      this.#hasEnded = true;
      this.#wake();
    });
    // While a question is open, the keyboard's Ctrl-C comes here; everybody else waits for the signal.
    this.#reader.on("SIGINT", () => process.kill(process.pid, "SIGINT"));
  }

  async ask(text: string, signal: AbortSignal): Promise<string> {
    signal.throwIfAborted();
    if (this.#isTyped) this.#waiting.length = 0;
    if (!this.#hasEnded) {
      this.#reader.setPrompt(text);
      this.#reader.prompt();
    }
    const { promise: stopped, reject } = Promise.withResolvers<never>();
    stopped.catch(() => undefined); // nobody may be listening any more
    const stop = (): void => reject(signal.reason as Error);
    signal.addEventListener("abort", stop, { once: true });
    try {
      for (;;) {
        const line = this.#waiting.shift();
        if (line !== undefined) return line;
        if (this.#hasEnded) throw nobodyAnswers();
        await Promise.race([stopped, new Promise<void>((resolve) => (this.#wake = resolve))]);
      }
    } finally {
      signal.removeEventListener("abort", stop);
    }
  }

  close(): void {
    this.#reader.close();
  }
}

function nobodyAnswers(): Error {
  return usageError("the drill asks, and nobody answers: standard input has ended", {
    code: "nobody-answers",
    hint: "run it in a terminal, or with --auto",
  });
}
