/**
 * The chunks of many streams as one flow of work on an event loop.
 *
 * A gateway that is behind reads several chunks of a stream at once, so the work that chunks bring falls as the wait grows.
 * Let λ chunks come per millisecond on n streams, so that a stream's chunks are g = n / λ apart, and let W be how long a
 * piece of work that comes now would wait. A read waits W too, and takes along what has come in the meantime: W / g
 * chunks, rounded down because gaps are fairly even, which is W / g - 1/2 on average. So
 *
 *     a read takes k(W) = 1 + max(0, W / g - 1/2) chunks and costs busy + (k - 1) further,
 *     the work per millisecond is b(W) = λ (busy + (k - 1) further) / k, and
 *     dW / dt = b(W) - 1 as long as anything waits.
 *
 * b falls as W grows, so W tends to the one wait at which b = 1 (none when λ busy <= 1, no end when λ further >= 1).
 *
 * Where nothing waits, reads come as if by chance and take a share b0 of the event loop. It is cold for the next one when it
 * is idle and has been so for `warm`: p = (1 - b0) e^(-λ warm) of the time. So b0 = λ (busy + p (idle - busy)), which is
 * solved for b0 below.
 *
 * W is followed from event to event by the midpoint rule, exact where b is constant, and never past the wait that it tends
 * to, however long the step.
 */
import { exp } from "../core/elementary.ts";
import type { Ms } from "../core/time.ts";

/** Variation (standard deviation / mean) of the gaps in a stream: `gapSigma` of most latency profiles. */
const gapVariation = 0.3;
/** By how much the chunks that have come during a wait fall short of W / g. */
const missed = (1 - gapVariation * gapVariation) / 2;

/** CPU of one read of a stream. */
export interface ReadCost {
  /** When it finds the event loop idle, and when it finds it at work or idle for less than `warmMs`. */
  readonly idleMs: Ms;
  readonly busyMs: Ms;
  readonly warmMs: Ms;
  /** For each further chunk that is read along. */
  readonly furtherMs: Ms;
}

export class ChunkFlow {
  #cost: ReadCost = { idleMs: 0, busyMs: 0, warmMs: 0, furtherMs: 0 };
  #streams = 0;
  #chunksPerMs = 0;
  #workMs: Ms = 0;
  /** They change with the streams only. */
  #restShare = 0;
  #coldShare = 1;
  #settledMs: Ms = 0;

  /** Work that it has brought so far. */
  get workMs(): Ms {
    return this.#workMs;
  }

  /** Whether there is any stream. */
  get flows(): boolean {
    return this.#streams > 0;
  }

  /** A stream begins (1) or ends (-1) that brings so many chunks per millisecond. */
  change(streams: 1 | -1, chunksPerMs: number, cost: ReadCost): void {
    this.#streams += streams;
    this.#chunksPerMs = this.#streams === 0 ? 0 : this.#chunksPerMs + streams * chunksPerMs;
    this.#cost = cost;
    const pausesShare = exp(-this.#chunksPerMs * cost.warmMs);
    this.#restShare = restShare(this.#chunksPerMs, pausesShare, cost);
    this.#coldShare = (1 - this.#restShare) * pausesShare;
    this.#settledMs = this.#waitAtRest();
  }

  /** Share of the time in which nothing waits that the event loop is cold for whoever comes. */
  get coldShare(): number {
    return this.#coldShare;
  }

  /** The wait now, when it was `waitMs` that long ago and nothing but chunks has come since. There is a stream. */
  waitAfter(waitMs: Ms, passedMs: Ms): Ms {
    const settledMs = this.#settledMs;
    if (waitMs === 0 && settledMs === 0) {
      this.#workMs += this.#restShare * passedMs;
      return 0;
    }
    const halfwayMs = towards(waitMs + ((this.#share(waitMs) - 1) * passedMs) / 2, waitMs, settledMs);
    const slope = this.#share(halfwayMs) - 1;
    const settles = halfwayMs === settledMs && settledMs > 0;
    const afterMs = settles ? settledMs : towards(waitMs + slope * passedMs, waitMs, settledMs);
    const busyMs = afterMs > 0 ? passedMs : Math.min(passedMs, slope < 0 ? -waitMs / slope : 0);
    this.#workMs += afterMs - waitMs + busyMs + this.#restShare * (passedMs - busyMs);
    return afterMs;
  }

  /** Work per millisecond while a read waits so long. */
  #share(waitMs: Ms): number {
    const { busyMs, furtherMs } = this.#cost;
    const further = Math.max(0, (waitMs * this.#chunksPerMs) / this.#streams - missed);
    return (this.#chunksPerMs * (busyMs + further * furtherMs)) / (1 + further);
  }

  /** The wait at which as much work comes as is done. */
  #waitAtRest(): Ms {
    const { busyMs, furtherMs } = this.#cost;
    const chunksPerMs = this.#chunksPerMs;
    if (chunksPerMs * busyMs <= 1) return 0;
    if (chunksPerMs * furtherMs >= 1) return Number.POSITIVE_INFINITY;
    const further = (chunksPerMs * busyMs - 1) / (1 - chunksPerMs * furtherMs);
    return ((further + missed) * this.#streams) / chunksPerMs;
  }
}

/** Work per millisecond while nothing waits. `pausesShare`: of the gaps between chunks, e^(-λ warm) are long enough to cool down. */
function restShare(chunksPerMs: number, pausesShare: number, { idleMs, busyMs }: ReadCost): number {
  const wakingMs = chunksPerMs * (idleMs - busyMs) * pausesShare;
  return Math.min(1, (chunksPerMs * busyMs + wakingMs) / (1 + wakingMs));
}

/** `value`, which lies in the direction of `to` as seen from `from`, but not beyond it. */
function towards(value: number, from: number, to: number): number {
  return from < to ? Math.min(value, to) : Math.max(value, to);
}
