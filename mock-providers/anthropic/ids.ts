/**
 * Ids as Anthropic's look: a prefix, its version, and characters that cannot be mistaken for each other
 * (`req_011CaDvrymxizFC1oij4M9EK`, Pasta-Devs/Marinara-Engine #120; `toolu_019P95AL5DFCUyhtgQDcWJ3x`, anthropics/claude-code
 * #8210). `start` names the answer.
 */
import { mix32 } from "../../core/random.ts";
import { seededId } from "../seeded-id.ts";

/** Digits and letters without 0, O, I and l. */
const base58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
const base64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

export function requestId(start: number): string {
  return seededId("req_011C", base58, 20, start);
}

/** `prefix`: resellers have one of their own, such as `msg_vrtx_01`. */
export function messageId(start: number, prefix = "msg_01"): string {
  return seededId(prefix, base58, 22, apart(start, 1));
}

/** What a thinking block carries so that it can be sent back unchanged: opaque, in base 64. */
export function thinkingSignature(start: number): string {
  return seededId("ErUB", base64, 252, apart(start, 2));
}

/** `index`: of the content block. */
export function toolUseId(start: number, index: number): string {
  return seededId("toolu_01", base58, 22, apart(start, 3 + index));
}

/** A start for each purpose, far from those of all other answers. */
function apart(start: number, purpose: number): number {
  return mix32(mix32(start) + Math.imul(purpose, 0x85ebca77));
}
