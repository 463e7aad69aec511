import { describe, expect, it } from "vitest";
import { type VirtualTime, virtualTime } from "../../../mock-providers/msw/virtual-time.ts";

/** Nothing is ever under way here. */
function timeFrom(epochMs = 0): VirtualTime {
  return virtualTime(epochMs, () => Promise.resolve());
}

describe("virtual time", () => {
  it("does what falls due on the way in order, each at its time, and no more", async () => {
    const time = timeFrom(1_000);
    const done: string[] = [];
    for (const dueMs of [30, 10, 51, 50]) time.wall.after(dueMs, () => done.push(`${dueMs} at ${time.nowMs()}`));
    await time.advance(50);
    expect(done).toEqual(["10 at 10", "30 at 30", "50 at 50"]);
    expect([time.nowMs(), time.wall.epochMs()]).toEqual([50, 1_050]);
  });

  it("does what was set going on the way when that falls due, too, and nothing that was called off", async () => {
    const time = timeFrom();
    const done: number[] = [];
    time.wall.after(10, () => time.wall.after(10, () => done.push(time.nowMs())));
    const callOff = time.wall.after(15, () => done.push(-1));
    callOff();
    await time.advance(100);
    expect(done).toEqual([20]);
  });

  it("goes on until a promise settles, and not beyond; what it rejects with is told", async () => {
    const time = timeFrom();
    time.wall.after(500, () => expect.unreachable());
    const answer = new Promise<string>((resolve) => time.wall.after(20, () => resolve("here")));
    expect(await time.advanceUntil(answer)).toBe("here");
    expect(time.nowMs()).toBe(20);
    await expect(time.advanceUntil(Promise.reject(new Error("no")))).rejects.toThrow("no");
  });
});
