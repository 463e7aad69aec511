/**
 * Latency sketches: percentiles of any number of samples in bounded memory, that can be merged without loss.
 *
 * DDSketch (Masson, Rim and Lee, VLDB 2019): counts in bins whose borders grow by a constant factor, so every quantile is
 * within `sketchAccuracy` of the true one, relatively, whether it is 2 ms or 2 minutes. Merging adds counts up, so shards,
 * bins of time and workers can be folded in any order. Why this library: docs/adr/0005-latency-sketches.md.
 */
import { DDSketch } from "@datadog/sketches-js";
import { invariant, InvariantError } from "./invariant.ts";
import type { Ms } from "./time.ts";

/** Relative error of any quantile, as a fraction. */
export const sketchAccuracy = 0.005;

/** A sketch as it is stored: the counts of its bins, by bin key. */
export interface LatencySketchJson {
  readonly accuracy: number;
  readonly count: number;
  readonly sumMs: number;
  /** null when there is no sample. */
  readonly minMs: Ms | null;
  readonly maxMs: Ms | null;
  /** Samples too small for any bin, zero above all. */
  readonly zeros: number;
  /** Pairs of bin key and count, by ascending key. */
  readonly bins: readonly (readonly [number, number])[];
}

export class LatencySketch {
  readonly #sketch: DDSketch = new DDSketch({ relativeAccuracy: sketchAccuracy });

  static fromJSON(json: LatencySketchJson): LatencySketch {
    invariant(
      json.accuracy === sketchAccuracy,
      `sketch of accuracy ${json.accuracy}; this Squall reads ${sketchAccuracy}`,
    );
    const restored = new LatencySketch();
    const sketch = restored.#sketch;
    for (const [key, count] of json.bins) sketch.accept(sketch.mapping.value(key), count);
    if (json.zeros > 0) sketch.accept(0, json.zeros);
    sketch.sum = json.sumMs;
    sketch.min = json.minMs ?? Number.POSITIVE_INFINITY;
    sketch.max = json.maxMs ?? Number.NEGATIVE_INFINITY;
    return restored;
  }

  get count(): number {
    return this.#sketch.count;
  }

  /** Exact, but for rounding; undefined when empty. */
  get meanMs(): Ms | undefined {
    return this.count === 0 ? undefined : this.#sketch.sum / this.count;
  }

  add(latencyMs: Ms): void {
    if (!(latencyMs >= 0 && latencyMs < Number.POSITIVE_INFINITY)) {
      throw new InvariantError(`a latency is finite and not negative: ${latencyMs}`);
    }
    this.#sketch.accept(latencyMs);
  }

  /** Quantile q in [0, 1]; undefined when empty. The ends are the exact smallest and largest sample. */
  quantile(q: number): Ms | undefined {
    invariant(q >= 0 && q <= 1, `a quantile is between 0 and 1: ${q}`);
    if (this.count === 0) return undefined;
    const { min, max } = this.#sketch;
    if (q === 0) return min;
    if (q === 1) return max;
    return Math.min(max, Math.max(min, this.#sketch.getValueAtQuantile(q)));
  }

  /** Adds the samples of another sketch to this one. */
  merge(other: LatencySketch): void {
    this.#sketch.merge(other.#sketch);
  }

  toJSON(): LatencySketchJson {
    const { count, sum, min, max, zeroCount, store } = this.#sketch;
    const bins = store.bins.flatMap((weight, index): [number, number][] =>
      weight > 0 ? [[index + store.offset, weight]] : [],
    );
    const empty = count === 0;
    return {
      accuracy: sketchAccuracy,
      count,
      sumMs: sum,
      minMs: empty ? null : min,
      maxMs: empty ? null : max,
      zeros: zeroCount,
      bins,
    };
  }
}
