/** Ids as Google's look. `start` names the answer. */
import { mix32 } from "../../core/random.ts";
import { seededId } from "../seeded-id.ts";

const base64Url = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/** `responseId`: 23 characters of base64url ([capture]). */
export function responseId(start: number): string {
  return seededId("", base64Url, 23, mix32(start));
}

/** `functionCall.id` of Vertex AI and of newer models. */
export function functionCallId(start: number, index: number): string {
  return seededId("", "0123456789abcdef", 8, mix32(start + index + 1));
}

/** An opaque `thoughtSignature`. */
export function thoughtSignature(start: number): string {
  return `${seededId("", base64Url.slice(0, 62), 86, mix32(start ^ 0x5bd1e995))}==`;
}
