/**
 * Splits text that arrives in pieces into lines, in bounded memory: those of a run folder, of a trace, of whatever else comes by line.
 */

export interface LineBound {
  readonly charactersMax: number;
  /** What is thrown for a line that is longer, or never ends; lines count from 1. */
  readonly tooLong: (lineNumber: number) => Error;
}

/** Yields the lines that each piece completes, without their ends; at last a line without one. */
export async function* linesOf(
  pieces: AsyncIterable<string>,
  bound: LineBound,
): AsyncGenerator<readonly string[], void, undefined> {
  let whole = 0;
  let rest = "";
  for await (const piece of pieces) {
    const lines = (rest + piece).split("\n");
    rest = lines.pop() ?? "";
    whole += lines.length;
    if (rest.length > bound.charactersMax) throw bound.tooLong(whole + 1);
    yield lines;
  }
  if (rest !== "") yield [rest];
}
