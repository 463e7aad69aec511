/** Ids as Bedrock's look. `start` names the answer. */
import { mix32 } from "../../core/random.ts";
import { seededId } from "../seeded-id.ts";

/** A version 4 UUID, as in `x-amzn-RequestId`. */
export function requestId(start: number): string {
  const digits = seededId("", "0123456789abcdef", 30, start);
  const variant = "89ab".charAt(mix32(~start) & 3);
  return `${digits.slice(0, 8)}-${digits.slice(8, 12)}-4${digits.slice(12, 15)}-${variant}${digits.slice(15, 18)}-${digits.slice(18)}`;
}

const alphanumeric = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/** `tooluse_` and 22 characters ([capture]). `index`: of the content block. */
export function toolUseId(start: number, index: number): string {
  return seededId("tooluse_", alphanumeric, 22, mix32(start + index + 1));
}

/** Of a message that Claude writes by way of InvokeModel ([capture]). */
export function messageId(start: number): string {
  return seededId("msg_bdrk_01", alphanumeric, 22, mix32(start));
}

/** What reasoning carries so that it can be sent back unchanged. */
export function reasoningSignature(start: number): string {
  return seededId("ErUB", alphanumeric, 252, mix32(~start));
}
