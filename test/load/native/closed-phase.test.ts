/** The closed loop: users wait for their answers, think, and go on. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ClosedPhase } from "../../../behavior/workload.ts";
import { playClosedPhase } from "../../../load/native/closed-phase.ts";
import { manualClock } from "../manual-clock.ts";
import { planned } from "../planned.ts";
import { fakeStage, hasResolved } from "./fake-stage.ts";

/** One list of think times per user. */
function closedPhase(thinkMs: readonly (readonly number[])[], fields: Partial<ClosedPhase> = {}): ClosedPhase {
  return {
    kind: "closed",
    name: "load",
    users: thinkMs.length,
    script: (user) =>
      (thinkMs[user] ?? []).map((think, turn) =>
        planned({ key: `u${user}.t${turn}`, session: `u${user}`, thinkMs: think }),
      ),
    startMs: () => 0,
    durationMs: undefined,
    ...fields,
  };
}

describe("playClosedPhase", () => {
  it("sends the first request when its user starts and each other one after the answer and a pause", () => {
    const clock = manualClock();
    const stage = fakeStage(clock, () => 100);
    void playClosedPhase(
      closedPhase(
        [
          [0, 50, 250],
          [0, 1_000],
        ],
        { startMs: (user) => user * 30 },
      ),
      stage,
    );
    clock.advanceTo(10_000);
    expect(stage.sent.map((request) => [request.planned.key, request.sentMs])).toEqual([
      ["u0.t0", 0],
      ["u1.t0", 30],
      ["u0.t1", 150],
      ["u0.t2", 500],
      ["u1.t1", 1_130],
    ]);
  });

  it("ends when the last user has had the last answer", async () => {
    const clock = manualClock();
    const over = playClosedPhase(
      closedPhase([[0], [0, 10]]),
      fakeStage(clock, () => 100),
    );
    clock.advanceTo(209);
    expect(await hasResolved(over)).toBe(false);
    clock.advanceTo(210);
    expect(await hasResolved(over)).toBe(true);
  });

  it("ends at once when nobody has anything to say", async () => {
    expect(
      await hasResolved(
        playClosedPhase(
          closedPhase([[], []]),
          fakeStage(manualClock(), () => 0),
        ),
      ),
    ).toBe(true);
  });

  it("sends nothing after the end of the phase but waits for what is in flight", async () => {
    const clock = manualClock();
    const stage = fakeStage(clock, () => 100);
    const over = playClosedPhase(
      closedPhase(
        [
          [0, 50, 50, 50],
          [0, 51],
        ],
        { durationMs: 150 },
      ),
      stage,
    );
    clock.advanceTo(249);
    expect(await hasResolved(over)).toBe(false);
    clock.advanceTo(10_000);
    expect(await hasResolved(over)).toBe(true);
    expect(stage.sent.map((request) => request.planned.key)).toEqual(["u0.t0", "u1.t0", "u0.t1"]);
  });

  it("counts a late send from the instant at which the user meant to send", () => {
    const clock = manualClock();
    const stage = fakeStage(clock, () => 100);
    void playClosedPhase(closedPhase([[0, 50]]), stage);
    clock.advanceTo(100);
    clock.stallUntil(400);
    clock.runDue();
    expect(stage.sent[1]).toMatchObject({ dueMs: 150, sentMs: 400 });
  });

  it("lets users wait in turn when there is less room than users", () => {
    const clock = manualClock();
    const stage = fakeStage(clock, () => 100, 1);
    void playClosedPhase(closedPhase([[0], [0], [0]]), stage);
    clock.advanceTo(10_000);
    expect(stage.sent.map(({ planned: { key }, dueMs, sentMs }) => [key, dueMs, sentMs])).toEqual([
      ["u0.t0", 0, 0],
      ["u1.t0", 0, 100],
      ["u2.t0", 0, 200],
    ]);
  });

  it("never has two requests of one user in flight and honours every pause, for any script and any target", () => {
    const scripts = fc.array(fc.array(fc.integer({ min: 0, max: 500 }), { maxLength: 6 }), {
      minLength: 1,
      maxLength: 6,
    });
    const services = fc.array(fc.integer({ min: 0, max: 400 }), { minLength: 1, maxLength: 7 });
    fc.assert(
      fc.property(scripts, services, fc.integer({ min: 1, max: 6 }), (thinkMs, serviceMs, room) => {
        const clock = manualClock();
        const serviceOf = (key: string): number => serviceMs[Number(key.at(-1)) % serviceMs.length] ?? 0;
        const stage = fakeStage(clock, ({ key }) => serviceOf(key), room);
        void playClosedPhase(closedPhase(thinkMs), stage);
        clock.advanceTo(1_000_000);
        expect(stage.inFlightMax()).toBeLessThanOrEqual(Math.min(room, thinkMs.length));
        thinkMs.forEach((pauses, user) => {
          const own = stage.sent.filter((request) => request.planned.session === `u${user}`);
          expect(own.length).toBe(pauses.length);
          own.forEach((request, turn) => {
            const previous = own[turn - 1];
            expect(request.dueMs).toBe(
              previous === undefined ? 0 : (previous.endMs ?? Number.NaN) + (pauses[turn] ?? 0),
            );
            expect(request.sentMs).toBeGreaterThanOrEqual(request.dueMs);
          });
        });
      }),
      { seed: 7 },
    );
  });
});
