/** The field `p` of event payloads, which makes their lengths say less about their text ([capture]: the beginning of this alphabet). */

const alphabet = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

const paddings: readonly string[] = Array.from(
  { length: alphabet.length },
  (_, length) => `,"p":"${alphabet.slice(0, length + 1)}"`,
);

/** By the length of what it goes with; which length the service chooses is not published. A JSON field after a comma. */
export function paddingFor(characters: number): string {
  return paddings[(characters * 29) % paddings.length] ?? "";
}
