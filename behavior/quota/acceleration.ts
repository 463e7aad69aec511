/**
 * Acceleration limits: growth that is too fast is refused although the limits per minute have room. Off unless asked for.
 *
 * Rules and where they come from:
 * - OpenAI: from 1 million input tokens per minute on, growth of more than 50 % in 15 minutes can be answered with 429 (rate-limits page,
 *   read 2026-10-08). Azure names the same step for priority processing (more than +50 % in less than 15 minutes is served as standard,
 *   2026-03); it is taken here for all of its traffic when it is asked for.
 * - Anthropic: sharp growth is refused although the limits have room (platform.claude.com/docs/en/api/rate-limits); how sharp is not
 *   published. OpenAI's figures are taken unless others are given.
 * - How growth is measured is not published by anybody. Taken here: time is cut into periods of `withinMs` from the first call on; in each
 *   minute of a period as many tokens pass as in the busiest minute of the period before, and `growth` more; never less than
 *   `fromTokensPerMinute`. Into a minute in which nothing has passed any one call may go.
 */
import { invariant } from "../../core/invariant.ts";
import type { AccelerationSpec } from "../../core/scenario/provider-spec.ts";
import { minuteMs, type Ms } from "../../core/time.ts";
import type { LimitDimension } from "../provider.ts";
import type { Bucket, Counter } from "./counters.ts";

/** How each provider's refusals call the limit. */
const label = "tokens per minute (acceleration)";

/** One organization's growth, for one family of models; nothing where growth is not limited. */
export type RampsOf = (owner: readonly string[], dimension: LimitDimension) => readonly Counter[];

/** Hands the same ramp to everybody who names the same owner. */
export function sharedRamps(spec: AccelerationSpec | undefined): RampsOf {
  const byOwner = new Map<string, readonly Counter[]>();
  return (owner, dimension) => {
    if (spec === undefined) return [];
    const name = JSON.stringify(owner);
    const ramps = byOwner.get(name) ?? [rampCounter(spec, dimension)];
    byOwner.set(name, ramps);
    return ramps;
  };
}

function rampCounter(spec: AccelerationSpec, dimension: LimitDimension): Counter {
  const bucket = new Ramp(spec);
  return {
    get limit() {
      return { dimension, amount: bucket.allowed, perMs: minuteMs, label };
    },
    bucket,
    scale: () => undefined,
  };
}

export class Ramp implements Bucket {
  readonly #spec: AccelerationSpec;
  #firstMs: Ms | undefined;
  #lastMs: Ms = Number.NEGATIVE_INFINITY;
  #period = 0;
  #minute = 0;
  #used = 0;
  /** Tokens of the busiest minute of this period so far, and of the period before. */
  #busiest = 0;
  #busiestBefore = 0;

  constructor(spec: AccelerationSpec) {
    invariant(spec.withinMs >= minuteMs, `growth is measured over a minute or more, not ${spec.withinMs} ms`);
    this.#spec = spec;
  }

  /** Tokens that may pass in a minute of the period that was looked at last. */
  get allowed(): number {
    const { growth, fromTokensPerMinute } = this.#spec;
    return Math.max(fromTokensPerMinute, Math.floor(this.#busiestBefore * (1 + growth)));
  }

  /** What passed in the running minute. */
  used(nowMs: Ms): number {
    this.#advance(nowMs);
    return this.#used;
  }

  spend(nowMs: Ms, cost: number): void {
    invariant(nowMs >= this.#lastMs, "time never goes backwards at a ramp");
    this.#lastMs = nowMs;
    this.#firstMs ??= nowMs;
    this.#advance(nowMs);
    this.#used += cost;
    this.#busiest = Math.max(this.#busiest, this.#used);
  }

  /** Growth is what was let in; what a call turns out to need changes nothing. */
  correct(): void {}

  /** Nor do refused calls. */
  take(): void {}

  /** Purchased or published limits may be scaled; growth stays growth. */
  resize(): void {}

  msUntilFits(nowMs: Ms, cost: number): Ms {
    const used = this.used(nowMs);
    return used === 0 || cost === 0 || used + cost <= this.allowed ? 0 : this.#msUntilNextMinute(nowMs);
  }

  msUntilWhole(nowMs: Ms): Ms {
    return this.used(nowMs) === 0 ? 0 : this.#msUntilNextMinute(nowMs);
  }

  /** Rounded up, then checked against the very comparison that will decide. */
  #msUntilNextMinute(nowMs: Ms): Ms {
    const sinceMs = nowMs - (this.#firstMs ?? nowMs);
    const minute = Math.floor(sinceMs / minuteMs);
    let waitMs = Math.max(1, Math.ceil((minute + 1) * minuteMs - sinceMs));
    while (Math.floor((nowMs + waitMs - (this.#firstMs ?? nowMs)) / minuteMs) === minute) waitMs += 1;
    return waitMs;
  }

  /** Only ever forward: a look ahead is not taken back, and none is taken. */
  #advance(nowMs: Ms): void {
    if (this.#firstMs === undefined) return;
    const sinceMs = nowMs - this.#firstMs;
    const minute = Math.floor(sinceMs / minuteMs);
    if (minute === this.#minute) return;
    const period = Math.floor(sinceMs / this.#spec.withinMs);
    if (period !== this.#period) {
      this.#busiestBefore = period === this.#period + 1 ? this.#busiest : 0;
      this.#busiest = 0;
      this.#period = period;
    }
    this.#minute = minute;
    this.#used = 0;
  }
}
