/**
 * The waits for a first token that were seen last, and their quantile: when a second call is worth making.
 *
 * Only the newest 256 count. The quantile is worked out anew after every 16th, and is unknown before the 32nd: a guess from
 * a handful would send second calls by the dozen.
 */
import type { Ms } from "../../core/time.ts";

const kept = 256;
const sortEvery = 16;
const neededFirst = 32;

export class WaitWindow {
  readonly #quantile: number;
  readonly #waitsMs = new Float64Array(kept);
  #seen = 0;
  #quantileMs: Ms | undefined;

  constructor(quantile: number) {
    this.#quantile = quantile;
  }

  add(waitMs: Ms): void {
    this.#waitsMs[this.#seen % kept] = waitMs;
    this.#seen += 1;
    if (this.#seen < neededFirst || this.#seen % sortEvery !== 0) return;
    const sorted = this.#waitsMs.slice(0, Math.min(this.#seen, kept)).sort();
    this.#quantileMs = sorted[Math.min(sorted.length - 1, Math.floor(this.#quantile * sorted.length))];
  }

  /** Undefined while too little is known. */
  get quantileMs(): Ms | undefined {
    return this.#quantileMs;
  }
}
