/**
 * Little's law on a run: the mean number in flight is what is completed in a second times how long it takes (Little, "A Proof for
 * the Queuing Formula L = lambda W", Operations Research 9(3), 1961).
 *
 * It holds of a system that neither fills nor drains. Where it does not hold of a run, more came than was done, and neither the
 * latencies nor the throughput of that run are those of any steady load. Looked at is the time from the first request to the
 * last one that was due, cut into windows; the interval is Student's t over their differences (batch means).
 */
import { isOk, type RequestRecord } from "../core/record.ts";
import type { Run } from "../core/run.ts";
import { type Ms, secondMs } from "../core/time.ts";
import { recordsOf } from "./phases.ts";
import { estimateSigned } from "./replications.ts";

export interface Flow {
  /** Due, and ended, in a second. */
  readonly arrivalsPerS: number;
  readonly completionsPerS: number;
  /** Of those, answered. */
  readonly answeredPerS: number;
  /** Mean over time of requests that were due and had not ended. */
  readonly inFlight: number;
  /** Of the requests that ended. */
  readonly responseMs: Ms;
  /** `inFlight` less what the law says it is, and where that lies with 95 % confidence. */
  readonly difference: number;
  readonly interval: readonly [number, number];
  /** Whether the interval holds zero, or lies within `closeEnough` of the number in flight. */
  readonly holds: boolean;
}

const windows = 10;
/** A difference as small as this part of the number in flight matters to nobody. */
const closeEnough = 0.05;
/** Fewer requests a window say nothing of it. */
const requestsNeeded = 2 * windows;

/** Undefined where the load phase has too few requests, or all of them are due at once. */
export function flowOf(run: Run): Flow | undefined {
  const records = recordsOf(run, "load");
  if (records.length < requestsNeeded) return undefined;
  const fromMs = records.reduce((least, { intendedMs }) => Math.min(least, intendedMs), Number.POSITIVE_INFINITY);
  const toMs = records.reduce((most, { intendedMs }) => Math.max(most, intendedMs), 0);
  if (!(toMs > fromMs)) return undefined;
  const widthMs = (toMs - fromMs) / windows;
  const batches = Array.from({ length: windows }, (_, index) => {
    const startMs = fromMs + index * widthMs;
    return batchOf(records, startMs, startMs + widthMs);
  });
  const found = estimateSigned(batches.map(({ inFlightMs, responseMs }) => (inFlightMs - responseMs) / widthMs));
  if (found === undefined) return undefined;
  const total = (field: (batch: Batch) => number): number => batches.reduce((sum, batch) => sum + field(batch), 0);
  const seconds = (toMs - fromMs) / secondMs;
  const ended = total((batch) => batch.ended);
  const inFlight = total((batch) => batch.inFlightMs) / (toMs - fromMs);
  const [low, high] = found.interval;
  return {
    arrivalsPerS: records.length / seconds,
    completionsPerS: ended / seconds,
    answeredPerS: total((batch) => batch.answered) / seconds,
    inFlight,
    responseMs: ended === 0 ? 0 : total((batch) => batch.responseMs) / ended,
    difference: found.mean,
    interval: found.interval,
    holds: (low <= 0 && high >= 0) || Math.abs(found.mean) <= closeEnough * inFlight,
  };
}

interface Batch {
  readonly ended: number;
  readonly answered: number;
  /** Integral of the number in flight over the window. */
  readonly inFlightMs: Ms;
  /** Of the requests that ended in it, added up. */
  readonly responseMs: Ms;
}

function batchOf(records: readonly RequestRecord[], startMs: Ms, endMs: Ms): Batch {
  let [ended, answered, inFlightMs, responseMs] = [0, 0, 0, 0];
  for (const record of records) {
    inFlightMs += Math.max(0, Math.min(record.endMs, endMs) - Math.max(record.intendedMs, startMs));
    if (record.endMs < startMs || record.endMs >= endMs) continue;
    ended += 1;
    answered += Number(isOk(record));
    responseMs += record.endMs - record.intendedMs;
  }
  return { ended, answered, inFlightMs, responseMs };
}
