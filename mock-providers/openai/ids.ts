/** Ids as OpenAI's look. `start` names the answer. */
import { mix32 } from "../../core/random.ts";
import { seededId } from "../seeded-id.ts";

/** `req_` and 32 hexadecimal digits ([capture] of x-request-id). */
export function requestId(start: number): string {
  return seededId("req_", "0123456789abcdef", 32, start);
}

/** `chatcmpl-` and 29 letters and digits. */
export function completionId(start: number): string {
  return seededId("chatcmpl-", "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789", 29, mix32(start));
}
