/**
 * Seeded ids: the same run gives the same ids, and answers of one run differ.
 *
 * Every character is a draw addressed by answer and position, so an id costs no generator. `start` names the answer: 32 bits
 * that no two of the first 2^32 answers of a run share.
 */
import { mix32 } from "../../core/random.ts";

/** `req_` and 32 hexadecimal digits ([capture] of x-request-id). */
export function requestId(start: number): string {
  return drawn("req_", "0123456789abcdef", 32, start);
}

/** `chatcmpl-` and 29 letters and digits. */
export function completionId(start: number): string {
  return drawn("chatcmpl-", "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789", 29, mix32(start));
}

/** Where ids are written before they become strings; longer than any. */
const scratch = Buffer.alloc(64);

function drawn(prefix: string, alphabet: string, length: number, start: number): string {
  const end = prefix.length + length;
  scratch.write(prefix, "latin1");
  for (let index = prefix.length; index < end; index++) {
    const draw = mix32(start + Math.imul(index, 0x9e3779b1)) >>> 0;
    scratch[index] = alphabet.charCodeAt(draw % alphabet.length);
  }
  return scratch.toString("latin1", 0, end);
}
