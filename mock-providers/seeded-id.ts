/**
 * Seeded ids: the same run gives the same ids, and answers of one run differ.
 *
 * Every character is a draw addressed by answer and position, four of them from one hash, so an id costs no generator. Some letters
 * are a quarter more likely than others, which no client can care about.
 */
import { mix32 } from "../core/random.ts";

/** Where ids are written before they become strings; longer than any. */
const scratch = Buffer.alloc(512);

/** `start` names the answer: 32 bits that no two of the first 2^32 answers of a run share. */
export function seededId(prefix: string, alphabet: string, length: number, start: number): string {
  let draw = 0;
  for (let index = 0; index < length; index++) {
    draw = index % 4 === 0 ? mix32(start + Math.imul(index + 1, 0x9e3779b1)) : draw >>> 8;
    scratch[index] = alphabet.charCodeAt((draw & 0xff) % alphabet.length);
  }
  return prefix + scratch.toString("latin1", 0, length);
}
