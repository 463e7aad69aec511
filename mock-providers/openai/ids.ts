/**
 * Seeded ids: the same run gives the same ids, no two answers share one.
 *
 * Each character is a draw addressed by answer and position, so an id costs no generator. Two answers of a run start from
 * different 32-bit numbers, up to 2^32 of them.
 */
import { mix32 } from "../../core/random.ts";

const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
const hexDigits = "0123456789abcdef";

export interface AnswerIds {
  /** `req_` and 32 hexadecimal digits ([capture] of x-request-id). */
  readonly requestId: string;
  /** `chatcmpl-` and 29 letters and digits. */
  readonly completionId: string;
}

/** `seed`: 32 bits that name the run; `answer`: its number within it. */
export function answerIds(seed: number, answer: number): AnswerIds {
  const start = mix32(seed) ^ answer;
  return {
    requestId: `req_${drawn(start, hexDigits, 32)}`,
    completionId: `chatcmpl-${drawn(mix32(start), letters, 29)}`,
  };
}

function drawn(start: number, alphabet: string, length: number): string {
  let text = "";
  for (let index = 0; index < length; index++) {
    const draw = mix32(start + Math.imul(index + 1, 0x9e3779b1)) >>> 0;
    text += alphabet[draw % alphabet.length];
  }
  return text;
}
