/**
 * Time in a run, on a clock that the test turns, against a real server: scenario time, patience, lateness, and no
 * coordinated omission.
 */
import type { ServerResponse } from "node:http";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { PlannedRequest } from "../../../behavior/workload.ts";
import { nativeEngineOn } from "../../../load/native/engine.ts";
import { behaviors } from "../behaviors.ts";
import { type ManualClock, manualClock } from "../manual-clock.ts";
import { planned } from "../planned.ts";
import { scriptedServer, type ScriptedServer, wholeCompletion } from "../scripted-server.ts";
import { closed, open, played } from "./played.ts";

/** Requests for the model `gated`, in the order in which they came; each is answered when the test says so. */
let unanswered: ServerResponse[];
let clock: ManualClock;
let server: ScriptedServer;
beforeEach(async () => {
  unanswered = [];
  clock = manualClock();
  server = await scriptedServer({ ...behaviors, gated: (response) => unanswered.push(response) });
});
afterEach(async () => {
  await server.close();
});

describe("time in a run", () => {
  it("is scenario time: wall time multiplied by the time scale", async () => {
    clock.stallUntil(5_000);
    const requests = [gated("a0", 0), gated("a1", 300)];
    const { options, records } = played(server, [open(requests, { durationMs: 1_000 })], undefined, { timeScale: 10 });
    const run = nativeEngineOn(clock)(options);
    await answerNext();
    await until(() => records.length === 1);
    clock.advanceTo(5_030);
    await until(() => unanswered.length === 1);
    clock.stallUntil(5_042);
    await answerNext();
    await until(() => records.length === 2);
    clock.advanceTo(5_100);
    expect(await run).toMatchObject({ durationMs: 1_000, phases: [{ name: "load", startMs: 0, endMs: 1_000 }] });
    expect(records).toMatchObject([
      { key: "a0", intendedMs: 0, sentMs: 0, endMs: 0 },
      { key: "a1", intendedMs: 300, sentMs: 300, firstTokenMs: 420, endMs: 420 },
    ]);
  });

  it("hides no stall: requests that wait behind a stalled one are late by as much as they waited", async () => {
    const requests = Array.from({ length: 11 }, (_, index) => gated(`a${index}`, index * 100));
    const { options, records } = played(server, [open(requests)], undefined, { limits: oneAtATime });
    const run = nativeEngineOn(clock)(options);
    await until(() => unanswered.length === 1);
    clock.advanceTo(1_000); // the server stalls for a second; ten more requests fall due
    for (const _ of requests) await answerNext();
    await until(() => records.length === requests.length);
    clock.advanceTo(1_001);
    const { generator } = await run;
    const latencies = records.map(({ intendedMs, endMs }) => endMs - intendedMs);
    expect(latencies).toEqual([1_000, 900, 800, 700, 600, 500, 400, 300, 200, 100, 0]);
    expect(generator.overload).toContain("(maxInFlight)");
  });

  it("counts a request as sent when it is written to its connection, but not connecting as the generator's lateness", async () => {
    const { options, records } = played(server, [open([planned({ model: "stream" })])]);
    const run = nativeEngineOn(clock)(options);
    await Promise.resolve(); // the phase begins
    clock.advanceTo(0); // the request is handed over
    clock.stallUntil(7); // connecting takes this long
    await until(() => records.length === 1);
    clock.advanceTo(8);
    const { generator } = await run;
    expect(records[0]).toMatchObject({ intendedMs: 0, sentMs: 7, endMs: 7 });
    expect(generator.latenessMaxMs).toBeLessThan(1);
  });

  it("judges lateness after the warm-up only, and against the time that answers take", async () => {
    const phases = [open([gated("w0", 10)], { name: "warmup" }), open([gated("a0", 10)])];
    const { options, records } = played(server, phases);
    const run = nativeEngineOn(clock)(options);
    await socketsTurn();
    clock.stallUntil(500); // the warm-up is sent 490 ms late
    await answerNext();
    await until(() => records.length === 1);
    await socketsTurn(); // the load begins
    clock.stallUntil(518); // and is sent 8 ms late
    await until(() => unanswered.length === 1);
    clock.stallUntil(1_518); // answered after a second, of which 5 % is 50 ms
    await answerNext();
    await until(() => records.length === 2);
    clock.advanceTo(2_000);
    const { generator } = await run;
    expect(generator.latenessMaxMs).toBeCloseTo(8, 1);
    expect(generator.overload).not.toContain("late at p99");
  });
});

describe("a client's patience", () => {
  it("shrinks with the time scale", async () => {
    const { options, records } = played(server, [open([gated("a0", 0)])], 1_000, { timeScale: 10 });
    const run = nativeEngineOn(clock)(options);
    await until(() => unanswered.length === 1);
    clock.advanceTo(99);
    expect(records.length).toBe(0);
    clock.advanceTo(100);
    await run;
    expect(records[0]).toMatchObject({ outcome: "timeout", intendedMs: 0, endMs: 1_000 });
  });

  it("ends for each request at its own deadline", async () => {
    const { options, records } = played(server, [open([gated("a0", 0), gated("a1", 100), gated("a2", 250)])], 1_000);
    const run = nativeEngineOn(clock)(options);
    await until(() => unanswered.length === 1);
    clock.advanceTo(250);
    await until(() => unanswered.length === 3);
    clock.advanceTo(5_000);
    await run;
    expect(records.map(({ key, endMs }) => [key, endMs])).toEqual([
      ["a0", 1_000],
      ["a1", 1_100],
      ["a2", 1_250],
    ]);
  });

  it("may end before there is room to send: then nothing is sent", async () => {
    const { options, records } = played(server, [open([gated("a0", 0), gated("a1", 10)])], 50, { limits: oneAtATime });
    const run = nativeEngineOn(clock)(options);
    await until(() => unanswered.length === 1);
    clock.advanceTo(40);
    clock.stallUntil(70);
    while (records.length < 2) {
      clock.runDue(1);
      await socketsTurn();
    }
    clock.advanceTo(100);
    await run;
    expect(records).toMatchObject([
      { key: "a0", outcome: "timeout", endMs: 70 },
      { key: "a1", outcome: "timeout", intendedMs: 10, sentMs: 70, endMs: 70 },
    ]);
    expect(server.requests.length).toBe(1);
  });
});

describe("a client that leaves", () => {
  it("is recorded as such at that instant of scenario time, with what it had seen, and hangs up", async () => {
    const leaving = planned({ key: "a0", model: "silence", leaveAfterMs: 300 });
    const { options, records } = played(server, [open([leaving])], 1_000, { timeScale: 10 });
    const run = nativeEngineOn(clock)(options);
    await until(() => server.requests.length === 1);
    clock.advanceTo(29);
    expect(records.length).toBe(0);
    clock.advanceTo(30);
    await run;
    expect(records).toMatchObject([
      { outcome: "aborted", reason: "client-left", intendedMs: 0, endMs: 300, firstTokenMs: null },
    ]);
    expect(clock.pending()).toBe(0);
  });

  it("does not leave once it has its answer, nor after its patience has run out", async () => {
    const requests = [
      { ...gated("a0", 0), leaveAfterMs: 500 },
      { ...gated("a1", 0), leaveAfterMs: 5_000 },
    ];
    const { options, records } = played(server, [open(requests)], 1_000);
    const run = nativeEngineOn(clock)(options);
    await answerNext();
    await until(() => records.length === 1);
    clock.advanceTo(6_000);
    await run;
    expect(records).toMatchObject([
      { key: "a0", outcome: "ok" },
      { key: "a1", outcome: "timeout", endMs: 1_000 },
    ]);
  });

  it("may have left before there is room to send: then nothing is sent", async () => {
    const requests = [gated("a0", 0), { ...gated("a1", 10), leaveAfterMs: 20 }];
    const { options, records } = played(server, [open(requests)], 50, { limits: oneAtATime });
    const run = nativeEngineOn(clock)(options);
    await until(() => unanswered.length === 1);
    clock.advanceTo(40);
    await answerNext();
    await until(() => records.length === 2);
    clock.advanceTo(100);
    await run;
    expect(records[1]).toMatchObject({ key: "a1", outcome: "aborted", sentMs: 40, endMs: 40 });
    expect(server.requests.length).toBe(1);
  });
});

describe("an interrupted run", () => {
  it("leaves no timer behind", async () => {
    const stop = new AbortController();
    const script = (user: number): readonly PlannedRequest[] => [
      planned({ key: `u${user}.t0`, model: user === 0 ? "silence" : "stream" }),
      planned({ key: `u${user}.t1`, thinkMs: 60_000 }),
    ];
    const { options, records } = played(server, [closed(2, script)], undefined, { signal: stop.signal });
    const run = nativeEngineOn(clock)(options);
    await until(() => records.length === 1 && server.requests.length === 2);
    stop.abort();
    await run;
    expect(clock.pending()).toBe(0);
  });
});

const oneAtATime = { maxInFlight: 1, maxConnections: 1 };

function gated(key: string, atMs: number): PlannedRequest {
  return planned({ key, model: "gated", stream: false, atMs });
}

/** Waits for a request, the clock standing still, and answers it. */
async function answerNext(): Promise<void> {
  await until(() => unanswered.length > 0);
  unanswered.shift()?.writeHead(200, { "content-type": "application/json" }).end(wholeCompletion);
}

/** Lets sockets and what is due on the clock take turns, the clock standing still, until something has happened. */
async function until(happened: () => boolean): Promise<void> {
  while (!happened()) {
    clock.runDue();
    await new Promise(setImmediate);
  }
}

/** Lets sockets do what they can without the clock. */
async function socketsTurn(): Promise<void> {
  for (let turn = 0; turn < 10; turn++) await new Promise(setImmediate);
}
