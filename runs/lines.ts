/**
 * Splits text that arrives in pieces into lines, in bounded memory.
 */
import { invalidInput } from "../core/errors.ts";

/** Characters; a record has some 400. */
const lineLengthMax = 1_000_000;

/** Yields each line without its end; a last line without one too. Throws `run-damaged` for a line that never ends. */
export async function* linesOf(pieces: AsyncIterable<string>, file: string): AsyncGenerator<string> {
  let rest = "";
  for await (const piece of pieces) {
    const lines = (rest + piece).split("\n");
    rest = lines.pop() ?? "";
    if (rest.length > lineLengthMax) {
      throw invalidInput(`${file} is damaged: a line is longer than ${lineLengthMax} characters`, {
        code: "run-damaged",
      });
    }
    yield* lines;
  }
  if (rest !== "") yield rest;
}
