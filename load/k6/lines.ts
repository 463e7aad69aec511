/**
 * Reads what k6 says: bytes become lines, lines become `K6Line`s, and those become RequestRecords.
 *
 * k6 prints other things too (warnings of failed requests, a user's own messages): a line that is not marked is none of ours.
 * One that is marked and makes no sense is told, so that nothing is lost unseen.
 */
import { k6LineMark, type K6Line, type K6Record, k6RecordFields } from "../../core/k6-plan.ts";
import { field, isMapping } from "../../core/raw-data.ts";
import { outcomes, type RequestRecord } from "../../core/record.ts";
import type { Ms } from "../../core/time.ts";

/** A line has some 500 characters; a longer one is none of ours and is skipped. */
const lineBytesMax = 65_536;

const lineFeed = 0x0a;

/** Takes bytes as they come and hands over whole lines, without their ends. What has no end yet is kept, up to a bound. */
export function splitLines(onLine: (line: string) => void): (bytes: Buffer) => void {
  let rest: Buffer[] = [];
  let restBytes = 0;
  let skipping = false;
  return (bytes) => {
    let start = 0;
    for (let end = bytes.indexOf(lineFeed); end >= 0; end = bytes.indexOf(lineFeed, start)) {
      if (!skipping) onLine(Buffer.concat([...rest, bytes.subarray(start, end)]).toString("utf8"));
      rest = [];
      restBytes = 0;
      skipping = false;
      start = end + 1;
    }
    restBytes += bytes.length - start;
    if (restBytes > lineBytesMax) {
      skipping = true;
      rest = [];
    } else if (start < bytes.length) {
      rest.push(bytes.subarray(start));
    }
  };
}

/** What a line of output says to us; undefined for one that is not ours, `damaged` for one that cannot be read. */
export function readLine(text: string): K6Line | "damaged" | undefined {
  const at = text.indexOf(k6LineMark);
  if (at !== 0) return undefined;
  const value = parseJson(text.slice(k6LineMark.length));
  switch (field(value, "kind")) {
    case "begin":
    case "end":
      return isRecord(field(value, "record")) ? (value as K6Line) : "damaged";
    case "script-cut":
      return typeof field(value, "user") === "number" ? (value as K6Line) : "damaged";
    case "over":
      return typeof field(value, "phase") === "string" ? (value as K6Line) : "damaged";
    default:
      return "damaged";
  }
}

/** The record of a line, its instants moved to the start of the run. What k6 cannot see is empty until the join, or stays so. */
export function recordOf(seen: K6Record, phaseStartMs: Ms): RequestRecord {
  const moved = (ms: Ms): Ms => Math.round((phaseStartMs + ms) * 1_000) / 1_000;
  const { clientTries, ...record } = seen;
  return {
    ...record,
    provider: "",
    intendedMs: moved(seen.intendedMs),
    sentMs: moved(seen.sentMs),
    firstTokenMs: seen.firstTokenMs === null ? null : moved(seen.firstTokenMs),
    endMs: moved(seen.endMs),
    gapMaxMs: 0,
    upstreamCalls: 0,
    cost: 0,
    wastedTokens: 0,
    ...(clientTries === undefined ? {} : { clientTries }),
  };
}

const texts: ReadonlySet<string> = new Set(["key", "phase", "tenant", "model", "outcome", "reason"]);

function kindOf(field: (typeof k6RecordFields)[number]): "string" | "boolean" | "number" {
  if (texts.has(field)) return "string";
  return field === "stream" ? "boolean" : "number";
}

const phases: ReadonlySet<unknown> = new Set(["warmup", "baseline", "load"]);
const outcomeNames: ReadonlySet<unknown> = new Set(outcomes);

function isRecord(value: unknown): value is K6Record {
  if (!isMapping(value)) return false;
  const { firstTokenMs, phase, outcome } = value;
  return (
    k6RecordFields.every((name) => typeof value[name] === kindOf(name)) &&
    (firstTokenMs === null || typeof firstTokenMs === "number") &&
    phases.has(phase) &&
    outcomeNames.has(outcome)
  );
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
