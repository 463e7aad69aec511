/**
 * Limits with what is in use of them: what every algorithm made of token buckets is built from.
 *
 * A counter is one published limit and its bucket. Counters are shared by everybody who names the same owner (an organization
 * and a family of models, a project, a key). What a call costs a counter is each algorithm's own business.
 */
import { minuteMs, type Ms } from "../../core/time.ts";
import type { LimitDimension, LimitState } from "../provider.ts";
import type { Limit } from "./quota.ts";
import { RollingWindow } from "./rolling-window.ts";
import { TokenBucket } from "./token-bucket.ts";

/** Calls that a rolling window remembers at most. */
const rollingAmountMax = 1_000;

/** How much of a limit is in use, and when it is free again. */
export type Meter = Pick<TokenBucket, "used" | "spend" | "resize" | "msUntilFits" | "msUntilWhole">;

/** A meter that can also be corrected, and charged for what it refuses. */
export type Bucket = Pick<TokenBucket, keyof Meter | "correct" | "take">;

/** A limit and how much of it is in use. */
export interface Counter<Kind extends Meter = Bucket> {
  /** In force now: as published, unless it is scaled. */
  readonly limit: Limit;
  readonly bucket: Kind;
  /** Multiplies what is published, from now on; whole, and at least 1. */
  readonly scale: (nowMs: Ms, factor: number) => void;
}

export function counterOf<Kind extends Meter>(published: Limit, bucket: Kind): Counter<Kind> {
  const counter = {
    limit: published,
    bucket,
    scale: (nowMs: Ms, factor: number): void => {
      const amount = Math.max(1, Math.round(published.amount * factor));
      if (amount === counter.limit.amount) return;
      bucket.resize(nowMs, amount);
      counter.limit = { ...published, amount };
    },
  };
  return counter;
}

export function scaleAll(counters: readonly Pick<Counter, "scale">[], nowMs: Ms, factor: number): void {
  for (const { scale } of counters) scale(nowMs, factor);
}

/** The limits that a model has, of all that it could have. */
export function givenLimits(
  limits: readonly (readonly [dimension: LimitDimension, amount: number | undefined, perMs: Ms, label: string])[],
): readonly Limit[] {
  return limits.flatMap(([dimension, amount, perMs, label]) =>
    amount === undefined ? [] : [{ dimension, amount, perMs, label }],
  );
}

/** What a call takes from a counter: whole, at most the limit. */
export type CostOf<Charge, Kind extends Meter = Bucket> = (counter: Counter<Kind>, charge: Charge) => number;

export type CountersOf = (owner: readonly string[], limits: readonly Limit[]) => readonly Counter[];

/**
 * Hands the same counters to everybody who names the same owner; the first one's limits count. Limits per minute or shorter
 * are enforced in slices of `sliceMs`; 0: the whole limit may be used in one burst.
 */
export function sharedCounters(sliceMs: Ms): CountersOf {
  const byOwner = new Map<string, readonly Counter[]>();
  return (owner, limits) => {
    const name = JSON.stringify(owner);
    const counters = byOwner.get(name) ?? limits.map((limit) => counterOf(limit, bucketOf(limit, sliceMs)));
    byOwner.set(name, counters);
    return counters;
  };
}

/**
 * Requests per less than a minute are nobody's published limit but what was given to one key: counted as it is said, as long
 * as that takes little memory.
 */
function bucketOf({ dimension, amount, perMs }: Limit, sliceMs: Ms): Bucket {
  if (dimension === "requests" && perMs < minuteMs && amount <= rollingAmountMax)
    return new RollingWindow(amount, perMs);
  const sliced = sliceMs > 0 && sliceMs < perMs && perMs <= minuteMs;
  return new TokenBucket({ amount, perMs, burst: sliced ? (amount * sliceMs) / perMs : amount });
}

/** The first limit that is smaller than what a call takes of it, so that it can never pass; undefined when there is none. */
export function firstTooSmall<Kind extends Meter>(
  counters: readonly Counter<Kind>[],
  takes: number,
): Counter<Kind> | undefined {
  for (const counter of counters) if (takes > counter.limit.amount) return counter;
  return undefined;
}

/** Of the counters without room for the call, the one that will be last to have it; undefined when all have room. */
export function lastToHaveRoom<Charge, Kind extends Meter>(
  counters: readonly Counter<Kind>[],
  nowMs: Ms,
  costOf: CostOf<Charge, Kind>,
  charge: Charge,
): Counter<Kind> | undefined {
  let last: Counter<Kind> | undefined;
  let longestMs = 0;
  for (const counter of counters) {
    const waitMs = counter.bucket.msUntilFits(nowMs, costOf(counter, charge));
    if (waitMs > longestMs) {
      last = counter;
      longestMs = waitMs;
    }
  }
  return last;
}

/** Whole milliseconds until every counter has room if nothing else is used. */
export function msUntilAllHaveRoom<Charge, Kind extends Meter>(
  counters: readonly Counter<Kind>[],
  nowMs: Ms,
  costOf: CostOf<Charge, Kind>,
  charge: Charge,
): Ms {
  let longestMs = Number.NEGATIVE_INFINITY;
  for (const counter of counters) {
    longestMs = Math.max(longestMs, counter.bucket.msUntilFits(nowMs, costOf(counter, charge)));
  }
  return longestMs;
}

/** The state of the counter with least left; undefined when there is none. */
export function scarcest(counters: readonly Counter<Meter>[], nowMs: Ms): LimitState | undefined {
  let state: LimitState | undefined;
  for (const { limit, bucket } of counters) {
    const remaining = Math.max(0, Math.floor(limit.amount - bucket.used(nowMs)));
    if (state !== undefined && state.remaining <= remaining) continue;
    state = { limit: limit.amount, remaining, resetMs: bucket.msUntilWhole(nowMs) };
  }
  return state;
}

/** Share of the fullest counter that is in use, 0..1, or more when it is in debt; 0 without counters. */
export function shareInUse(counters: readonly Counter<Meter>[], nowMs: Ms): number {
  let share = 0;
  for (const { limit, bucket } of counters) share = Math.max(share, bucket.used(nowMs) / limit.amount);
  return share;
}

/** The tightest limit scaled to a minute: 3 requests in 5 s are 36 per minute. */
export function lowestPerMinute(counters: readonly Pick<Counter, "limit">[]): number | undefined {
  if (counters.length === 0) return undefined;
  return Math.min(...counters.map(({ limit }) => (limit.amount * minuteMs) / limit.perMs));
}
