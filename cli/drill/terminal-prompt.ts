/** Asks the person at the keyboard. Questions go to standard error, so that standard output stays a result. */
import { createInterface } from "node:readline/promises";
import type { Prompt } from "./responders.ts";

export const terminalPrompt: Prompt = async (text, signal) => {
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return await lines.question(text, { signal });
  } catch (cause) {
    signal.throwIfAborted();
    throw cause;
  } finally {
    lines.close();
  }
};
