/** The open loop keeps its schedule whatever the target and the event loop do. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { OpenPhase } from "../../../behavior/workload.ts";
import { playOpenPhase } from "../../../load/native/open-phase.ts";
import { manualClock } from "../manual-clock.ts";
import { planned } from "../planned.ts";
import { fakeStage, hasResolved } from "./fake-stage.ts";

function openPhase(instantsMs: readonly number[], durationMs = 0): OpenPhase {
  const arrivals = instantsMs.map((atMs, index) => planned({ key: `a${index}`, atMs }));
  return { kind: "open", name: "load", durationMs, arrivals: () => arrivals };
}

describe("playOpenPhase", () => {
  it("sends each request at its own instant although nothing is ever answered", () => {
    const clock = manualClock();
    const stage = fakeStage(clock, () => undefined);
    void playOpenPhase(openPhase([0, 10, 10, 25.5, 1_000]), stage);
    clock.advanceTo(1_000);
    expect(stage.sent.map((request) => request.sentMs)).toEqual([0, 10, 10, 25.5, 1_000]);
  });

  it("catches up after a stall without moving the instants that requests are measured from", () => {
    const clock = manualClock();
    const stage = fakeStage(clock, () => 1);
    void playOpenPhase(openPhase([0, 10, 20, 30, 200]), stage);
    clock.stallUntil(100);
    clock.advanceTo(200);
    expect(stage.sent.map((request) => request.dueMs)).toEqual([0, 10, 20, 30, 200]);
    expect(stage.sent.map((request) => request.sentMs)).toEqual([0, 100, 100, 100, 200]);
  });

  it("lets answers be read between bursts when it has much to catch up on", () => {
    const clock = manualClock();
    const stage = fakeStage(clock, () => undefined);
    const everyMs = Array.from({ length: 500 }, (_, index) => 1 + index / 10);
    void playOpenPhase(openPhase(everyMs), stage);
    clock.stallUntil(1_000);
    clock.runDue(1);
    expect(stage.sent.length).toBe(64);
    clock.runDue();
    expect(stage.sent.length).toBe(500);
  });

  it("lasts as long as it should when no more requests come", async () => {
    const clock = manualClock();
    const over = playOpenPhase(
      openPhase([0], 5_000),
      fakeStage(clock, () => 10),
    );
    clock.advanceTo(4_999);
    expect(await hasResolved(over)).toBe(false);
    clock.advanceTo(5_000);
    expect(await hasResolved(over)).toBe(true);
  });

  it("waits for the last answer when its time is up", async () => {
    const clock = manualClock();
    const over = playOpenPhase(
      openPhase([90], 100),
      fakeStage(clock, () => 500),
    );
    clock.advanceTo(589);
    expect(await hasResolved(over)).toBe(false);
    clock.advanceTo(590);
    expect(await hasResolved(over)).toBe(true);
  });

  it("ends although nothing arrives at all", async () => {
    const clock = manualClock();
    const over = playOpenPhase(
      openPhase([]),
      fakeStage(clock, () => 0),
    );
    clock.runDue();
    expect(await hasResolved(over)).toBe(true);
  });

  it("keeps the wait for room in the latency: a held-back request is still due at its instant", () => {
    const clock = manualClock();
    const stage = fakeStage(clock, () => 1_000, 1);
    void playOpenPhase(openPhase([0, 10, 20]), stage);
    clock.advanceTo(5_000);
    const latencies = stage.sent.map((request) => (request.endMs ?? Number.NaN) - request.dueMs);
    expect(latencies).toEqual([1_000, 1_990, 2_980]);
  });

  it("sends every request once, in order, never early and never beyond its room, for any arrivals and any target", () => {
    const arrivals = fc.array(fc.integer({ min: 0, max: 300 }), { maxLength: 60 });
    const services = fc.array(fc.integer({ min: 0, max: 200 }), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(arrivals, services, fc.integer({ min: 1, max: 5 }), (unordered, serviceMs, room) => {
        const instantsMs = unordered.toSorted((left, right) => left - right);
        const clock = manualClock();
        const stage = fakeStage(clock, ({ key }) => serviceMs[Number(key.slice(1)) % serviceMs.length] ?? 0, room);
        void playOpenPhase(openPhase(instantsMs), stage);
        clock.advanceTo(100_000);
        expect(stage.sent.map((request) => request.planned.key)).toEqual(instantsMs.map((_, index) => `a${index}`));
        expect(stage.sent.map((request) => request.dueMs)).toEqual(instantsMs);
        expect(stage.sent.every((request) => request.sentMs >= request.dueMs)).toBe(true);
        expect(stage.inFlightMax()).toBeLessThanOrEqual(room);
      }),
      { seed: 7 },
    );
  });
});
