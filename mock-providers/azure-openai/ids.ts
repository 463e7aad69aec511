/** Seeded ids in the form that Azure gives its own: version 4 UUIDs ([capture] of apim-request-id and x-request-id). */
import { mix32 } from "../../core/random.ts";
import { seededId } from "../seeded-id.ts";

/** Of the request at the API management gateway. `start` names the answer. */
export function gatewayRequestId(start: number): string {
  return uuid(mix32(start ^ 0x61_70_69_6d));
}

/** Of the request at the model behind it. */
export function requestId(start: number): string {
  return uuid(start);
}

function uuid(start: number): string {
  const digits = seededId("", "0123456789abcdef", 32, start);
  const at = (from: number, to: number): string => digits.slice(from, to);
  // RFC 9562: version 4, and a variant digit from 8 to b, of which one will do.
  return `${at(0, 8)}-${at(8, 12)}-4${at(13, 16)}-a${at(17, 20)}-${at(20, 32)}`;
}
