/**
 * How phases are played, by hand: when requests are sent, and when a phase ends. All times in milliseconds.
 */
import { describe, expect, it } from "vitest";
import { createFaultSchedule } from "../../behavior/faults/schedule.ts";
import { directProfile } from "../../behavior/gateway-profile.ts";
import type { TimelineEntry } from "../../core/scenario/scenario.ts";
import { answerAt10, closedPhase, gatewayOf, openPhase, play, request, scriptedProvider } from "./scripted-platform.ts";

describe("an open phase", () => {
  it("sends every request on its own instant, whatever comes back", () => {
    const requests = [5, 7, 7].map((atMs, index) => request(`r${index}`, { atMs }));
    const { records, phases } = play([openPhase(requests)], [scriptedProvider("a", [answerAt10])], directProfile);
    expect(records.map(({ intendedMs, sentMs, endMs }) => [intendedMs, sentMs, endMs])).toEqual([
      [5, 5, 15],
      [7, 7, 17],
      [7, 7, 17],
    ]);
    expect(phases).toEqual([{ name: "load", startMs: 0, endMs: 17 }]);
  });

  it.each([
    { why: "lasts as long as it must, though all is answered", durationMs: 40, endMs: 40 },
    { why: "waits for the last answer, though its time is over", durationMs: 12, endMs: 15 },
  ])("$why", ({ durationMs, endMs }) => {
    const phase = openPhase([request("r0", { atMs: 5 })], { durationMs });
    expect(play([phase], [scriptedProvider("a", [answerAt10])], directProfile).durationMs).toBe(endMs);
  });

  it("ends even when nobody comes", () => {
    const { phases, statistics } = play(
      [openPhase([], { durationMs: 30 })],
      [scriptedProvider("a", [])],
      directProfile,
    );
    expect(phases).toEqual([{ name: "load", startMs: 0, endMs: 30 }]);
    expect(statistics.requests).toBe(0);
  });

  it("refuses a plan in which time runs backwards", () => {
    const phase = openPhase([request("r0", { atMs: 5 }), request("r1", { atMs: 4 })]);
    expect(() => play([phase], [scriptedProvider("a", [answerAt10])], directProfile)).toThrow(
      "scheduled for 4 ms at 5 ms",
    );
  });
});

describe("a closed phase", () => {
  const turns = [request("t0"), request("t1", { thinkMs: 20 }), request("t2", { thinkMs: 5 })];

  it("lets a user think between an answer and the next request", () => {
    const { records, phases } = play([closedPhase([turns])], [scriptedProvider("a", [answerAt10])], directProfile);
    // Sent at 0, at 10 + 20, and at 40 + 5.
    expect(records.map((record) => [record.key, record.sentMs, record.endMs])).toEqual([
      ["t0", 0, 10],
      ["t1", 30, 40],
      ["t2", 45, 55],
    ]);
    expect(phases).toEqual([{ name: "load", startMs: 0, endMs: 55, users: 1 }]);
  });

  it("starts users when their ramp says, whatever their first pause", () => {
    const scripts = [[request("u0", { thinkMs: 99 })], [request("u1", { thinkMs: 99 })]];
    const phase = closedPhase(scripts, { startMs: (user) => 30 * user });
    const { records } = play([phase], [scriptedProvider("a", [answerAt10])], directProfile);
    expect(records.map((record) => record.sentMs)).toEqual([0, 30]);
  });

  it.each([
    { durationMs: 29, sent: ["t0"] },
    { durationMs: 30, sent: ["t0", "t1"] },
  ])("sends nothing that is due after $durationMs", ({ durationMs, sent }) => {
    const phase = closedPhase([turns], { durationMs });
    const { records, durationMs: lasted } = play([phase], [scriptedProvider("a", [answerAt10])], directProfile);
    expect(records.map((record) => record.key)).toEqual(sent);
    expect(lasted).toBe(records.at(-1)?.endMs);
  });

  it("goes on after a failure as after an answer", () => {
    const provider = scriptedProvider("a", [{ kind: "status", status: 500, afterMs: 3 }, answerAt10]);
    const { records } = play([closedPhase([turns.slice(0, 2)])], [provider], directProfile);
    expect(records.map((record) => [record.outcome, record.sentMs])).toEqual([
      ["server-error", 0],
      ["ok", 23],
    ]);
  });

  it("never has two requests of one user in flight", () => {
    const scripts = Array.from({ length: 5 }, (_, user) => [0, 1, 2].map((turn) => request(`u${user}.t${turn}`)));
    const { statistics } = play([closedPhase(scripts)], [scriptedProvider("a", [answerAt10])], directProfile);
    expect(statistics.littlesLaw).toEqual({ meanInFlight: 5, arrivalsPerMs: 0.5, meanResponseMs: 10 });
  });

  it("ends at once without users", () => {
    expect(play([closedPhase([])], [scriptedProvider("a", [])], directProfile).durationMs).toBe(0);
  });
});

describe("the phases of a run", () => {
  it("begin when the one before has ended", () => {
    const phases = [
      closedPhase([[request("w0")]], { name: "warmup" }),
      closedPhase([[request("t0"), request("t1", { thinkMs: 5 })]], { name: "baseline" }),
      openPhase([request("t0", { atMs: 3 })], { durationMs: 20 }),
    ];
    const { records, phases: spans } = play(phases, [scriptedProvider("a", [answerAt10])], directProfile);
    expect(spans).toEqual([
      { name: "warmup", startMs: 0, endMs: 10, users: 1 },
      { name: "baseline", startMs: 10, endMs: 35, users: 1 },
      { name: "load", startMs: 35, endMs: 55 },
    ]);
    expect(records.map((record) => [record.phase, record.key, record.sentMs])).toEqual([
      ["warmup", "w0", 0],
      ["baseline", "t0", 10],
      ["baseline", "t1", 25],
      ["load", "t0", 38],
    ]);
  });

  it("do not wait for calls that go on for clients who have left", () => {
    const provider = scriptedProvider("a", [{ kind: "answer", chunksAtMs: [500] }, answerAt10]);
    const phases = [closedPhase([[request("w0")]], { name: "warmup" }), closedPhase([[request("t0")]])];
    const { records, phases: spans } = play(phases, [provider], gatewayOf(), { timeoutMs: 100 });
    expect(spans.map((span) => [span.startMs, span.endMs])).toEqual([
      [0, 100],
      [100, 110],
    ]);
    // A request is written down when nothing more will happen to it.
    expect(records.map((record) => [record.key, record.outcome])).toEqual([
      ["t0", "ok"],
      ["w0", "timeout"],
    ]);
  });

  it("start the timeline with the load", () => {
    const outage: TimelineEntry = {
      atMs: 15,
      forMs: 10,
      fault: { provider: "a", model: undefined, share: 1, kind: "outage", how: "status", status: 500 },
    };
    const unending: TimelineEntry = { ...outage, atMs: 5, forMs: undefined };
    const faults = createFaultSchedule();
    const phases = [closedPhase([[request("w0")]], { name: "warmup" }), openPhase([], { durationMs: 20 })];
    const { events } = play(phases, [scriptedProvider("a", [answerAt10])], directProfile, {
      faults,
      timeline: [outage, unending],
    });
    expect(faults.entries().map((entry) => entry.atMs)).toEqual([25, 15]);
    expect(events.map((event) => [event.atMs, event.kind, event.subject])).toEqual([
      [15, "fault-on", "a"],
      [25, "fault-on", "a"],
    ]);
  });
});
