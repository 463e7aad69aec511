/**
 * How the chunks of a stream pass through the gateway.
 *
 * The first chunk is read when it comes and then held for `firstChunkDelayMs`. After that the gateway reads the stream
 * whenever there is something to read: a read waits for its turn on the event loop, takes along every chunk that has come
 * by then, and passes them on together. What is there when the last chunk has been read, the end, is served with it.
 *
 * Each read on its own would be the bulk of all events. So by default (`flow`) the first chunk, what is held with it, and
 * the last one are pieces of work, and those between flow (`chunk-flow.ts`): at most six events a request, however long its
 * answer. Waits of the reads between are interpolated, which the largest gap can tell. With `each` every read is a piece
 * of work. What the gateway adds to latency comes out the same within 5 %, from an idle to an overloaded event loop
 * (test/simulator/stream-passage.test.ts). Where passing a chunk costs nothing, no chunk causes an event.
 */
import { invariant } from "../core/invariant.ts";
import type { Ms } from "../core/time.ts";
import type { ReadCost } from "./chunk-flow.ts";
import type { Journey } from "./journey.ts";
import { evenWork } from "./station.ts";

/** How the CPU for the chunks of a stream is served: for each read in turn, or as one even flow. */
export type ChunkWork = "each" | "flow";

export interface StreamPassageOptions {
  readonly read: ReadCost;
  readonly firstChunkDelayMs: Ms;
  readonly networkMs: Ms;
  readonly chunks: ChunkWork;
}

/** A chunk that is read along with another one costs no read of its own. */
const noRead = evenWork(0);

export class StreamPassage {
  readonly #options: StreamPassageOptions;
  readonly #isFree: boolean;

  constructor(options: StreamPassageOptions) {
    this.#options = options;
    this.#isFree = options.read.idleMs === 0 && options.firstChunkDelayMs === 0;
  }

  /** Whether the next chunk is a piece of work on its own; otherwise the next step is the end of the stream. */
  nextStandsAlone(journey: Journey): boolean {
    const { chunksPassed } = journey;
    const toCome = chunksToCome(journey);
    if (this.#isFree || toCome === 0) return false;
    if (chunksPassed === 0) return true;
    return this.#options.chunks === "each" && chunksPassed < toCome - 1;
  }

  /** When the next chunk is there and may pass. */
  nextMs(journey: Journey): Ms {
    return Math.max(chunkDueMs(journey, journey.chunksPassed), journey.releaseMs);
  }

  /** When the last chunk is there and may pass. */
  endMs(journey: Journey): Ms {
    return Math.max(chunkDueMs(journey, chunksToCome(journey) - 1), journey.releaseMs);
  }

  /** Holds the first chunk, or reads all that will have come when it is the stream's turn. */
  pass(journey: Journey, nowMs: Ms): void {
    const { read, firstChunkDelayMs, networkMs } = this.#options;
    const { cpu } = journey.replica;
    if (firstChunkDelayMs > 0 && !journey.held) {
      journey.held = true;
      journey.releaseMs = cpu.offer(nowMs, read) + firstChunkDelayMs;
      return;
    }
    const from = journey.chunksPassed;
    const waitMs = cpu.waitMs(nowMs);
    // Of a plan that is revised, only what is there by now is known.
    const to = chunksBy(journey, journey.plan?.notBeforeMs === undefined ? nowMs + waitMs : nowMs);
    journey.readMs = cpu.offer(nowMs, read, (to - from - 1) * read.furtherMs);
    journey.chunksPassed = to;
    journey.seesChunks(to - from, journey.readMs + networkMs);
    if (from === 0) {
      journey.flowsFromMs = nowMs;
      journey.flowsWaitMs = waitMs;
    }
  }

  /** Lets the chunks before the last one flow, evenly from now to the end of the stream. */
  startFlow(journey: Journey, nowMs: Ms, endMs: Ms): void {
    const chunks = chunksToCome(journey) - 1 - journey.chunksPassed;
    if (chunks <= 0 || this.#isFree) return;
    journey.flow = chunks / (endMs - nowMs);
    journey.replica.cpu.changeFlow(nowMs, 1, journey.flow, this.#options.read);
  }

  stopFlow(journey: Journey, nowMs: Ms): void {
    if (journey.flow === 0) return;
    journey.replica.cpu.changeFlow(nowMs, -1, journey.flow, this.#options.read);
    journey.flow = 0;
  }

  /** Passes the last chunk, and before it those that flowed; answers when it has been read. Undefined: there is no chunk. */
  passLast(journey: Journey, nowMs: Ms): Ms | undefined {
    const { read, networkMs } = this.#options;
    const { cpu } = journey.replica;
    const toCome = chunksToCome(journey);
    this.stopFlow(journey, nowMs);
    if (toCome === 0) return undefined;
    const { chunksPassed } = journey;
    if (chunksPassed === toCome) return journey.readMs;
    this.#passFlowing(journey, nowMs, Number.POSITIVE_INFINITY);
    if (journey.chunksPassed < toCome) {
      journey.readMs = cpu.offer(nowMs, read);
      journey.chunksPassed = toCome;
      journey.seesChunks(1, journey.readMs + networkMs);
    } else {
      cpu.offer(nowMs, noRead, read.furtherMs); // it was read along with one before it
    }
    return journey.readMs;
  }

  /** Passes what has reached the client by now without an event of its own. */
  passSeen(journey: Journey, nowMs: Ms): void {
    if (journey.ticket === undefined || !journey.planned.stream) return;
    journey.plan?.notBeforeMs?.(0, nowMs - journey.begunMs);
    if (!this.nextStandsAlone(journey)) this.#passFlowing(journey, nowMs, nowMs);
  }

  /**
   * Passes chunks before the last one, and the last one if it is read along with one of them, as far as they reach the client
   * by `seenByMs`. Waits of their reads lie between that of the first read and that of one that came now.
   */
  #passFlowing(journey: Journey, nowMs: Ms, seenByMs: Ms): void {
    const { read, networkMs } = this.#options;
    const { flowsFromMs, flowsWaitMs } = journey;
    const growthMs = journey.replica.cpu.waitMs(nowMs) - flowsWaitMs;
    const growth = nowMs === flowsFromMs ? 0 : growthMs / (nowMs - flowsFromMs);
    while (journey.chunksPassed < chunksToCome(journey) - 1) {
      const from = journey.chunksPassed;
      const comesMs = this.nextMs(journey);
      const waitMs = flowsWaitMs + growth * (comesMs - flowsFromMs);
      const to = chunksBy(journey, comesMs + waitMs);
      const costMs = (waitMs > 0 ? read.busyMs : read.idleMs) + (to - from - 1) * read.furtherMs;
      const readMs = Math.max(journey.readMs, comesMs + waitMs) + costMs;
      if (readMs + networkMs > seenByMs) return;
      journey.readMs = readMs;
      journey.chunksPassed = to;
      journey.seesChunks(to - from, readMs + networkMs);
      if (seenByMs === Number.POSITIVE_INFINITY && this.#passAlone(journey, nowMs, growth)) return;
    }
  }

  /**
   * Passes all chunks before the last one, if each will be read by itself, on time, and seen: then the widest gap is all there is
   * to know of them. False, and nothing is passed, where a read may take several along or have to wait for the one before it.
   */
  #passAlone(journey: Journey, nowMs: Ms, growth: number): boolean {
    const { read, networkMs } = this.#options;
    const { chunksPassed: from, plan, flowsFromMs, flowsWaitMs, deadlineMs } = journey;
    const last = chunksToCome(journey) - 2;
    if (plan?.gaps === undefined || last <= from) return false;
    const { gapMinMs } = plan.gaps;
    const waitMaxMs = Math.max(flowsWaitMs, flowsWaitMs + growth * (nowMs - flowsFromMs));
    const costMaxMs = Math.max(read.busyMs, read.idleMs);
    if (gapMinMs <= waitMaxMs || gapMinMs * (1 + Math.min(0, growth)) <= costMaxMs) return false;
    const lastMs = this.#readAloneMs(journey, last, growth);
    if (lastMs + networkMs > deadlineMs) return false;
    const widest = plan.gaps.widest(from, last);
    const beforeMs = widest === from ? journey.readMs : this.#readAloneMs(journey, widest - 1, growth);
    const widestMs = widest === last ? lastMs : this.#readAloneMs(journey, widest, growth);
    journey.readMs = lastMs;
    journey.chunksPassed = last + 1;
    journey.seesApart(last + 1 - from, widestMs + networkMs - (beforeMs + networkMs), lastMs + networkMs);
    return true;
  }

  /** When a chunk has been read that is read by itself and on time. */
  #readAloneMs(journey: Journey, chunk: number, growth: number): Ms {
    const { read } = this.#options;
    const { flowsFromMs, flowsWaitMs } = journey;
    const comesMs = chunkDueMs(journey, chunk);
    const waitMs = flowsWaitMs + growth * (comesMs - flowsFromMs);
    return comesMs + waitMs + (waitMs > 0 ? read.busyMs : read.idleMs);
  }
}

/** Content events of the stream being served, fewer than planned when a fault breaks it off. */
export function chunksToCome(journey: Journey): number {
  return journey.plan?.broken?.afterChunks ?? journey.plan?.chunks ?? 0;
}

/** How many chunks have been read when all that have come by `atMs` are: at least one more than before. */
function chunksBy(journey: Journey, atMs: Ms): number {
  const toCome = chunksToCome(journey);
  let read = journey.chunksPassed + 1;
  while (read < toCome && comesBy(journey, read, atMs)) read++;
  return read;
}

function comesBy(journey: Journey, chunk: number, atMs: Ms): boolean {
  const { plan, begunMs } = journey;
  const mayCome = plan?.gaps === undefined || begunMs + plan.gaps.earliestMs(chunk) <= atMs;
  return mayCome && chunkDueMs(journey, chunk) <= atMs;
}

/** When a content event leaves the provider. Without any (-1): when the answer is done, or where the first would have broken. */
function chunkDueMs(journey: Journey, chunk: number): Ms {
  const { plan, begunMs } = journey;
  invariant(plan !== undefined, "chunks belong to a served call");
  if (chunk >= 0) return begunMs + plan.chunkAtMs(chunk);
  return begunMs + (plan.chunks === 0 ? plan.totalMs : plan.ttftMs);
}
