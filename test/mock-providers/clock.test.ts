import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ScenarioClock, wallMs } from "../../mock-providers/clock.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe("ScenarioClock", () => {
  it("starts at 0 and goes at the scale of the scenario", () => {
    const clock = new ScenarioClock(10);
    expect(clock.nowMs()).toBe(0);
    vi.advanceTimersByTime(25);
    expect(clock.nowMs()).toBe(250);
    expect(clock.msAt(wallMs() - 5)).toBe(200);
    expect(clock.toWallMs(250)).toBe(25);
  });

  it("goes on from the same instant when its speed changes", () => {
    const clock = new ScenarioClock(10);
    vi.advanceTimersByTime(25);
    clock.setScale(2);
    expect(clock.nowMs()).toBe(250);
    vi.advanceTimersByTime(10);
    expect(clock.nowMs()).toBe(270);
    expect(clock.scale).toBe(2);
  });
});
