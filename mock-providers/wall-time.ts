/**
 * Time as those live it who talk to the mock: the machine's own in a server, and one that a test moves by hand in `squall/msw`.
 */

/** Where instants come from and where waiting is done; wall milliseconds. */
export interface WallTime {
  /** Never goes back; with fractions. */
  readonly nowMs: () => number;
  /** Milliseconds since 1970, for headers and bodies that carry a date. */
  readonly epochMs: () => number;
  /** Runs once after that long, unless what is returned is called before. */
  readonly after: (delayMs: number, run: () => void) => () => void;
}

/** The machine's own time. Looked up at every call, so that a test's fake timers hold for it. */
export const systemTime: WallTime = {
  nowMs: () => performance.now(),
  epochMs: () => Date.now(),
  after: (delayMs, run) => {
    const timer = setTimeout(run, delayMs);
    return () => clearTimeout(timer);
  },
};
