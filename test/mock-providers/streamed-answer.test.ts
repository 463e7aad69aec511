import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { play, served, type Written } from "./played-call.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const dueTimes = fc
  .array(fc.integer({ min: 0, max: 200 }), { minLength: 1, maxLength: 9 })
  .map((times) => times.toSorted((left, right) => left - right));

/** When each content event left, by its digit. */
function timesOfEvents(written: readonly Written[]): readonly number[] {
  return written.flatMap(({ atMs, text }) => Array.from(text.replaceAll(/[<>]/g, ""), () => atMs));
}

describe("a streamed answer", () => {
  it("writes every event in order, never early, at most a millisecond late, and all that is due in one write", () => {
    fc.assert(
      fc.property(dueTimes, (due) => {
        const { response, record, settled } = play(served(due));
        vi.advanceTimersByTime(1_000);
        const text = response.written.map((write) => write.text).join("");
        expect(text).toBe(`<${due.map((_, index) => index).join("")}>`);
        for (const [index, atMs] of timesOfEvents(response.written).entries()) {
          expect(atMs - (due[index] ?? 0)).toSatisfy((late: number) => late >= 0 && late <= 1);
        }
        expect(response.written).toHaveLength(new Set(due).size);
        expect(response.ended).toBe(true);
        expect(settled).toEqual([{ outputTokens: 2 * due.length, wastedTokens: 0, completed: true }]);
        expect(record()).toMatchObject({
          outcome: "ok",
          status: 200,
          firstTokenMs: due[0],
          endMs: due.at(-1),
          chunks: due.length,
          gapMaxMs: Math.max(0, ...due.slice(1).map((atMs, index) => atMs - (due[index] ?? 0))),
          upstreamCalls: 2,
          cost: 1_000,
        });
      }),
      { seed: 17, numRuns: 100 },
    );
  });

  it("sends its headers with the first event, or at once when configured so", () => {
    const usual = play(served([20, 30]));
    const early = play(served([20, 30]), { config: { streamHeaders: "at-once" } });
    expect(early.response.headersAtMs).toBe(0);
    expect(usual.response.headersAtMs).toBeUndefined();
    vi.advanceTimersByTime(20);
    expect(usual.response.headersAtMs).toBe(20);
    expect(early.response.written[0]).toEqual({ atMs: 20, text: "<0" });
  });

  it("leaves in one piece at once when nothing takes time", () => {
    const { response } = play(served([20, 30]), { config: { latencyScale: 0 } });
    expect(response.written).toEqual([{ atMs: 0, text: "<01>" }]);
  });

  it.each([
    { config: { latencyScale: 0.5 }, why: "half the latency", wall: [10, 20], scenario: [10, 20] },
    { config: { timeScale: 4 }, why: "four times the speed", wall: [5, 10], scenario: [20, 40] },
  ])("keeps its times at $why", ({ config, wall, scenario }) => {
    const { response, record } = play(served([20, 40]), { config });
    vi.advanceTimersByTime(100);
    expect(response.written.map(({ atMs }) => atMs)).toEqual(wall);
    expect(record()).toMatchObject({ firstTokenMs: scenario[0], endMs: scenario[1] });
  });

  it("ends after its planned time when it has no content", () => {
    const { response, record } = play(served([]));
    vi.advanceTimersByTime(10);
    expect(response.written).toEqual([{ atMs: 5, text: "<>" }]);
    expect(record()).toMatchObject({ outcome: "ok", firstTokenMs: null, outputTokens: 0 });
  });

  it("stops when its client leaves: what was written is paid, the event under way is wasted", () => {
    const { response, record, settled, mock } = play(served([10, 20, 30, 40]));
    vi.advanceTimersByTime(25);
    response.leave();
    expect(mock.pacer.size).toBe(0);
    vi.advanceTimersByTime(100);
    expect(response.written.map(({ text }) => text)).toEqual(["<0", "1"]);
    expect(settled).toEqual([{ outputTokens: 6, wastedTokens: 2, completed: false }]);
    expect(record()).toMatchObject({
      outcome: "aborted",
      reason: "client_left",
      endMs: 25,
      chunks: 2,
      wastedTokens: 2,
    });
    expect(mock.pacer.size).toBe(0);
  });

  it("has generated nothing when its client leaves before the first token", () => {
    const { response, settled, record } = play(served([10, 20]));
    vi.advanceTimersByTime(5);
    response.leave();
    expect(settled).toEqual([{ outputTokens: 0, wastedTokens: 0, completed: false }]);
    expect(record()).toMatchObject({ outcome: "aborted", status: 0, firstTokenMs: null });
  });

  it("is settled when its client left before it began", () => {
    const { settled, response } = play(served([10]), { gone: true });
    expect(settled).toEqual([{ outputTokens: 0, wastedTokens: 0, completed: false }]);
    expect(response.written).toEqual([]);
  });

  it("waits for a slow reader without writing ahead, then catches up in one write that is not called late", async () => {
    const { response, mock, record } = play(served([10, 20, 30, 40]));
    response.roomLeft = false;
    vi.advanceTimersByTime(35);
    expect(response.written.map(({ text }) => text)).toEqual(["<0"]);
    response.roomLeft = true;
    response.emit("drain");
    vi.advanceTimersByTime(10);
    expect(response.written).toEqual([
      { atMs: 10, text: "<0" },
      { atMs: 35, text: "12" },
      { atMs: 40, text: "3>" },
    ]);
    expect(record()).toMatchObject({ outcome: "ok" });
    const metrics = await mock.metrics.text();
    expect(metrics).toContain('squall_mock_stream_lateness_seconds_bucket{le="0.0005"} 2');
    expect(metrics).toContain("squall_mock_stream_lateness_seconds_count 2");
  });

  it("is cut when its reader does not read for a quarter of an hour", () => {
    const { response, record } = play(served([10, 20]));
    response.roomLeft = false;
    vi.advanceTimersByTime(15 * 60_000);
    expect(response.destroyed).toBe(false);
    vi.advanceTimersByTime(20);
    expect(response.destroyed).toBe(true);
    expect(record()).toMatchObject({ outcome: "aborted", chunks: 1 });
  });

  it.each([
    { broken: { how: "cut" }, text: "<01", ended: false, outcome: "cut-stream" },
    { broken: { how: "truncate" }, text: "<01", ended: true, outcome: "cut-stream" },
    { broken: { how: "malformed" }, text: "<01", ended: true, outcome: "malformed" },
    { broken: { how: "error-event", status: 529 }, text: "<01!529", ended: true, outcome: "cut-stream" },
  ] as const)("breaks off after the events that a fault leaves: $broken.how", ({ broken, text, ended, outcome }) => {
    const plan = { broken: { ...broken, afterChunks: 2 } };
    const { response, record, settled } = play(served([10, 20, 30, 40], plan));
    vi.advanceTimersByTime(100);
    expect(response.written.map((write) => write.text).join("")).toBe(text);
    expect(response.ended).toBe(ended);
    expect(response.destroyed).toBe(true);
    expect(settled).toEqual([{ outputTokens: 4, wastedTokens: 0, completed: false }]);
    expect(record()).toMatchObject({ outcome, reason: broken.how, endMs: 20 });
  });

  it("says nothing more when a fault stalls it, until its client gives up", () => {
    const { response, record } = play(served([10, 20, 30], { broken: { how: "stall", afterChunks: 1 } }));
    vi.advanceTimersByTime(60_000);
    expect(response.written.map(({ text }) => text)).toEqual(["<0"]);
    expect(record()).toBeUndefined();
    response.leave();
    expect(record()).toMatchObject({ outcome: "cut-stream", reason: "stall", endMs: 60_000 });
  });

  it("ends in the journal of the run in which it began", () => {
    const { mock, record } = play(served([10]));
    const before = mock.state.journal;
    mock.reset();
    vi.advanceTimersByTime(20);
    expect(before.lastSeq).toBe(1);
    expect(record()).toBeUndefined();
  });
});
