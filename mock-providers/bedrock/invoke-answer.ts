/**
 * How InvokeModelWithResponseStream wraps a model's own events: each in a `chunk`, in base 64 ([capture]). The last one carries
 * what the service has measured.
 */
import type { StreamWriter } from "../answer.ts";
import { eventFrame, eventStreamType } from "./event-stream.ts";
import type { InvocationCounts } from "./headers.ts";
import { errorInStream } from "./converse.ts";
import { paddingFor } from "./padding.ts";
import type { Reply } from "./reply.ts";

const frame = eventFrame("chunk");

/** One event of a model's: JSON in ASCII. */
export function chunk(json: string): string {
  const bytes = Buffer.from(json, "latin1").toString("base64");
  return frame(`{"bytes":"${bytes}"${paddingFor(bytes.length)}}`);
}

/** A JSON field of the last event, after a comma. */
export function invocationMetrics(counts: InvocationCounts, firstByteMs: number): string {
  const { inputTokens, outputTokens, cacheReadTokens, cacheWriteTokens, latencyMs } = counts;
  const cached =
    cacheReadTokens + cacheWriteTokens > 0
      ? `,"cacheReadInputTokenCount":${cacheReadTokens},"cacheWriteInputTokenCount":${cacheWriteTokens}`
      : "";
  return `,"amazon-bedrock-invocationMetrics":{"inputTokenCount":${inputTokens},"outputTokenCount":${outputTokens},"invocationLatency":${latencyMs},"firstByteLatency":${firstByteMs}${cached}}`;
}

/** A stream of chunks. `tail` is told when the first event left, in milliseconds since the request came. */
export function chunkStream(
  reply: Reply,
  events: Pick<StreamWriter, "head" | "content"> & { readonly tail: (firstByteMs: number) => string },
): StreamWriter {
  let firstByteMs: number | undefined;
  return {
    encoding: "latin1",
    headers: [...reply.headers(eventStreamType), "x-amzn-bedrock-content-type", "application/json"],
    head: () => {
      firstByteMs = reply.latencyMs();
      return events.head();
    },
    content: events.content,
    tail: () => events.tail(firstByteMs ?? reply.latencyMs()),
    error: errorInStream,
  };
}
