/** Whole runs of the native engine against a real server: connections, phases, interrupts, failures. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { WorkloadPhase } from "../../../behavior/workload.ts";
import { nativeEngine } from "../../../load/native/engine.ts";
import { behaviors } from "../behaviors.ts";
import { planned } from "../planned.ts";
import { scriptedServer, type ScriptedServer } from "../scripted-server.ts";
import { closed, open, played } from "./played.ts";

let server: ScriptedServer;
beforeEach(async () => {
  server = await scriptedServer(behaviors);
});
afterEach(async () => {
  await server.close();
});

describe("connections", () => {
  it("carry one request at a time and are used again", async () => {
    const script = (user: number) =>
      Array.from({ length: 20 }, (_, turn) => planned({ key: `u${user}.t${turn}`, model: "stream" }));
    const { options, records } = played(server, [closed(3, script)]);
    await nativeEngine(options);
    expect(records.filter((record) => record.outcome === "ok").length).toBe(60);
    expect(server.connections()).toBe(3);
    expect(server.pipelined()).toBe(false);
  });

  it("are not used again after a request on them was given up", async () => {
    const models = ["silence-after-token", "stream", "error-event-and-silence", "stream"];
    const script = () => models.map((model, turn) => planned({ key: `t${turn}`, model }));
    const { options, records } = played(server, [closed(1, script)], 1_000);
    await nativeEngine(options);
    expect(records.map((record) => record.outcome)).toEqual(["timeout", "ok", "cut-stream", "ok"]);
    expect(server.connections()).toBe(3);
  });

  it("are opened anew when the target closes each of them, without a failed request", async () => {
    const script = () =>
      Array.from({ length: 5 }, (_, turn) => planned({ key: `t${turn}`, model: "closing", stream: false }));
    const { options, records } = played(server, [closed(1, script)]);
    await nativeEngine(options);
    expect(records.map((record) => record.outcome)).toEqual(["ok", "ok", "ok", "ok", "ok"]);
    expect(server.connections()).toBe(5);
  });

  it.each([
    { limits: { maxInFlight: 2, maxConnections: 50 }, reason: "2 were in flight already (maxInFlight)" },
    { limits: { maxInFlight: 50, maxConnections: 2 }, reason: "all 2 connections were in use (maxConnections)" },
  ])("stay within the limits, and the run says that it was held back: $reason", async ({ limits, reason }) => {
    const requests = Array.from({ length: 30 }, (_, index) => planned({ key: `a${index}`, model: "bytewise" }));
    const { options, records } = played(server, [open(requests)], undefined, { limits });
    const { generator } = await nativeEngine(options);
    expect(records.filter((record) => record.outcome === "ok").length).toBe(30);
    expect(server.connectionsAtOnceMax()).toBe(2);
    expect(generator.overload).toContain(reason);
  });

  it("are all closed when the run is over", async () => {
    const { options } = played(server, [open([planned({ model: "stream" })])]);
    await nativeEngine(options);
    await server.deserted();
  });

  it("go to each model's own target, which is asked once", async () => {
    const asked: string[] = [];
    const script = () => ["stream", "crlf", "stream", "crlf"].map((model, turn) => planned({ key: `t${turn}`, model }));
    const { options } = played(server, [closed(2, script)]);
    const call = (model: string) => {
      asked.push(model);
      return { url: `${server.url(model)}`, headers: {} };
    };
    await nativeEngine({ ...options, target: { call } });
    expect(asked.toSorted()).toEqual(["crlf", "stream"]);
    const reached = server.requests.map((request) => request.url);
    expect(reached.filter((path) => path === "/stream").length).toBe(4);
    expect(reached.filter((path) => path === "/crlf").length).toBe(4);
  });
});

describe("a run", () => {
  it("plays its phases one after the other and tells their spans", async () => {
    const began: string[] = [];
    const phases = [
      open([planned({ key: "w0", model: "stream" })], { name: "warmup" }),
      { ...closed(1, () => [planned({ key: "b0", model: "bytewise" })]), name: "baseline" as const },
      { ...closed(2, (user) => [planned({ key: `u${user}`, model: "stream" })]), name: "load" as const },
    ];
    const { options, records } = played(server, phases, undefined, {
      onPhase: async (phase) => {
        await new Promise(setImmediate);
        began.push(`${phase.name} after ${records.length}`);
      },
    });
    const result = await nativeEngine(options);
    expect(began).toEqual(["warmup after 0", "baseline after 1", "load after 2"]);
    expect(records.map((record) => record.phase)).toEqual(["warmup", "baseline", "load", "load"]);
    expect(result.phases.map(({ name, users }) => ({ name, users }))).toEqual([
      { name: "warmup", users: undefined },
      { name: "baseline", users: 1 },
      { name: "load", users: 2 },
    ]);
    const bounds = result.phases.flatMap((phase) => [phase.startMs, phase.endMs]);
    expect(bounds[0]).toBe(0);
    expect(bounds).toEqual(bounds.toSorted((left, right) => left - right));
    expect(result.durationMs).toBeGreaterThanOrEqual(bounds.at(-1) ?? Number.NaN);
  });

  it("tells records in the order in which they end", async () => {
    const { options, records } = played(server, [
      open([planned({ key: "a0", model: "bytewise" }), planned({ key: "a1", model: "stream" })]),
    ]);
    await nativeEngine(options);
    expect(records.map((record) => record.key)).toEqual(["a1", "a0"]);
  });

  it("reports progress, at the end of the phase too", async () => {
    const { options, progress } = played(server, [
      open([planned({ model: "stream" }), planned({ key: "a1", model: "page" })]),
    ]);
    await nativeEngine(options);
    expect(progress.at(0)).toMatchObject({ phase: "load", planned: 2, finished: 0, failed: 0, inFlight: 0 });
    expect(progress.at(-1)).toMatchObject({ phase: "load", planned: 2, finished: 2, failed: 1, inFlight: 0 });
  });

  it("ends early when interrupted: nothing more is sent, what was in flight is recorded, the target sees its clients leave", async () => {
    const stop = new AbortController();
    const script = (user: number) =>
      user === 0
        ? [planned({ key: "done", model: "stream" }), planned({ key: "later", thinkMs: 60_000 })]
        : [planned({ key: `u${user}`, model: "silence" })];
    const { options, records } = played(server, [closed(4, script), open([planned({ key: "never" })])], undefined, {
      signal: stop.signal,
      onRecord: (record) => {
        records.push(record);
        if (record.key === "done") void server.received(4).then(() => stop.abort());
      },
    });
    const result = await nativeEngine(options);
    expect(result.status).toBe("interrupted");
    expect(result.phases.map((phase) => phase.name)).toEqual(["load"]);
    expect(result.phases[0]?.endMs).toBe(result.durationMs);
    expect(records.map(({ key, outcome, reason }) => `${key} ${outcome} ${reason}`).toSorted()).toEqual([
      "done ok ",
      "u1 unfinished interrupted",
      "u2 unfinished interrupted",
      "u3 unfinished interrupted",
    ]);
    await server.deserted();
  });

  it("does not begin another phase when it is interrupted at the last request of one", async () => {
    const stop = new AbortController();
    const began: string[] = [];
    const phases = [
      closed(1, () => [planned({ model: "silence" })]),
      open([planned({ model: "stream" })], { name: "baseline" }),
    ];
    const onPhase = (phase: WorkloadPhase): void => void began.push(phase.name);
    const { options } = played(server, phases, undefined, { signal: stop.signal, onPhase });
    void server.received(1).then(() => stop.abort());
    expect((await nativeEngine(options)).status).toBe("interrupted");
    await new Promise(setImmediate);
    expect(began).toEqual(["load"]);
  });

  it("does nothing when it was interrupted before it began", async () => {
    const { options, records, progress } = played(server, [open([planned({ model: "stream" })])], undefined, {
      signal: AbortSignal.abort(),
    });
    const result = await nativeEngine(options);
    expect(result).toMatchObject({ status: "interrupted", phases: [], durationMs: 0 });
    expect([records.length, progress.length, server.requests.length]).toEqual([0, 0, 0]);
  });

  it("can be interrupted while a phase is being prepared", async () => {
    const stop = new AbortController();
    const onPhase = () => new Promise<void>(() => stop.abort());
    const { options } = played(server, [open([planned()])], undefined, { signal: stop.signal, onPhase });
    expect((await nativeEngine(options)).status).toBe("interrupted");
  });

  it.each([
    { who: "onRecord", fields: { onRecord: () => fail() } },
    { who: "onPhase", fields: { onPhase: () => fail() } },
    { who: "onProgress", fields: { onProgress: () => fail() } },
    { who: "the target", fields: { target: { call: () => fail() } } },
  ])("fails with the error of $who and leaves no connection behind", async ({ fields }) => {
    const requests = [planned({ key: "a0", model: "stream" }), planned({ key: "a1", model: "silence" })];
    const { options } = played(server, [open(requests)], undefined, fields);
    await expect(nativeEngine(options)).rejects.toThrow("disk full");
    await server.deserted();
  });

  it("fails with the error of the workload", async () => {
    const arrivals = function* () {
      yield planned({ model: "stream" });
      fail();
    };
    const { options } = played(server, [{ ...open([]), kind: "open", arrivals, durationMs: 0 }]);
    await expect(nativeEngine(options)).rejects.toThrow("disk full");
  });
});

function fail(): never {
  throw new Error("disk full");
}
