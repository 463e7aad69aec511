/**
 * A continuously refilled bucket, kept exact.
 *
 * The state is what was spent since the bucket was last whole, not the level: a sum of whole numbers, from which the refill,
 * elapsed · amount / perMs, is taken afresh each time. So one rounding stands between the state and every answer, however
 * many calls came before. (A level that is added to and taken from drifts: each call leaves its rounding behind.) A billion
 * tokens per minute, used without a pause for a year, are off by less than a token.
 *
 *     used(now) = max(0, spent − (now − sinceMs) · amount / perMs)
 *
 * The whole limit may be used in one burst, unless `burst` says less: then the limit is enforced in slices, at the same
 * rate. A cost larger than the slice is let through when the slice is whole, and leaves a debt that later calls wait for,
 * so that a sliced limit still serves every request that the published limit allows.
 */
import { invariant } from "../../core/invariant.ts";
import type { Ms } from "../../core/time.ts";

export interface TokenBucketOptions {
  /** Whole; refilled at amount / perMs. */
  readonly amount: number;
  readonly perMs: Ms;
  /** How much may be used at once, 0 < burst <= amount; fractions allowed. */
  readonly burst: number;
}

export class TokenBucket {
  readonly #perMs: Ms;
  #amount: number;
  #burst: number;
  #sinceMs: Ms = 0;
  #spent = 0;
  #lastMs: Ms = Number.NEGATIVE_INFINITY;

  constructor(options: TokenBucketOptions) {
    const { amount, perMs, burst } = options;
    invariant(
      Number.isSafeInteger(amount) && amount > 0,
      `bucket amount must be a whole number above 0, got ${amount}`,
    );
    invariant(perMs > 0 && Number.isFinite(perMs), `bucket period must be above 0 ms, got ${perMs}`);
    invariant(burst > 0 && burst <= amount, `bucket burst must be above 0 and at most ${amount}, got ${burst}`);
    this.#amount = amount;
    this.#perMs = perMs;
    this.#burst = burst;
  }

  /** What is in use now: 0 when whole, `amount` when empty. */
  used(nowMs: Ms): number {
    return Math.max(0, this.#spent - ((nowMs - this.#sinceMs) * this.#amount) / this.#perMs);
  }

  /** Spends `cost`, a whole number of at most `amount` that fits. */
  spend(nowMs: Ms, cost: number): void {
    this.#advance(nowMs);
    this.#spent += cost;
  }

  /** Corrects what was spent before: upwards it may leave a debt, downwards never more than a whole bucket. */
  correct(nowMs: Ms, by: number): void {
    this.#advance(nowMs);
    this.#spent += by;
  }

  /** Takes `cost`, or what is left if that is less: it delays what comes next, and builds up no debt. */
  take(nowMs: Ms, cost: number): void {
    this.#advance(nowMs);
    const used = this.used(nowMs);
    if (used + cost <= this.#burst) {
      this.#spent += cost;
    } else if (used < this.#burst) {
      this.#sinceMs = nowMs;
      this.#spent = this.#burst;
    }
  }

  /** Another amount from now on, and slices in proportion. What is in use stays so, but a smaller bucket is at most empty. */
  resize(nowMs: Ms, amount: number): void {
    this.#advance(nowMs);
    const used = this.used(nowMs);
    const debt = Math.max(0, used - this.#amount);
    this.#burst = this.#burst === this.#amount ? amount : (this.#burst * amount) / this.#amount;
    this.#amount = amount;
    this.#sinceMs = nowMs;
    this.#spent = Math.min(used - debt, amount) + debt;
  }

  /** Whole milliseconds until `cost` fits if nothing else is spent; 0 when it fits now. `cost` is at most `amount`. */
  msUntilFits(nowMs: Ms, cost: number): Ms {
    return this.#msUntilUsed(nowMs, Math.max(0, this.#burst - cost));
  }

  /** Whole milliseconds until the bucket is whole if nothing else is spent. */
  msUntilWhole(nowMs: Ms): Ms {
    return this.#msUntilUsed(nowMs, 0);
  }

  /**
   * From the instant at which it will be so, rounded up, then checked against the very comparison that will admit: the answer
   * is true, not nearly true.
   */
  #msUntilUsed(nowMs: Ms, target: number): Ms {
    if (this.used(nowMs) <= target) return 0;
    const thenMs = this.#sinceMs + ((this.#spent - target) * this.#perMs) / this.#amount;
    let waitMs = Math.max(1, Math.ceil(thenMs - nowMs));
    while (this.used(nowMs + waitMs) > target) waitMs += 1;
    return waitMs;
  }

  /** Starts the count afresh whenever the bucket is whole. */
  #advance(nowMs: Ms): void {
    invariant(nowMs >= this.#lastMs, "time never goes backwards at a bucket");
    this.#lastMs = nowMs;
    if (this.used(nowMs) > 0) return;
    this.#sinceMs = nowMs;
    this.#spent = 0;
  }
}
