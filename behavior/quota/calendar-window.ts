/**
 * A counter that is set back at instants of the provider's clock: every full minute, every midnight.
 *
 * Windows follow each other without gaps and do not wait for calls, so two bursts on either side of a boundary are in two
 * windows. What was corrected above the amount is forgiven at the boundary.
 */
import { invariant } from "../../core/invariant.ts";
import type { Ms } from "../../core/time.ts";

export interface CalendarWindowOptions {
  /** Whole, above 0. */
  readonly amount: number;
  readonly perMs: Ms;
  /** Time since a boundary (a full minute, midnight) at scenario time 0, 0 or more. */
  readonly startMs: Ms;
}

export class CalendarWindow {
  #amount: number;
  readonly #perMs: Ms;
  readonly #startMs: Ms;
  #window = 0;
  #used = 0;
  #lastMs: Ms = Number.NEGATIVE_INFINITY;

  constructor({ amount, perMs, startMs }: CalendarWindowOptions) {
    invariant(Number.isSafeInteger(amount) && amount > 0, `a window's amount is a whole number above 0, not ${amount}`);
    invariant(perMs > 0 && Number.isFinite(perMs), `a window's period is above 0 ms, not ${perMs}`);
    invariant(startMs >= 0 && Number.isFinite(startMs), `a window's start is 0 ms or more, not ${startMs}`);
    this.#amount = amount;
    this.#perMs = perMs;
    this.#startMs = startMs;
  }

  /** What was used in the window that is running. */
  used(nowMs: Ms): number {
    return this.#windowAt(nowMs) === this.#window ? this.#used : 0;
  }

  /** Spends `cost`, a whole number that fits. */
  spend(nowMs: Ms, cost: number): void {
    this.#advance(nowMs);
    this.#used += cost;
  }

  /** Corrects what was spent before: upwards even above the amount, downwards never below nothing. */
  correct(nowMs: Ms, by: number): void {
    this.#advance(nowMs);
    this.#used = Math.max(0, this.#used + by);
  }

  /** Another amount from now on. What was used in this window stays used. */
  resize(_nowMs: Ms, amount: number): void {
    this.#amount = amount;
  }

  /** Whole milliseconds until `cost` fits if nothing else is spent; 0 when it fits now. `cost` is at most `amount`. */
  msUntilFits(nowMs: Ms, cost: number): Ms {
    return this.used(nowMs) + cost <= this.#amount ? 0 : this.#msUntilNext(nowMs);
  }

  /** Whole milliseconds until nothing is used any more. */
  msUntilWhole(nowMs: Ms): Ms {
    return this.used(nowMs) === 0 ? 0 : this.#msUntilNext(nowMs);
  }

  #windowAt(nowMs: Ms): number {
    return Math.floor((nowMs + this.#startMs) / this.#perMs);
  }

  /** Rounded up, then checked against the very comparison that will decide: the answer is true, not nearly true. */
  #msUntilNext(nowMs: Ms): Ms {
    const window = this.#windowAt(nowMs);
    let waitMs = Math.max(1, Math.ceil((window + 1) * this.#perMs - this.#startMs - nowMs));
    while (this.#windowAt(nowMs + waitMs) === window) waitMs += 1;
    return waitMs;
  }

  #advance(nowMs: Ms): void {
    invariant(nowMs >= this.#lastMs, "time never goes backwards at a window");
    this.#lastMs = nowMs;
    const window = this.#windowAt(nowMs);
    if (window === this.#window) return;
    this.#window = window;
    this.#used = 0;
  }
}
