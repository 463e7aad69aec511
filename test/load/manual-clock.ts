/** A clock that a test turns by hand: callbacks run in order of their instants, then in the order in which they were asked for. */
import type { Clock } from "../../load/native/clock.ts";

export interface ManualClock extends Clock {
  /** Turns the clock forward, running everything that falls due on the way, each at its own instant. */
  readonly advanceTo: (instantMs: number) => void;
  /** Sets the clock forward without running anything: the event loop was busy until then. */
  readonly stallUntil: (instantMs: number) => void;
  /** Runs everything that is due now, and what that makes due, up to the given number of callbacks. */
  readonly runDue: (callbacksMax?: number) => void;
  /** Callbacks that wait. */
  readonly pending: () => number;
}

export function manualClock(startMs = 0): ManualClock {
  let nowMs = startMs;
  let sequence = 0;
  const waiting = new Map<number, { readonly instantMs: number; readonly run: () => void }>();

  const earliest = (byMs: number): number | undefined => {
    let first: number | undefined;
    for (const [id, { instantMs }] of waiting) {
      const best = first === undefined ? Number.POSITIVE_INFINITY : (waiting.get(first)?.instantMs ?? 0);
      if (instantMs <= byMs && instantMs < best) first = id;
    }
    return first;
  };
  const runEarliest = (byMs: number): boolean => {
    const id = earliest(byMs);
    const entry = id === undefined ? undefined : waiting.get(id);
    if (id === undefined || entry === undefined) return false;
    waiting.delete(id);
    nowMs = Math.max(nowMs, entry.instantMs);
    entry.run();
    return true;
  };

  return {
    nowMs: () => nowMs,
    at: (instantMs, run) => {
      const id = sequence++;
      waiting.set(id, { instantMs, run });
      return () => waiting.delete(id);
    },
    advanceTo: (instantMs) => {
      while (runEarliest(instantMs));
      nowMs = Math.max(nowMs, instantMs);
    },
    stallUntil: (instantMs) => {
      nowMs = Math.max(nowMs, instantMs);
    },
    runDue: (callbacksMax = Number.POSITIVE_INFINITY) => {
      for (let ran = 0; ran < callbacksMax && runEarliest(nowMs); ran++);
    },
    pending: () => waiting.size,
  };
}
