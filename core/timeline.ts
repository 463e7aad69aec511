/**
 * The timeline of a run: what happened in each of a few hundred fixed bins of scenario time.
 *
 * It is what charts are drawn from, small enough to keep beside any run. A request counts as arrived, and its
 * latency is noted, in the bin in which it was meant to be sent; its outcome, tokens and cost in the bin in which it ended.
 * Latency so stands above the load that caused it, and money above the moment it was owed.
 */
import { addMoney, type NanoDollars } from "./money.ts";
import { e2eMs, isOk, type Outcome, type RequestRecord, ttftMs } from "./record.ts";
import { LatencySketch } from "./sketch.ts";
import { dayMs, hourMs, minuteMs, type Ms, secondMs } from "./time.ts";

export interface Timeline {
  /** Width of every bin. The last one may reach past the end of the run. */
  readonly widthMs: Ms;
  readonly bins: readonly TimelineBin[];
}

export interface TimelineBin {
  readonly startMs: Ms;
  readonly arrived: number;
  /** Requests that ended here, by outcome; an outcome that nobody had is 0. */
  readonly ended: Readonly<Record<Outcome, number>>;
  /** Most requests that were in flight at one time, those carried over from the bin before included. */
  readonly inFlightMax: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly cost: NanoDollars;
  /** Of answered requests that arrived here; null when there is none. */
  readonly ttft: BinLatency | null;
  readonly e2e: BinLatency | null;
}

export interface BinLatency {
  readonly count: number;
  readonly p50Ms: Ms;
  readonly p95Ms: Ms;
}

/** No timeline has more bins. */
export const timelineBinsMax = 600;

/** Widths that read well on an axis. Longer runs take whole days. */
const niceWidthsMs: readonly Ms[] = [
  100,
  200,
  500,
  ...[1, 2, 5, 10, 15, 30].map((seconds) => seconds * secondMs),
  ...[1, 2, 5, 10, 15, 30].map((minutes) => minutes * minuteMs),
  ...[1, 2, 3, 6, 12].map((hours) => hours * hourMs),
];

export function buildTimeline(records: readonly RequestRecord[], durationMs: Ms): Timeline {
  const widthMs = niceWidth(durationMs);
  const count = Math.max(1, Math.ceil(durationMs / widthMs));
  const drafts = Array.from({ length: count }, emptyDraft);
  const draftAt = (atMs: Ms): BinDraft => {
    const index = Math.min(count - 1, Math.max(0, Math.floor(atMs / widthMs)));
    return drafts[index] ?? emptyDraft();
  };
  for (const record of records) {
    noteArrival(draftAt(record.intendedMs), record);
    noteEnd(draftAt(record.endMs), record);
  }
  const inFlightMax = inFlightPerBin(records, widthMs, count);
  const bins = drafts.map((draft, index): TimelineBin => {
    const { ttft, e2e, ...counted } = draft;
    return {
      startMs: index * widthMs,
      ...counted,
      inFlightMax: inFlightMax[index] ?? 0,
      ttft: binLatency(ttft),
      e2e: binLatency(e2e),
    };
  });
  return { widthMs, bins };
}

/** The narrowest nice width that cuts a run into at most `timelineBinsMax` bins. */
function niceWidth(durationMs: Ms): Ms {
  const widthMs = niceWidthsMs.find((candidateMs) => durationMs <= candidateMs * timelineBinsMax);
  return widthMs ?? Math.ceil(durationMs / timelineBinsMax / dayMs) * dayMs;
}

interface BinDraft {
  arrived: number;
  ended: Record<Outcome, number>;
  inputTokens: number;
  outputTokens: number;
  cost: NanoDollars;
  readonly ttft: LatencySketch;
  readonly e2e: LatencySketch;
}

function emptyDraft(): BinDraft {
  return {
    arrived: 0,
    ended: noneEnded(),
    inputTokens: 0,
    outputTokens: 0,
    cost: 0,
    ttft: new LatencySketch(),
    e2e: new LatencySketch(),
  };
}

/** Spelled out, so that the compiler knows when an outcome is added. */
function noneEnded(): Record<Outcome, number> {
  return {
    ok: 0,
    "rate-limited": 0,
    rejected: 0,
    "server-error": 0,
    timeout: 0,
    connection: 0,
    "cut-stream": 0,
    malformed: 0,
    aborted: 0,
    unfinished: 0,
  };
}

function noteArrival(draft: BinDraft, record: RequestRecord): void {
  draft.arrived++;
  if (!isOk(record)) return;
  draft.e2e.add(e2eMs(record));
  const firstMs = ttftMs(record);
  if (firstMs !== undefined) draft.ttft.add(firstMs);
}

function noteEnd(draft: BinDraft, record: RequestRecord): void {
  draft.ended[record.outcome]++;
  draft.inputTokens += record.inputTokens;
  draft.outputTokens += record.outputTokens;
  draft.cost = addMoney(draft.cost, record.cost);
}

function binLatency(sketch: LatencySketch): BinLatency | null {
  const p50Ms = sketch.quantile(0.5);
  const p95Ms = sketch.quantile(0.95);
  return p50Ms === undefined || p95Ms === undefined ? null : { count: sketch.count, p50Ms, p95Ms };
}

/** Walks through sends and ends in order of time; at one instant ends come first. */
function inFlightPerBin(records: readonly RequestRecord[], widthMs: Ms, count: number): Uint32Array {
  const sentMs = Float64Array.from(records, (record) => record.sentMs).sort();
  const endMs = Float64Array.from(records, (record) => record.endMs).sort();
  const most = new Uint32Array(count);
  let sent = 0;
  let ended = 0;
  for (let bin = 0; bin < count; bin++) {
    const binEndMs = bin === count - 1 ? Number.POSITIVE_INFINITY : (bin + 1) * widthMs;
    most[bin] = sent - ended;
    for (;;) {
      const nextSentMs = sentMs[sent] ?? Number.POSITIVE_INFINITY;
      const nextEndMs = endMs[ended] ?? Number.POSITIVE_INFINITY;
      if (Math.min(nextSentMs, nextEndMs) >= binEndMs) break;
      if (nextEndMs <= nextSentMs && ended < sent) ended++;
      else sent++;
      most[bin] = Math.max(most[bin] ?? 0, sent - ended);
    }
  }
  return most;
}
