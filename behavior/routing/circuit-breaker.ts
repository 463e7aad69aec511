/**
 * A circuit breaker: whoever fails is not asked for a while, then tried with care (Nygard, "Release It!", "Circuit Breaker").
 *
 *            too many failures              open long enough
 *     closed ────────────────▶ open ────────────────────────▶ half-open
 *        ▲                      ▲                                 │ │
 *        │                      └──── a probe fails ──────────────┘ │
 *        └──────────────────────────── all probes succeed ──────────┘
 *
 * It never reads a clock: callers say what time it is. Too many are so many failures in a row, or a share of the calls that
 * ended within the window (kept in ten slices, so that it looks back between nine and ten tenths of it). A call that was let
 * through before the breaker opened and ends afterwards changes nothing.
 */
import type { BreakerSpec } from "../../core/scenario/resilience-spec.ts";
import type { Ms } from "../../core/time.ts";

export type BreakerState = "closed" | "open" | "half-open";

const slices = 10;

export class CircuitBreaker {
  readonly #spec: BreakerSpec;
  #state: BreakerState = "closed";
  #openedMs: Ms = 0;
  #inARow = 0;
  /** Half open: probes sent, and those that have succeeded. */
  #probes = 0;
  #succeeded = 0;

  // Calls and failures by slice of the window.
  readonly #calls = new Float64Array(slices);
  readonly #failures = new Float64Array(slices);
  #slice = 0;

  constructor(spec: BreakerSpec) {
    this.#spec = spec;
  }

  state(nowMs: Ms): BreakerState {
    if (this.#state === "open" && nowMs >= this.#openedMs + this.#spec.openMs) {
      this.#state = "half-open";
      this.#probes = 0;
      this.#succeeded = 0;
    }
    return this.#state;
  }

  /** Whether a call may go through now. */
  allows(nowMs: Ms): boolean {
    const state = this.state(nowMs);
    return state === "closed" || (state === "half-open" && this.#probes < this.#spec.probes);
  }

  /** A call goes through. Answers whether it is a probe, to be told again when the call ends. */
  begins(nowMs: Ms): boolean {
    if (this.state(nowMs) !== "half-open") return false;
    this.#probes += 1;
    return true;
  }

  /** A call has ended well or badly. Answers the state that it led to; undefined: no other than before. */
  ends(nowMs: Ms, failed: boolean, probe: boolean): BreakerState | undefined {
    const state = this.state(nowMs);
    if (state === "half-open" && probe) return this.#probeEnds(nowMs, failed);
    if (state !== "closed") return undefined;
    return this.#isTooMuch(nowMs, failed) ? this.#open(nowMs) : undefined;
  }

  /** A call was taken back before anybody knew how it would end. */
  takenBack(probe: boolean): void {
    if (probe && this.#state === "half-open" && this.#probes > this.#succeeded) this.#probes -= 1;
  }

  /** When it will let a call through at the earliest, if it does not now. */
  reopensMs(): Ms {
    return this.#openedMs + this.#spec.openMs;
  }

  #probeEnds(nowMs: Ms, failed: boolean): BreakerState | undefined {
    if (failed) return this.#open(nowMs);
    this.#succeeded += 1;
    if (this.#succeeded < this.#spec.probes) return undefined;
    this.#state = "closed";
    this.#forget();
    return "closed";
  }

  #open(nowMs: Ms): BreakerState {
    this.#state = "open";
    this.#openedMs = nowMs;
    this.#forget();
    return "open";
  }

  #forget(): void {
    this.#inARow = 0;
    this.#calls.fill(0);
    this.#failures.fill(0);
  }

  #isTooMuch(nowMs: Ms, failed: boolean): boolean {
    const { opens } = this.#spec;
    if (opens.kind === "consecutive") {
      this.#inARow = failed ? this.#inARow + 1 : 0;
      return this.#inARow >= opens.failures;
    }
    const slot = this.#sliceAt(nowMs, opens.windowMs);
    this.#calls[slot] = (this.#calls[slot] ?? 0) + 1;
    if (failed) this.#failures[slot] = (this.#failures[slot] ?? 0) + 1;
    const calls = sum(this.#calls);
    return failed && calls >= opens.callsMin && sum(this.#failures) >= opens.share * calls;
  }

  /** Place of the present slice, the ones that have passed emptied. */
  #sliceAt(nowMs: Ms, windowMs: Ms): number {
    const slice = Math.floor((nowMs / windowMs) * slices);
    for (let passed = Math.max(this.#slice + 1, slice - slices + 1); passed <= slice; passed++) {
      this.#calls[passed % slices] = 0;
      this.#failures[passed % slices] = 0;
    }
    this.#slice = Math.max(this.#slice, slice);
    return this.#slice % slices;
  }
}

function sum(values: Float64Array): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}
