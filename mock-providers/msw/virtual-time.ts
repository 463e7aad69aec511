/** Wall time that stands still until a test moves it. */
import type { WallTime } from "../wall-time.ts";

/** A test's hand on the clock. Times are milliseconds. */
export interface VirtualClock {
  /** Since the mock was made. */
  readonly nowMs: () => number;
  /** Goes on by that much; what falls due on the way is done in order, each at its time. */
  readonly advance: (byMs: number) => Promise<void>;
  /** Goes on from one due time to the next until the promise settles, and answers what it answers. */
  readonly advanceUntil: <Value>(promise: Promise<Value>) => Promise<Value>;
}

export interface VirtualTime extends VirtualClock {
  readonly wall: WallTime;
}

interface Timer {
  readonly dueMs: number;
  readonly run: () => void;
}

/** `beganEpochMs`: the date at the start. `quiet`: resolves once all that is under way has come as far as it can without time. */
export function virtualTime(beganEpochMs: number, quiet: () => Promise<void>): VirtualTime {
  let nowMs = 0;
  const timers = new Set<Timer>();
  const next = (): Timer | undefined =>
    [...timers].reduce<Timer | undefined>(
      (first, timer) => (first === undefined || timer.dueMs < first.dueMs ? timer : first),
      undefined,
    );
  const runAtItsTime = (timer: Timer): void => {
    timers.delete(timer);
    nowMs = Math.max(nowMs, timer.dueMs);
    timer.run();
  };
  return {
    wall: {
      nowMs: () => nowMs,
      epochMs: () => beganEpochMs + nowMs,
      after: (delayMs, run) => {
        const timer = { dueMs: nowMs + delayMs, run };
        timers.add(timer);
        return () => void timers.delete(timer);
      },
    },
    nowMs: () => nowMs,
    advance: async (byMs) => {
      const untilMs = nowMs + byMs;
      await quiet();
      for (let timer = next(); timer !== undefined && timer.dueMs <= untilMs; timer = next()) {
        runAtItsTime(timer);
        await quiet();
      }
      nowMs = untilMs;
    },
    advanceUntil: async (promise) => {
      let settled = false;
      const watched = promise.finally(() => {
        settled = true;
      });
      watched.catch(() => undefined); // told by the returned promise
      for (await quiet(); !settled; await quiet()) {
        const timer = next();
        if (timer !== undefined) runAtItsTime(timer);
      }
      return await watched;
    },
  };
}
