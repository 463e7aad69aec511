import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { wallMs } from "../../mock-providers/clock.ts";
import { type PacedJob, Pacer } from "../../mock-providers/pacer.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function job(dueWallMs: number, run: (nowWallMs: number) => boolean): PacedJob {
  return { dueWallMs, heapIndex: -1, run };
}

/** Due times and, for some, the instant at which the job is cancelled. */
const jobs = fc.array(
  fc.record({ delayMs: fc.integer({ min: 0, max: 500 }), cancelMs: fc.option(fc.integer({ min: 0, max: 500 })) }),
  { minLength: 1, maxLength: 60 },
);

describe("Pacer", () => {
  it("runs every job that was not cancelled before its time, in order of time, within a millisecond", () => {
    fc.assert(
      fc.property(jobs, (specs) => {
        const pacer = new Pacer();
        const began = wallMs();
        const ran: { readonly index: number; readonly atMs: number }[] = [];
        const scheduled = specs.map(({ delayMs }, index) =>
          job(began + delayMs, () => {
            ran.push({ index, atMs: wallMs() - began });
            return false;
          }),
        );
        for (const [index, { cancelMs }] of specs.entries()) {
          const one = scheduled[index];
          if (cancelMs !== null && one !== undefined) setTimeout(() => pacer.cancel(one), cancelMs);
        }
        for (const one of scheduled) pacer.schedule(one);
        vi.advanceTimersByTime(1_000);

        const due = specs.flatMap(({ delayMs, cancelMs }, index) =>
          cancelMs !== null && cancelMs < delayMs
            ? []
            : [{ index, delayMs, sure: cancelMs === null || cancelMs > delayMs + 1 }],
        );
        for (const { index, delayMs, sure } of due) {
          const run = ran.find((seen) => seen.index === index);
          if (sure) expect(run).toBeDefined();
          if (run !== undefined) expect(run.atMs - delayMs).toSatisfy((late: number) => late >= 0 && late <= 1);
        }
        expect(ran.length).toBeLessThanOrEqual(due.length);
        const times = ran.map(({ index }) => specs[index]?.delayMs ?? 0);
        expect(times).toEqual(times.toSorted((left, right) => left - right));
        expect(pacer.size).toBe(0);
      }),
      { seed: 5, numRuns: 200 },
    );
  });

  it("sets one timer, however many jobs wait, and none when none waits", () => {
    const pacer = new Pacer();
    const waiting = [30, 10, 20, 10].map((delayMs) => job(wallMs() + delayMs, () => false));
    for (const one of waiting) pacer.schedule(one);
    expect(vi.getTimerCount()).toBe(1);
    vi.advanceTimersByTime(15);
    expect(vi.getTimerCount()).toBe(1);
    for (const one of waiting) pacer.cancel(one);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("sets its timer anew only for a job that comes before the others", () => {
    const pacer = new Pacer();
    const setTimer = vi.spyOn(globalThis, "setTimeout");
    for (const delayMs of [10, 20, 15, 12]) pacer.schedule(job(wallMs() + delayMs, () => false));
    expect(setTimer).toHaveBeenCalledTimes(1);
    pacer.schedule(job(wallMs() + 5, () => false));
    expect(setTimer).toHaveBeenCalledTimes(2);
  });

  it("runs a job again at the time that it asks for", () => {
    const pacer = new Pacer();
    const began = wallMs();
    const at: number[] = [];
    const again = job(began + 5, () => {
      at.push(wallMs() - began);
      again.dueWallMs += 7;
      return at.length < 4;
    });
    pacer.schedule(again);
    vi.advanceTimersByTime(100);
    expect(at).toEqual([5, 12, 19, 26]);
  });

  it("refuses a job that waits already", () => {
    const pacer = new Pacer();
    const one = job(wallMs() + 5, () => false);
    pacer.schedule(one);
    expect(() => pacer.schedule(one)).toThrow("once at a time");
  });
});
