/**
 * The windows over which the Knative autoscaler averages a metric.
 *
 * Port of `TimedFloat64Buckets` and `WeightedFloat64Buckets` in `pkg/autoscaler/aggregation/bucketing.go` (Knative
 * Serving v0.50): a ring of buckets of `granularityMs`, each holding the sum of what was recorded in it. The average
 * divides by the buckets between the first and the last write, so that a young window is not diluted. Additions and
 * subtractions happen in the original's order, so linear averages are the original's bit for bit; the weighted one takes
 * its powers from exp and log or repeated products, and may differ in the last bits.
 */
import { exp, ln } from "../../../core/elementary.ts";
import { invariant } from "../../../core/invariant.ts";
import { type Ms, secondMs } from "../../../core/time.ts";

/** `minExponent` and `weightPrecision`: the least decay, and the share of all weight that a full window must hold. */
const decayMin = 0.2;
const weightOutside = 1e-4;

/** `time.Truncate` counts from year 1, indices count from 1970; the instants here are Unix time. */
const yearOneMs = -62_135_596_800 * secondMs;

export interface MetricWindowOptions {
  readonly windowMs: Ms;
  /** Whole seconds. */
  readonly granularityMs: Ms;
  /** Linear: every bucket counts the same. Exponential: the newest counts most. */
  readonly weighting: "linear" | "exponential";
}

/** Instants are Unix time, so that buckets fall on upstream's borders. */
export class MetricWindow {
  readonly #options: MetricWindowOptions;
  readonly #buckets: Float64Array;
  readonly #decay: number;
  #firstMs: Ms = 0;
  /** Undefined until something is recorded. */
  #lastMs: Ms | undefined;
  #total = 0;

  constructor(options: MetricWindowOptions) {
    const { granularityMs, windowMs } = options;
    invariant(windowMs > 0, `a window must be longer than 0 ms, got ${windowMs}`);
    invariant(granularityMs > 0 && granularityMs % secondMs === 0, `buckets of whole seconds, got ${granularityMs} ms`);
    this.#options = options;
    this.#buckets = new Float64Array(Math.ceil(windowMs / granularityMs));
    this.#decay = Math.max(decayMin, 1 - exp(ln(weightOutside) / this.#buckets.length));
  }

  /** Adds to the bucket of that instant; an instant more than a window before the latest is ignored. */
  record(nowMs: Ms, value: number): void {
    const bucketMs = this.#truncated(nowMs);
    const index = this.#index(nowMs);
    if (this.#lastMs === undefined) {
      this.#startAt(bucketMs);
    } else if (bucketMs !== this.#lastMs) {
      if (bucketMs + this.#options.windowMs <= this.#lastMs) return;
      this.#firstMs = Math.min(this.#firstMs, bucketMs);
      if (bucketMs > this.#lastMs) this.#advance(this.#lastMs, bucketMs, index);
    }
    this.#buckets[index % this.#buckets.length] = this.#bucket(index) + value;
    this.#total += value;
  }

  /** Nothing was recorded within the window. */
  isEmpty(nowMs: Ms): boolean {
    return this.#lastMs === undefined || this.#truncated(nowMs) - this.#lastMs > this.#options.windowMs;
  }

  /** 0 when nothing was recorded within the window. */
  average(nowMs: Ms): number {
    if (this.#lastMs === undefined) return 0;
    const now = this.#truncated(nowMs);
    return this.#options.weighting === "linear" ? this.#linear(now, this.#lastMs) : this.#weighted(now, this.#lastMs);
  }

  #linear(now: Ms, lastMs: Ms): number {
    if (now - lastMs >= this.#options.windowMs) return 0;
    const written = Math.trunc((lastMs - this.#firstMs) / this.#options.granularityMs) + 1;
    if (now <= lastMs) return sixDigits(this.#total / Math.min(written, this.#buckets.length));
    const last = this.#index(lastMs);
    const end = this.#index(now);
    let total = this.#total;
    for (let index = last + 1; index <= end; index += 1) total -= this.#bucket(index);
    return sixDigits(total / Math.min(written, this.#buckets.length - (end - last)));
  }

  #weighted(now: Ms, lastMs: Ms): number {
    if (now - lastMs > this.#options.windowMs) return 0;
    const idle = Math.max(0, Math.trunc((now - lastMs) / this.#options.granularityMs));
    let weight = this.#decay;
    for (let step = 0; step < idle; step += 1) weight *= 1 - this.#decay;
    const last = this.#index(lastMs) + this.#buckets.length;
    let average = 0;
    for (let age = 0; age < this.#buckets.length - idle; age += 1) {
      average += this.#bucket(last - age) * weight;
      weight *= 1 - this.#decay;
    }
    return average;
  }

  /** Moves to a later bucket: those in between held nothing; after a whole window of silence everything is new. */
  #advance(lastMs: Ms, bucketMs: Ms, index: number): void {
    if (bucketMs - lastMs >= this.#options.windowMs) {
      this.#startAt(bucketMs);
      return;
    }
    for (let skipped = this.#index(lastMs) + 1; skipped <= index; skipped += 1) {
      this.#total -= this.#bucket(skipped);
      this.#buckets[skipped % this.#buckets.length] = 0;
    }
    this.#lastMs = bucketMs;
  }

  #startAt(bucketMs: Ms): void {
    this.#firstMs = bucketMs;
    this.#lastMs = bucketMs;
    this.#buckets.fill(0);
    this.#total = 0;
  }

  #truncated(instantMs: Ms): Ms {
    const { granularityMs } = this.#options;
    return Math.floor((instantMs - yearOneMs) / granularityMs) * granularityMs + yearOneMs;
  }

  #index(instantMs: Ms): number {
    return Math.trunc(Math.floor(instantMs / secondMs) / (this.#options.granularityMs / secondMs));
  }

  #bucket(index: number): number {
    return this.#buckets[index % this.#buckets.length] ?? 0;
  }
}

/** `roundToNDigits(6, x)`: half away from zero. */
function sixDigits(value: number): number {
  return (Math.sign(value) * roundHalfUp(Math.abs(value) * 1e6)) / 1e6;
}

/** `math.Round` of a value that is not negative; exact where `floor(x + 0.5)` is not. */
function roundHalfUp(value: number): number {
  const floor = Math.floor(value);
  return value - floor >= 0.5 ? floor + 1 : floor;
}
