/**
 * A counter that is set back to nothing at the end of each period.
 *
 * A period begins with the first call after the one before has ended: from which instant a provider counts its minutes is not
 * published, and counted so a limit holds in the period that any burst begins. As with every fixed window, twice the limit can
 * pass within one period's length, around the instant at which the counter is set back.
 *
 * A period may be cut into slices that each allow their even share, so that the limit cannot be used up in one burst; what a slice
 * leaves unused is lost. Shares that are no whole numbers are rounded so that those of a period add up to the limit.
 */
import { invariant } from "../../core/invariant.ts";
import type { Ms } from "../../core/time.ts";

export interface FixedWindowOptions {
  /** Whole, above 0. */
  readonly amount: number;
  readonly perMs: Ms;
  /** At least 1; more than one only where each call costs 1, and no more than `amount`, so that every slice allows a call. */
  readonly slices: number;
}

export class FixedWindow {
  readonly #perMs: Ms;
  readonly #slicesMax: number;
  #amount: number;
  #slices: number;
  #startMs: Ms = Number.NEGATIVE_INFINITY;
  #used = 0;
  #slice = 0;
  #usedInSlice = 0;
  #lastMs: Ms = Number.NEGATIVE_INFINITY;

  constructor({ amount, perMs, slices }: FixedWindowOptions) {
    invariant(
      Number.isSafeInteger(amount) && amount > 0,
      `a window's amount must be a whole number above 0, got ${amount}`,
    );
    invariant(perMs > 0 && Number.isFinite(perMs), `a window's period must be above 0 ms, got ${perMs}`);
    invariant(
      Number.isSafeInteger(slices) && slices > 0 && slices <= amount,
      `a window's slices must be a whole number from 1 to ${amount}, got ${slices}`,
    );
    this.#amount = amount;
    this.#perMs = perMs;
    this.#slicesMax = slices;
    this.#slices = slices;
  }

  /** What was used in the period that is running. */
  used(nowMs: Ms): number {
    return this.#isRunning(nowMs) ? this.#used : 0;
  }

  /** Spends `cost`, a whole number that fits. */
  spend(nowMs: Ms, cost: number): void {
    invariant(nowMs >= this.#lastMs, "time never goes backwards at a window");
    invariant(cost === 1 || this.#slices === 1, "in a sliced window each call costs 1");
    this.#lastMs = nowMs;
    if (!this.#isRunning(nowMs)) {
      this.#startMs = nowMs;
      this.#used = 0;
      this.#usedInSlice = 0;
    }
    const slice = this.#sliceAt(nowMs);
    if (slice !== this.#slice) this.#usedInSlice = 0;
    this.#slice = slice;
    this.#used += cost;
    this.#usedInSlice += cost;
  }

  /** Another amount from now on, in as many slices as it has calls at most. What was used in this period stays used. */
  resize(_nowMs: Ms, amount: number): void {
    this.#amount = amount;
    this.#slices = Math.min(this.#slicesMax, amount);
  }

  /** Whole milliseconds until `cost` fits if nothing else is spent; 0 when it fits now. `cost` is at most `amount`. */
  msUntilFits(nowMs: Ms, cost: number): Ms {
    if (this.#fits(nowMs, cost)) return 0;
    const sliceEndMs = this.#startMs + ((this.#sliceAt(nowMs) + 1) * this.#perMs) / this.#slices;
    return msUntil(sliceEndMs - nowMs, (waitMs) => this.#fits(nowMs + waitMs, cost));
  }

  /** Whole milliseconds until nothing is used any more. */
  msUntilWhole(nowMs: Ms): Ms {
    if (this.used(nowMs) === 0) return 0;
    return msUntil(this.#startMs + this.#perMs - nowMs, (waitMs) => !this.#isRunning(nowMs + waitMs));
  }

  #isRunning(nowMs: Ms): boolean {
    return nowMs - this.#startMs < this.#perMs;
  }

  /** Of the running period. */
  #sliceAt(nowMs: Ms): number {
    return Math.floor(((nowMs - this.#startMs) * this.#slices) / this.#perMs);
  }

  #fits(nowMs: Ms, cost: number): boolean {
    if (!this.#isRunning(nowMs)) return cost <= this.#shareOf(0);
    const slice = this.#sliceAt(nowMs);
    const used = slice === this.#slice ? this.#usedInSlice : 0;
    return used + cost <= this.#shareOf(slice);
  }

  #shareOf(slice: number): number {
    const through = (count: number): number => Math.floor((this.#amount * count) / this.#slices);
    return through(slice + 1) - through(slice);
  }
}

/** `dueMs` rounded up, then checked against the very comparison that will decide: the answer is true, not nearly true. */
function msUntil(dueMs: Ms, isSo: (waitMs: Ms) => boolean): Ms {
  let waitMs = Math.max(1, Math.ceil(dueMs));
  while (!isSo(waitMs)) waitMs += 1;
  return waitMs;
}
