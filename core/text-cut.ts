/**
 * A text read round and round: prompts of any length are cut from one text that is made once.
 *
 * It stands apart from `behavior/prompt.ts` because k6 cuts the very same prompts inside its programs.
 */

/** That many characters from position `from` on; behind the end of the text comes its beginning. The text is not empty. */
export function cutText(text: string, from: number, characters: number): string {
  let cut = "";
  let missing = characters;
  for (let at = from % text.length; missing > 0; at = 0) {
    const slice = text.slice(at, at + missing);
    cut += slice;
    missing -= slice.length;
  }
  return cut;
}
