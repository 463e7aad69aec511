/**
 * At most so much in any stretch of time of one length: a limit taken at its word.
 *
 * Published limits refill continuously (token-bucket.ts), so a client that waits for each answer may never meet one of a few
 * calls. What a person gives to a single key, such as `3 requests in 5 s`, is meant literally: whatever was spent counts
 * until it is one period old. Remembers each spending of the last period, hence only for small amounts.
 */
import { invariant } from "../../core/invariant.ts";
import type { Ms } from "../../core/time.ts";

interface Spending {
  readonly atMs: Ms;
  readonly cost: number;
}

export class RollingWindow {
  #amount: number;
  readonly #perMs: Ms;
  /** Oldest first. */
  #spendings: Spending[] = [];
  #lastMs: Ms = Number.NEGATIVE_INFINITY;

  /** `amount`: whole, at least 1. */
  constructor(amount: number, perMs: Ms) {
    invariant(Number.isSafeInteger(amount) && amount > 0, `a window's amount is a whole number above 0, not ${amount}`);
    invariant(perMs > 0 && Number.isFinite(perMs), `a window's period is above 0 ms, not ${perMs}`);
    this.#amount = amount;
    this.#perMs = perMs;
  }

  /** What was spent within the last period; something spent exactly one period ago no longer counts. */
  used(nowMs: Ms): number {
    const sum = this.#spendings.reduce(
      (total, { atMs, cost }) => (nowMs - atMs < this.#perMs ? total + cost : total),
      0,
    );
    return Math.max(0, sum);
  }

  /** Spends `cost`, a whole number that fits. */
  spend(nowMs: Ms, cost: number): void {
    invariant(nowMs >= this.#lastMs, "time never goes backwards at a window");
    this.#lastMs = nowMs;
    this.#spendings = this.#spendings.filter(({ atMs }) => nowMs - atMs < this.#perMs);
    if (cost !== 0) this.#spendings.push({ atMs: nowMs, cost });
  }

  /** Corrects what was spent before; the correction counts for one period from now. */
  correct(nowMs: Ms, by: number): void {
    this.spend(nowMs, by);
  }

  /** Spends `cost`, or what is left if that is less. */
  take(nowMs: Ms, cost: number): void {
    this.spend(nowMs, Math.min(cost, Math.max(0, this.#amount - this.used(nowMs))));
  }

  /** Another amount from now on. What was spent stays spent. */
  resize(_nowMs: Ms, amount: number): void {
    this.#amount = amount;
  }

  /** Whole milliseconds until `cost` fits if nothing else is spent; 0 when it fits now. `cost` is at most the amount. */
  msUntilFits(nowMs: Ms, cost: number): Ms {
    return this.#msUntilUsed(nowMs, Math.max(0, this.#amount - cost));
  }

  /** Whole milliseconds until nothing counts any more if nothing else is spent. */
  msUntilWhole(nowMs: Ms): Ms {
    return this.#msUntilUsed(nowMs, 0);
  }

  /** The first expiry after which no more than `target` counts, rounded up until the very comparison that admits agrees. */
  #msUntilUsed(nowMs: Ms, target: number): Ms {
    if (this.used(nowMs) <= target) return 0;
    for (const { atMs } of this.#spendings) {
      let waitMs = Math.max(1, Math.ceil(atMs + this.#perMs - nowMs));
      while (nowMs + waitMs - atMs < this.#perMs) waitMs += 1;
      if (this.used(nowMs + waitMs) <= target) return waitMs;
    }
    return Math.ceil(this.#perMs);
  }
}
