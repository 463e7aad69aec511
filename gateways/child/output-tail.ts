/**
 * The end of what a program printed, for error messages. Bounded, so that a chatty program costs no memory, and always
 * drained, so that it never blocks on a full pipe (Portkey prints a stack trace per streamed answer).
 */
import type { Readable } from "node:stream";
import { stripVTControlCharacters } from "node:util";

/** Bytes kept of each program's output; it may grow to twice this before it is cut back. */
const keptBytesMax = 64 * 1024;

export interface OutputTail {
  /** Reads the stream to its end and keeps its last part. */
  readonly drain: (stream: Readable) => void;
  /** The last lines, without terminal control sequences; empty when nothing was printed. */
  readonly lastLines: (count: number) => string;
}

export function outputTail(): OutputTail {
  let chunks: Buffer[] = [];
  let keptBytes = 0;
  const keep = (chunk: Buffer): void => {
    chunks.push(chunk);
    keptBytes += chunk.length;
    if (keptBytes <= 2 * keptBytesMax) return;
    const last = Buffer.concat(chunks).subarray(-keptBytesMax);
    chunks = [last];
    keptBytes = last.length;
  };
  return {
    drain: (stream) => {
      stream.on("data", keep);
    },
    lastLines: (count) => {
      const text = Buffer.concat(chunks).toString("utf8");
      const lines = readable(text).split("\n");
      return lines
        .filter((line) => line.trim() !== "")
        .slice(-count)
        .join("\n");
    },
  };
}

/** Drops colours and cursor movements, and what a carriage return wrote over (a spinner). */
function readable(text: string): string {
  return stripVTControlCharacters(text).replaceAll("\r\n", "\n").replaceAll(/^.*\r/gm, "");
}
