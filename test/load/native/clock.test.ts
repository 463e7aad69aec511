/** Timers that are never early, on Node's own fake timers. */
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { monotonicClock } from "../../../load/native/clock.ts";

describe("monotonicClock", () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "setImmediate", "clearImmediate", "performance"] });
  });
  afterEach(() => {
    vi.restoreAllMocks();
    vi.useRealTimers();
  });

  it("calls back at its instant and not before", () => {
    const ran = vi.fn<() => void>();
    monotonicClock.at(monotonicClock.nowMs() + 20.4, ran);
    vi.advanceTimersByTime(20);
    expect(ran).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(ran).toHaveBeenCalledTimes(1);
  });

  it("waits again when a timer comes early, as Node's may by a part of a millisecond", () => {
    const startMs = monotonicClock.nowMs();
    let nowMs = startMs;
    vi.spyOn(performance, "now").mockImplementation(() => nowMs);
    const ran = vi.fn<() => void>();
    monotonicClock.at(startMs + 10, ran);
    nowMs = startMs + 9.7;
    vi.advanceTimersByTime(10);
    expect(ran).not.toHaveBeenCalled();
    nowMs = startMs + 10.7;
    vi.advanceTimersByTime(1);
    expect(ran).toHaveBeenCalledTimes(1);
  });

  it("never asks for a timer in the past, even when the instant passes while it sets one", () => {
    let nowMs = monotonicClock.nowMs();
    vi.spyOn(performance, "now").mockImplementation(() => (nowMs += 3));
    const setTimer = vi.spyOn(globalThis, "setTimeout");
    monotonicClock.at(nowMs + 4, () => undefined);
    expect(setTimer.mock.calls.map(([, delayMs]) => delayMs)).toEqual([1]);
  });

  it("calls back for an instant that has passed, but not before it has returned", () => {
    const ran = vi.fn<() => void>();
    monotonicClock.at(monotonicClock.nowMs() - 5, ran);
    expect(ran).not.toHaveBeenCalled();
    vi.runAllTimers();
    expect(ran).toHaveBeenCalledTimes(1);
  });

  it("does not call back when cancelled, whether the instant lies ahead or has passed", () => {
    const ran = vi.fn<() => void>();
    monotonicClock.at(monotonicClock.nowMs() + 5, ran)();
    monotonicClock.at(monotonicClock.nowMs() - 5, ran)();
    vi.runAllTimers();
    expect(ran).not.toHaveBeenCalled();
  });

  it("can wait for longer than one timer can", () => {
    const ran = vi.fn<() => void>();
    const monthMs = 40 * 86_400_000;
    monotonicClock.at(monotonicClock.nowMs() + monthMs, ran);
    vi.advanceTimersByTime(monthMs - 1);
    expect(ran).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(ran).toHaveBeenCalledTimes(1);
  });
});
