/**
 * Messages of `application/vnd.amazon.eventstream`, all numbers big-endian
 * (docs.aws.amazon.com/lexv2/latest/dg/event-stream-encoding.html; @smithy/core 3.41.0, event-streams):
 *
 *     total length (4) | length of headers (4) | CRC32 of these 8 (4) | headers | payload | CRC32 of everything before (4)
 *
 * A header is the length of its name (1), its name, its type (1; only 7, a string, occurs here), the length of its value (2) and
 * its value. Messages are handed out as strings in which a character is a byte.
 */
import { crc32 } from "node:zlib";
import { asciiJson } from "../answer.ts";

export const eventStreamType = "application/vnd.amazon.eventstream";

/** Turns payloads, JSON in ASCII, into messages. */
export type EventFrame = (payload: string) => string;

/** Messages of one type of event; headers in the order in which the service sends them ([capture]). */
export function eventFrame(type: string): EventFrame {
  return frameWith([
    [":event-type", type],
    [":content-type", "application/json"],
    [":message-type", "event"],
  ]);
}

/** What can go wrong in a stream that has begun (@aws-sdk/client-bedrock-runtime 3.1162.0, ConverseStreamOutput, ResponseStream). */
export type StreamException =
  | "internalServerException"
  | "modelStreamErrorException"
  | "modelTimeoutException"
  | "serviceUnavailableException"
  | "throttlingException"
  | "validationException";

/** The message that ends a stream with an exception. Named in camel case: by any other name the SDK does not know its class ([ran]). */
export function exceptionFrame(type: StreamException, message: string): string {
  const frame = frameWith([
    [":exception-type", type],
    [":content-type", "application/json"],
    [":message-type", "exception"],
  ]);
  return frame(asciiJson({ message }));
}

const preludeBytes = 8;
const crcBytes = 4;

/** Where messages are put together before they become strings; replaced by a larger one when a message needs it. */
let scratch: Buffer = Buffer.alloc(16_384);

function frameWith(headers: readonly (readonly [name: string, value: string])[]): EventFrame {
  const block = Buffer.concat(headers.map(([name, value]) => headerBytes(name, value)));
  const payloadStart = preludeBytes + crcBytes + block.length;
  return (payload) => {
    const length = payloadStart + payload.length + crcBytes;
    if (scratch.length < length) scratch = Buffer.alloc(2 * length);
    scratch.writeUInt32BE(length, 0);
    scratch.writeUInt32BE(block.length, 4);
    scratch.writeUInt32BE(crc32(scratch.subarray(0, preludeBytes)), preludeBytes);
    block.copy(scratch, preludeBytes + crcBytes);
    scratch.write(payload, payloadStart, "latin1");
    scratch.writeUInt32BE(crc32(scratch.subarray(0, length - crcBytes)), length - crcBytes);
    return scratch.toString("latin1", 0, length);
  };
}

const stringType = 7;

function headerBytes(name: string, value: string): Buffer {
  const valueLength = Buffer.alloc(2);
  valueLength.writeUInt16BE(value.length);
  return Buffer.concat([
    Buffer.of(name.length),
    Buffer.from(name, "latin1"),
    Buffer.of(stringType),
    valueLength,
    Buffer.from(value, "latin1"),
  ]);
}
