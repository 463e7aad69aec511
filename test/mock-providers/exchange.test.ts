import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { play, refused, served } from "./played-call.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const whole = { ask: { stream: false } } as const;

describe("an answer in one piece", () => {
  it("leaves when its last token is due, and is in the journal before it leaves", () => {
    const { response, record, settled } = play(served([10, 20, 30]), whole);
    vi.advanceTimersByTime(29);
    expect(response.written).toEqual([]);
    let inJournal = false;
    response.end = (text) => {
      inJournal = record() !== undefined;
      response.written.push({ atMs: 30, text });
    };
    vi.advanceTimersByTime(2);
    expect(response.written).toEqual([{ atMs: 30, text: "whole" }]);
    expect(inJournal).toBe(true);
    expect(settled).toEqual([{ outputTokens: 6, wastedTokens: 0, completed: true }]);
    expect(record()).toMatchObject({
      outcome: "ok",
      status: 200,
      firstTokenMs: 30,
      endMs: 30,
      chunks: 0,
      cachedTokens: 4,
    });
  });

  it("is all wasted as far as it was generated when its client leaves", () => {
    const { response, record, settled, mock } = play(served([10, 20, 30, 40]), whole);
    vi.advanceTimersByTime(20);
    response.leave();
    vi.advanceTimersByTime(100);
    expect(response.written).toEqual([]);
    expect(settled).toEqual([{ outputTokens: 6, wastedTokens: 6, completed: false }]);
    expect(record()).toMatchObject({ outcome: "aborted", status: 0, endMs: 20 });
    expect(mock.pacer.size).toBe(0);
  });

  it.each([
    { how: "cut", waitMs: 20 },
    { how: "stall", waitMs: 15 * 60_000 },
  ] as const)("never comes when a fault breaks it: $how", ({ how, waitMs }) => {
    const { response, record } = play(served([10, 20, 30], { broken: { how, afterChunks: 1 } }), whole);
    vi.advanceTimersByTime(waitMs - 1);
    expect(response.destroyed).toBe(false);
    vi.advanceTimersByTime(2);
    expect(response.destroyed).toBe(true);
    expect(response.written).toEqual([]);
    expect(record()).toMatchObject({ outcome: "connection", reason: how, status: 0 });
  });
});

describe("an answer in one piece that a fault has torn", () => {
  it("comes when it is due, half of it, and all of it is wasted", () => {
    const { response, record, settled } = play(
      served([10, 20], { broken: { how: "malformed", afterChunks: 1 } }),
      whole,
    );
    vi.advanceTimersByTime(21);
    expect(response.written).toEqual([{ atMs: 20, text: "wh" }]);
    expect(settled).toEqual([{ outputTokens: 4, wastedTokens: 4, completed: false }]);
    expect(record()).toMatchObject({ outcome: "malformed", reason: "malformed", status: 200 });
  });
});

describe("a refusal", () => {
  it("leaves after the time that the provider takes for it", () => {
    const { response, record, settled } = play(refused(7));
    vi.advanceTimersByTime(6);
    expect(response.written).toEqual([]);
    vi.advanceTimersByTime(2);
    expect(response.written).toEqual([{ atMs: 7, text: "insufficient-quota" }]);
    expect(settled).toEqual([]);
    expect(record()).toMatchObject({ outcome: "rate-limited", status: 429, reason: "insufficient-quota", cost: 0 });
  });

  it("is written down as aborted when its client does not wait for it", () => {
    const { response, record } = play(refused(7));
    response.leave();
    expect(record()).toMatchObject({ outcome: "aborted", status: 0 });
  });
});

describe("a dropped connection", () => {
  it("is reset after the time that the fault says", () => {
    const { response, record } = play({ kind: "drop", how: "reset", afterMs: 3 });
    vi.advanceTimersByTime(4);
    expect(response.resetAtMs).toBe(3);
    expect(response.written).toEqual([]);
    expect(record()).toMatchObject({ outcome: "connection", reason: "reset", status: 0 });
  });

  it("hangs until its client leaves", () => {
    const { response, record } = play({ kind: "drop", how: "hang", afterMs: 0 });
    vi.advanceTimersByTime(60_000);
    expect(record()).toBeUndefined();
    response.leave();
    expect(record()).toMatchObject({ outcome: "connection", reason: "hang", endMs: 60_000 });
  });

  it("that hangs is cut after a quarter of an hour", () => {
    const { response } = play({ kind: "drop", how: "hang", afterMs: 0 });
    vi.advanceTimersByTime(15 * 60_000 + 1);
    expect(response.destroyed).toBe(true);
  });
});
