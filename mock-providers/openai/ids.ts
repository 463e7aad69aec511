/** Ids as OpenAI's look. `start` names the answer, `index` what it is part of that has an id of its own. */
import { mix32 } from "../../core/random.ts";
import { seededId } from "../seeded-id.ts";

/** `req_` and 32 hexadecimal digits ([capture] of x-request-id). */
export function requestId(start: number): string {
  return seededId("req_", hexadecimal, 32, start);
}

/** `chatcmpl-` and 29 letters and digits. */
export function completionId(start: number): string {
  return seededId("chatcmpl-", lettersAndDigits, 29, mix32(start));
}

/** `call_` and 24 letters and digits (trae-agent #245). */
export function callId(start: number, index: number): string {
  return seededId("call_", lettersAndDigits, 24, of(start, index, 0x63616c6c));
}

/** `resp_` and 50 hexadecimal digits (Azure/azure-rest-api-specs #42141). */
export function responseId(start: number): string {
  return seededId("resp_", hexadecimal, 50, mix32(start ^ 0x72657370));
}

/** Of an item in the output of a response: `msg_`, `fc_`, `ctc_` or `rs_`, then as a response. */
export function itemId(prefix: string, start: number, index: number): string {
  return seededId(prefix, hexadecimal, 50, of(start, index, 0x6974656d));
}

/** What a client sends back to go on with thoughts that nobody has stored: opaque, in base64 that begins as the service's does. */
export function encryptedReasoning(start: number): string {
  return seededId("gAAAAAB", `${lettersAndDigits}-_`, 313, mix32(start ^ 0x656e6372));
}

const lettersAndDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
const hexadecimal = "0123456789abcdef";

function of(start: number, index: number, kind: number): number {
  return mix32(mix32(start ^ kind) + index);
}
