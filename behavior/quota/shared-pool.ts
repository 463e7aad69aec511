/**
 * A pool of capacity that all customers of a provider share, and that is short from time to time whoever asks.
 *
 * Plenty and shortage take turns for lengths drawn from exponential distributions: nothing that one customer does brings a
 * shortage about or ends it.
 */
import { invariant } from "../../core/invariant.ts";
import type { RandomStream } from "../../core/random.ts";
import type { SharedPoolSpec } from "../../core/scenario/provider-spec.ts";
import type { Ms } from "../../core/time.ts";

export class SharedPool {
  readonly #random: RandomStream;
  readonly #plentyMs: Ms;
  readonly #shortMs: Ms;
  #isShort = false;
  /** When the present state ends: a whole number of milliseconds, as is the length of every state. */
  #untilMs: Ms;
  #lastMs: Ms = Number.NEGATIVE_INFINITY;

  constructor(spec: SharedPoolSpec, random: RandomStream) {
    invariant(
      spec.shortEveryMs > spec.shortForMs,
      "a shared pool is short for less time than lies between two shortages",
    );
    this.#random = random;
    this.#plentyMs = spec.shortEveryMs - spec.shortForMs;
    this.#shortMs = spec.shortForMs;
    this.#untilMs = this.#lengthMs();
  }

  /** Whole milliseconds until there is plenty; 0 when there is. Time never goes backwards. */
  msUntilPlenty(nowMs: Ms): Ms {
    invariant(nowMs >= this.#lastMs, "time never goes backwards at a pool");
    this.#lastMs = nowMs;
    while (nowMs >= this.#untilMs) {
      this.#isShort = !this.#isShort;
      this.#untilMs += this.#lengthMs();
    }
    return this.#isShort ? Math.ceil(this.#untilMs - nowMs) : 0;
  }

  #lengthMs(): Ms {
    return Math.max(1, Math.ceil(this.#random.exponential() * (this.#isShort ? this.#shortMs : this.#plentyMs)));
  }
}
