/** The parts of an answer that follow each other, as far as its tokens reach. */

/** A part that the answer gets to, and how many tokens of it. */
export interface PlacedPart<Part> {
  readonly part: Part;
  /** Among all parts of the answer. */
  readonly index: number;
  /** Tokens of the answer before it. */
  readonly from: number;
  readonly length: number;
}

export function placedParts<Part extends { readonly tokens: number }>(
  parts: readonly Part[],
  tokens: number,
): readonly PlacedPart<Part>[] {
  let from = 0;
  const reached: PlacedPart<Part>[] = [];
  for (const [index, part] of parts.entries()) {
    const length = Math.min(part.tokens, tokens - from);
    if (length > 0) reached.push({ part, index, from, length });
    from += part.tokens;
  }
  return reached;
}
