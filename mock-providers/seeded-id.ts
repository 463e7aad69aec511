/**
 * Seeded ids: the same run gives the same ids, and answers of one run differ.
 *
 * Every character is a draw addressed by answer and position, so an id costs no generator.
 */
import { mix32 } from "../core/random.ts";

/** Where ids are written before they become strings; longer than any. */
const scratch = Buffer.alloc(512);

/** `start` names the answer: 32 bits that no two of the first 2^32 answers of a run share. */
export function seededId(prefix: string, alphabet: string, length: number, start: number): string {
  const end = prefix.length + length;
  scratch.write(prefix, "latin1");
  for (let index = prefix.length; index < end; index++) {
    const draw = mix32(start + Math.imul(index, 0x9e3779b1)) >>> 0;
    scratch[index] = alphabet.charCodeAt(draw % alphabet.length);
  }
  return scratch.toString("latin1", 0, end);
}
