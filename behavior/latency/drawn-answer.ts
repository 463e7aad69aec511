/**
 * An answer as it was drawn: when its events are due, and which of them keeps its client waiting longest. One object, made for
 * every call that is served; what can be worked out of its two times is not kept.
 *
 * Event i is due at TTFT + gap · (i + σ cos 2πuᵢ), where uᵢ is a uniform number addressed by i (`model.ts` says why); the first
 * and the last event stay in place. A simulation passes hundreds of events of an answer on and keeps of them no more than the
 * widest gap, so that is found without asking for every instant: a gap is as wide as the difference of two cosines, and a table
 * tells each of them to within `tableError`. Only where that does not decide between two gaps are they worked out.
 */
import { cos } from "../../core/elementary.ts";
import { bitsAt, uniformAt } from "../../core/random.ts";
import type { Ms } from "../../core/time.ts";
import type { EventGaps, ResponsePlan } from "../provider.ts";

const tableBits = 10;
const tableSize = 2 ** tableBits;

/** Cosines of 2πu in the middle of each part of 0 <= u < 1. */
const cosines: Float64Array = Float64Array.from({ length: tableSize }, (_, part) =>
  cos((2 * Math.PI * (part + 0.5)) / tableSize),
);

/** The slope of cos 2πu is at most 2π, and u is at most half a part from the middle of its own. */
const tableError = Math.PI / tableSize;

/** An instant that has been through an addition or two. */
const roundingMs: Ms = 1e-6;

export interface DrawnAnswerOptions {
  /** Of the first event, from admission, and from there to the last one. */
  readonly ttftMs: Ms;
  readonly spanMs: Ms;
  readonly chunks: number;
  /** Variation of the gaps, 0..0.5. */
  readonly sigma: number;
  readonly jitterKey: number;
  readonly outputTokens: number;
  readonly finish: ResponsePlan["finish"];
}

export class DrawnAnswer implements ResponsePlan, EventGaps {
  readonly ttftMs: Ms;
  readonly chunks: number;
  readonly outputTokens: number;
  readonly finish: ResponsePlan["finish"];
  readonly #spanMs: Ms;
  readonly #sigma: number;
  readonly #jitterKey: number;

  constructor({ ttftMs, spanMs, chunks, sigma, jitterKey, outputTokens, finish }: DrawnAnswerOptions) {
    this.ttftMs = ttftMs;
    this.chunks = chunks;
    this.outputTokens = outputTokens;
    this.finish = finish;
    this.#spanMs = spanMs;
    this.#sigma = sigma;
    this.#jitterKey = jitterKey | 0; // as it is used; a small whole number needs no room of its own
  }

  get totalMs(): Ms {
    return this.ttftMs + this.#spanMs;
  }

  get gaps(): EventGaps {
    return this;
  }

  /** No gap is narrower. */
  get gapMinMs(): Ms {
    const gapMs = this.#gapMs;
    return gapMs - 2 * this.#sigma * gapMs;
  }

  /** From admission. */
  chunkAtMs(index: number): Ms {
    if (index <= 0) return this.ttftMs;
    if (index >= this.chunks - 1) return this.totalMs;
    const gapMs = this.#gapMs;
    const turn = 2 * Math.PI * uniformAt(this.#jitterKey, index);
    return this.ttftMs + index * gapMs + this.#sigma * gapMs * cos(turn);
  }

  earliestMs(index: number): Ms {
    const gapMs = this.#gapMs;
    return this.ttftMs + index * gapMs - this.#sigma * gapMs - roundingMs;
  }

  /** Of the events `from` to `to`, 1 <= from <= to, the one that comes longest after the one before it. */
  widest(from: number, to: number): number {
    const last = this.chunks - 1;
    const key = this.#jitterKey;
    let before = from === 1 ? 0 : roughCosine(key, from - 1);
    let widest = from;
    let width = Number.NEGATIVE_INFINITY;
    for (let index = from; index <= to; index++) {
      const cosine = index >= last ? 0 : roughCosine(key, index);
      const difference = cosine - before;
      before = cosine;
      if (difference < width - 4 * tableError) continue;
      if (difference < width + 4 * tableError && this.#width(index) <= this.#width(widest)) continue;
      widest = index;
      width = difference;
    }
    return widest;
  }

  /** The mean gap; 0 where there is none. */
  get #gapMs(): Ms {
    return this.chunks <= 1 ? 0 : this.#spanMs / (this.chunks - 1);
  }

  /** Of the gap before an event, in gaps, less 1, over σ. */
  #width(index: number): number {
    return this.#displacement(index) - this.#displacement(index - 1);
  }

  #displacement(index: number): number {
    return index <= 0 || index >= this.chunks - 1 ? 0 : cos(2 * Math.PI * uniformAt(this.#jitterKey, index));
  }
}

/** The displacement of an event, over σ, to within `tableError`. */
function roughCosine(key: number, index: number): number {
  return cosines[bitsAt(key, index) >>> (32 - tableBits)] ?? 0;
}
