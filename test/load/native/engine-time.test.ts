/** Time in a run, on a clock that the test turns, against a real server: scenario time, patience, and no coordinated omission. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { nativeEngineOn } from "../../../load/native/engine.ts";
import { behaviors } from "../behaviors.ts";
import { manualClock } from "../manual-clock.ts";
import { planned } from "../planned.ts";
import { scriptedServer, type ScriptedServer, wholeCompletion } from "../scripted-server.ts";
import { open, played } from "./played.ts";

let server: ScriptedServer;
beforeEach(async () => {
  server = await scriptedServer(behaviors);
});
afterEach(async () => {
  await server.close();
});

describe("time", () => {
  it("is scenario time: wall time multiplied by the time scale", async () => {
    const clock = manualClock(5_000);
    const requests = [
      planned({ key: "a0", model: "whole", stream: false, atMs: 0 }),
      planned({ key: "a1", model: "whole", stream: false, atMs: 300 }),
    ];
    const { options, records } = played(server, [open(requests, { durationMs: 1_000 })], undefined, { timeScale: 10 });
    const run = nativeEngineOn(clock)(options);
    await turnUntil(clock, 5_000, () => records.length === 1);
    clock.advanceTo(5_030);
    await server.received(2);
    clock.stallUntil(5_042);
    await turnUntil(clock, 5_042, () => records.length === 2);
    clock.advanceTo(5_100);
    const result = await run;
    expect(records).toMatchObject([
      { key: "a0", intendedMs: 0, sentMs: 0, endMs: 0 },
      { key: "a1", intendedMs: 300, sentMs: 300, firstTokenMs: 420, endMs: 420 },
    ]);
    expect(result).toMatchObject({ durationMs: 1_000, phases: [{ name: "load", startMs: 0, endMs: 1_000 }] });
  });

  it("shortens the client's patience with the time scale", async () => {
    const clock = manualClock();
    const { options, records } = played(server, [open([planned({ model: "silence" })])], 1_000, { timeScale: 10 });
    const run = nativeEngineOn(clock)(options);
    await turnUntil(clock, 0, () => server.requests.length === 1);
    clock.advanceTo(99);
    expect(records.length).toBe(0);
    clock.advanceTo(100);
    await run;
    expect(records[0]).toMatchObject({ outcome: "timeout", intendedMs: 0, endMs: 1_000 });
  });

  it("gives up requests in the order of their deadlines", async () => {
    const clock = manualClock();
    const requests = [0, 100, 250].map((atMs, index) => planned({ key: `a${index}`, model: "silence", atMs }));
    const { options, records } = played(server, [open(requests)], 1_000);
    const run = nativeEngineOn(clock)(options);
    await turnUntil(clock, 0, () => server.requests.length === 1);
    clock.advanceTo(250);
    await server.received(3);
    clock.advanceTo(5_000);
    await run;
    expect(records.map(({ key, endMs }) => [key, endMs])).toEqual([
      ["a0", 1_000],
      ["a1", 1_100],
      ["a2", 1_250],
    ]);
  });

  it("hides no stall: with one connection, requests that wait behind a stalled one are late by as much as they waited", async () => {
    const clock = manualClock();
    const answers: (() => void)[] = [];
    await server.close();
    server = await scriptedServer({
      gpt: (response) =>
        answers.push(() => response.writeHead(200, { "content-type": "application/json" }).end(wholeCompletion)),
    });
    const requests = Array.from({ length: 11 }, (_, index) =>
      planned({ key: `a${index}`, model: "gpt", stream: false, atMs: index * 100 }),
    );
    const { options, records } = played(server, [open(requests)], undefined, {
      limits: { maxInFlight: 1, maxConnections: 1 },
    });
    const run = nativeEngineOn(clock)(options);
    await turnUntil(clock, 0, () => server.requests.length === 1);
    clock.advanceTo(1_000); // the server stalls for a second; ten more requests fall due
    for (let answered = 0; answered < requests.length; answered++) {
      await turnUntil(clock, 1_000, () => answers.length > answered);
      answers[answered]?.();
      await turnUntil(clock, 1_000, () => records.length > answered);
    }
    clock.advanceTo(1_001);
    const result = await run;
    expect(records.map(({ intendedMs, endMs }) => endMs - intendedMs)).toEqual([
      1_000, 900, 800, 700, 600, 500, 400, 300, 200, 100, 0,
    ]);
    expect(result.generator.overload).toContain("in flight");
  });

  it("times out a request that was held back for longer than its client waits, without sending it", async () => {
    const clock = manualClock();
    const requests = [0, 10].map((atMs, index) => planned({ key: `a${index}`, model: "silence", atMs }));
    const { options, records } = played(server, [open(requests)], 50, {
      limits: { maxInFlight: 1, maxConnections: 1 },
    });
    const run = nativeEngineOn(clock)(options);
    await turnUntil(clock, 0, () => server.requests.length === 1);
    clock.advanceTo(40);
    clock.stallUntil(70);
    clock.advanceTo(100);
    await run;
    expect(records).toMatchObject([
      { key: "a0", outcome: "timeout", endMs: 70 },
      { key: "a1", outcome: "timeout", intendedMs: 10, sentMs: 70, endMs: 70 },
    ]);
    expect(server.requests.length).toBe(1);
  });
});

/** Lets sockets and the clock's due callbacks take turns, the clock standing still, until something has happened. */
async function turnUntil(clock: ReturnType<typeof manualClock>, atMs: number, happened: () => boolean): Promise<void> {
  while (!happened()) {
    clock.advanceTo(atMs);
    await new Promise(setImmediate);
  }
}
