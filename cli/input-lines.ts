/** Streams a file that a user names, line by line, in bounded memory. */
import { createReadStream } from "node:fs";
import { type LineBound, linesOf } from "../runs/lines.ts";
import { unreadable } from "./input-file.ts";

/** Errors: `file-unreadable`, that of the bound, and the signal's reason when it is aborted. */
export async function readInputLines(
  file: string,
  bound: LineBound,
  signal: AbortSignal,
  take: (line: string, lineNumber: number) => void,
): Promise<void> {
  const pieces: AsyncIterable<string> = createReadStream(file, { encoding: "utf8", signal });
  let lineNumber = 0;
  try {
    for await (const lines of linesOf(pieces, bound)) for (const line of lines) take(line, ++lineNumber);
  } catch (cause) {
    signal.throwIfAborted();
    throw unreadable(file, cause);
  }
}
