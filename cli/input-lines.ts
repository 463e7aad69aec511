/** Streams a file that a user names, in bounded memory. */
import { createReadStream } from "node:fs";
import { type LineBound, linesOf } from "../core/lines.ts";
import { unreadable } from "./input-file.ts";

/** Line by line. Errors: `file-unreadable`, that of the bound, and the signal's reason when it is aborted. */
export async function readInputLines(
  file: string,
  bound: LineBound,
  signal: AbortSignal,
  take: (line: string, lineNumber: number) => void,
): Promise<void> {
  let lineNumber = 0;
  for await (const lines of linesOf(inputPieces(file, signal), bound))
    for (const line of lines) take(line, ++lineNumber);
}

/** Piece by piece. Errors: `file-unreadable`, and the signal's reason when it is aborted. */
export async function* inputPieces(file: string, signal: AbortSignal): AsyncGenerator<string, void, undefined> {
  try {
    yield* createReadStream(file, { encoding: "utf8", signal }) as AsyncIterable<string>;
  } catch (cause) {
    signal.throwIfAborted();
    throw unreadable(file, cause);
  }
}
