/**
 * How the chunks of a stream pass through the gateway.
 *
 * The first chunk costs its CPU and then waits `firstChunkDelayMs`; what comes meanwhile is held behind it and passes
 * together when it is released. The last chunk passes with the end of the answer.
 *
 * Each chunk on its own would be the bulk of all events. So by default (`flow`) the first one, those held behind it, and
 * the last one are pieces of work, and those between are background load on the event loop while the stream lasts: at
 * most six events a request, however long its answer. Waits of the chunks between are interpolated, which only the largest
 * gap can tell. With `each` every chunk is a piece of work. What the gateway adds to latency comes out the same within 5 %,
 * from an idle to an overloaded event loop (test/simulator/stream-passage.test.ts). Where passing a chunk costs nothing,
 * no chunk causes an event.
 */
import { invariant } from "../core/invariant.ts";
import type { Ms } from "../core/time.ts";
import type { Journey } from "./journey.ts";

/** How the CPU for the chunks of a stream is served: for each one in turn, or as one even flow. */
export type ChunkWork = "each" | "flow";

export interface StreamPassageOptions {
  readonly chunkCpuMs: Ms;
  readonly firstChunkDelayMs: Ms;
  readonly networkMs: Ms;
  readonly chunks: ChunkWork;
}

export class StreamPassage {
  readonly #options: StreamPassageOptions;
  readonly #isFree: boolean;

  constructor(options: StreamPassageOptions) {
    this.#options = options;
    this.#isFree = options.chunkCpuMs === 0 && options.firstChunkDelayMs === 0;
  }

  /** Whether the next chunk is a piece of work on its own; otherwise the next step is the end of the stream. */
  nextStandsAlone(journey: Journey): boolean {
    const { chunksPassed, releaseMs } = journey;
    const toCome = chunksToCome(journey);
    if (this.#isFree || toCome === 0) return false;
    if (chunksPassed === 0) return true;
    if (chunksPassed >= toCome - 1) return false;
    return this.#options.chunks === "each" || chunkDueMs(journey, chunksPassed) <= releaseMs;
  }

  /** When the next chunk is there and may pass. */
  nextMs(journey: Journey): Ms {
    return Math.max(chunkDueMs(journey, journey.chunksPassed), journey.releaseMs);
  }

  /** When the last chunk is there and may pass. */
  endMs(journey: Journey): Ms {
    return Math.max(chunkDueMs(journey, chunksToCome(journey) - 1), journey.releaseMs);
  }

  /** Passes the first chunk, or all that have come by now, short of the last one. */
  pass(journey: Journey, nowMs: Ms): void {
    const { chunkCpuMs, firstChunkDelayMs, networkMs } = this.#options;
    const from = journey.chunksPassed;
    const beforeLast = chunksToCome(journey) - 1;
    let to = from + 1;
    while (from > 0 && to < beforeLast && chunkDueMs(journey, to) <= nowMs) to++;
    const workMs = (to - from) * chunkCpuMs;
    const startMs = journey.start.replica.cpu.offer(nowMs, workMs) - workMs;
    journey.chunksPassed = to;
    if (from === 0) {
      journey.firstChunkMs = nowMs;
      journey.firstWaitMs = startMs - nowMs;
      journey.releaseMs = startMs + workMs + firstChunkDelayMs;
      journey.seesChunk(journey.releaseMs + networkMs);
    } else {
      for (let passed = 1; passed <= to - from; passed++) journey.seesChunk(startMs + passed * chunkCpuMs + networkMs);
    }
  }

  /** Spreads the work for the chunks before the last one evenly from now to the end of the stream. */
  startFlow(journey: Journey, nowMs: Ms, endMs: Ms): void {
    const chunks = chunksToCome(journey) - 1 - journey.chunksPassed;
    if (chunks <= 0 || this.#options.chunkCpuMs === 0) return;
    journey.flow = (chunks * this.#options.chunkCpuMs) / (endMs - nowMs);
    journey.start.replica.cpu.changeBackground(nowMs, journey.flow);
  }

  stopFlow(journey: Journey, nowMs: Ms): void {
    if (journey.flow === 0) return;
    journey.start.replica.cpu.changeBackground(nowMs, -journey.flow);
    journey.flow = 0;
  }

  /** Passes the last chunk, and before it those that flowed: their waits lie between those of the first and the last. */
  passLast(journey: Journey, nowMs: Ms): void {
    this.stopFlow(journey, nowMs);
    const toCome = chunksToCome(journey);
    if (journey.chunksPassed >= toCome) return;
    const { chunkCpuMs, networkMs } = this.#options;
    const { firstChunkMs, firstWaitMs } = journey;
    const { cpu } = journey.start.replica;
    const lastWaitMs = chunkCpuMs === 0 ? 0 : cpu.offer(nowMs, chunkCpuMs) - chunkCpuMs - nowMs;
    const growth = nowMs === firstChunkMs ? 0 : (lastWaitMs - firstWaitMs) / (nowMs - firstChunkMs);
    let passedMs = 0;
    for (let chunk = journey.chunksPassed; chunk < toCome; chunk++) {
      const comesMs = Math.max(chunkDueMs(journey, chunk), journey.releaseMs);
      const waitMs = chunk === toCome - 1 ? lastWaitMs : firstWaitMs + growth * (comesMs - firstChunkMs);
      passedMs = Math.max(passedMs, comesMs + waitMs) + chunkCpuMs;
      journey.seesChunk(passedMs + networkMs);
    }
    journey.chunksPassed = toCome;
  }

  /** Passes what has reached the client by now without an event of its own. */
  passSeen(journey: Journey, nowMs: Ms): void {
    if (journey.ticket === undefined || !journey.start.planned.stream) return;
    const toCome = chunksToCome(journey);
    const passageMs = journey.firstWaitMs + this.#options.chunkCpuMs + this.#options.networkMs;
    while (journey.chunksPassed < toCome) {
      const seenMs = this.nextMs(journey) + passageMs;
      if (seenMs > nowMs) return;
      journey.seesChunk(seenMs);
      journey.chunksPassed += 1;
    }
  }
}

/** Content events of the stream being served, fewer than planned when a fault breaks it off. */
function chunksToCome(journey: Journey): number {
  return journey.plan?.breakAfterChunks ?? journey.plan?.chunks ?? 0;
}

/** When a content event leaves the provider. Without any (-1): when the answer is done, or where the first would have broken. */
function chunkDueMs(journey: Journey, chunk: number): Ms {
  const { plan, begunMs } = journey;
  invariant(plan !== undefined, "chunks belong to a served call");
  if (chunk >= 0) return begunMs + plan.chunkAtMs(chunk);
  return begunMs + (plan.chunks === 0 ? plan.totalMs : plan.ttftMs);
}
