/** Ids as Google's look. `start` names the answer. */
import { mix32 } from "../../core/random.ts";
import { seededId } from "../seeded-id.ts";

const base64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const base64Url = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/** `responseId`: 23 characters of base64url ([capture]). */
export function responseId(start: number): string {
  return seededId("", base64Url, 23, mix32(start));
}

/** The last part of a cached content's name. */
export function cachedContentId(start: number): string {
  return seededId("", "abcdefghijklmnopqrstuvwxyz0123456789", 36, mix32(start ^ 0x5eed));
}

/** What a function call carries so that its answer and its thoughts are known again. */
export interface CallMarks {
  readonly id: string;
  /** Opaque, in base 64; to be sent back unchanged. Of parallel calls the first has it (ai.google.dev/gemini-api/docs/thought-signatures). */
  readonly thoughtSignature?: string;
}

/** `candidate`: which calls; `nth`: of its calls. */
export function callMarks(start: number, candidate: number, nth: number): CallMarks {
  const call = mix32(mix32(start + candidate + 1) + nth);
  const id = seededId("", "abcdefghijklmnopqrstuvwxyz0123456789", 8, call);
  return nth === 0 ? { id, thoughtSignature: `${seededId("", base64, 86, mix32(call))}==` } : { id };
}
