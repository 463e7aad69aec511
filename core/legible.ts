/**
 * Texts that come from files and from the network, made fit for a message or a terminal: nothing in them moves the cursor,
 * changes a colour or turns the direction of writing.
 */

const illegible = /[\p{Cc}\p{Bidi_Control}]/gu;

/** Whether a text can be shown as it is. */
export function isLegible(text: string): boolean {
  return text.search(illegible) === -1;
}

/** A text on one line, with a blank for everything that cannot be shown. */
export function legible(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Bidi_Control}]+/gu, " ");
}

/** Longest text that a message quotes whole. */
const quotedCharactersMax = 60;

/** A text as a message quotes it: in quotes, with escapes, cut where it is long. */
export function quoted(text: string): string {
  const written = JSON.stringify(text).replaceAll(illegible, escaped);
  return written.length <= quotedCharactersMax ? written : `${written.slice(0, quotedCharactersMax - 3)}..."`;
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
