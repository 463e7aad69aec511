/** Acting on a simulation from outside, as a runbook does: play a while, look, act, play on. */
import { describe, expect, it } from "vitest";
import { createFaultSchedule } from "../../behavior/faults/schedule.ts";
import type { PlatformAction } from "../../core/scenario/event-spec.ts";
import type { RequestRecord } from "../../core/record.ts";
import { beginSimulation, type Simulation, type SimulationResult } from "../../simulator/simulate.ts";
import { answerAt10, gatewayOf, openPhase, type ScriptedProvider, scriptedProvider } from "./scripted-platform.ts";
import { everyMs } from "./scripted-scaling.ts";

interface Game extends Simulation {
  readonly records: readonly RequestRecord[];
  readonly providers: readonly [ScriptedProvider, ScriptedProvider];
}

/** A request a second for a minute, to provider `a`; `b` stands by. */
function begin(): Game {
  const providers = [scriptedProvider("a", [answerAt10]), scriptedProvider("b", [answerAt10])] as const;
  const records: RequestRecord[] = [];
  const simulation = beginSimulation({
    scenario: {
      seed: 7,
      platform: {
        gateway: "scripted",
        replicas: 1,
        routes: [
          { model: "m", providers: ["a"] },
          { model: "small", providers: ["b"] },
        ],
        retries: { max: 0, on: [] },
      },
      timeline: [],
    },
    workload: { phases: [openPhase(everyMs(1_000, 60_000))], client: { timeoutMs: 60_000 } },
    gateway: gatewayOf(),
    providers,
    apiKeys: new Map([
      ["a", "key of a"],
      ["b", "key of b"],
    ]),
    faults: createFaultSchedule(),
    timeScale: 1,
    isControlled: true,
    onRecord: (record) => records.push(record),
  });
  return { ...simulation, records, providers };
}

/** Does one thing at 20 s, undone after 10 s where that means anything. */
function actAt20s(action: PlatformAction, forMs?: number): { readonly game: Game; readonly result: SimulationResult } {
  const game = begin();
  game.playTo(20_000);
  game.control.apply(game.nowMs(), action, forMs);
  return { game, result: game.finish() };
}

const actions = ({ events }: SimulationResult): readonly unknown[] =>
  events.filter(({ kind }) => kind === "action").map(({ atMs, subject, text }) => [atMs, subject, text]);

describe("a simulation that is played bit by bit", () => {
  it("stands where it was played to, and ends as if it had been played in one go", () => {
    const game = begin();
    game.playTo(20_000);
    expect([game.nowMs(), game.isOver(), game.records.length]).toEqual([20_000, false, 20]); // that of 20 s is on its way
    const result = game.finish();
    expect([game.isOver(), game.records.length, result.statistics.requests]).toEqual([true, 60, 60]);
    const whole = begin();
    whole.finish();
    expect(game.records).toEqual(whole.records);
  });

  it("can be sent elsewhere, and back", () => {
    const { game, result } = actAt20s({ kind: "route", model: "m", providers: ["b"] }, 10_000);
    // The requests of 21 to 29 s: at 30 s what is undone goes before what arrives.
    expect(game.providers[1].calls.map(({ atMs }) => atMs)).toEqual(
      Array.from({ length: 9 }, (_, index) => 21_000 + index * 1_000),
    );
    expect(actions(result)).toEqual([
      [20_000, "m", "goes to b in place of a"],
      [30_000, "m", "goes to a again"],
    ]);
  });

  it("can be stopped, and let in again", () => {
    const { game, result } = actAt20s({ kind: "admit", requests: false }, 10_000);
    const refused = game.records.filter(({ status }) => status === 503);
    expect(refused.map(({ intendedMs, reason }) => [intendedMs, reason]).at(0)).toEqual([21_000, "gateway-off"]);
    expect(refused).toHaveLength(9);
    expect(result.replicas?.tally?.turnedAway).toBe(9);
  });

  it("can have a slow link, for a while", () => {
    const { game } = actAt20s({ kind: "link-slow", provider: "a", addedMs: 50 }, 10_000);
    const slow = game.records.filter(({ intendedMs, endMs }) => endMs - intendedMs > 59);
    expect(slow).toHaveLength(9);
  });

  it("keeps a tenant within a cap, counted by the minute, until it is lifted", () => {
    // A request costs 10 nano-dollars and two may be paid for in a minute: that on its way at 20 s, and that of 21 s.
    const { game, result } = actAt20s({ kind: "cap-tenant", tenant: "default", perHour: 1_200 }, 30_000);
    const refused = game.records.filter(({ reason }) => reason === "tenant-cap");
    expect(refused.map(({ intendedMs }) => intendedMs).slice(0, 2)).toEqual([22_000, 23_000]);
    expect(refused.at(-1)?.intendedMs).toBe(49_000);
    expect(actions(result)).toEqual([
      [20_000, "default", "may spend $0.00000120 an hour, counted by the minute"],
      [50_000, "default", "may spend what it likes"],
    ]);
  });

  it("can have one model answered by another, and back", () => {
    const { game } = actAt20s({ kind: "switch-model", model: "m", to: "small" }, 10_000);
    const switched = game.records.filter(({ servedModel }) => servedModel === "small");
    expect(switched.map(({ intendedMs }) => intendedMs)).toEqual(
      Array.from({ length: 9 }, (_, index) => 21_000 + index * 1_000),
    );
  });

  it("can have part of the conversations answered by another, a larger part of which keeps the smaller", () => {
    const switched = (share: number): readonly string[] =>
      actAt20s({ kind: "switch-model", model: "m", to: "small", share }).game.records.flatMap(({ key, servedModel }) =>
        servedModel === "small" ? [key] : [],
      );
    const [some, more] = [switched(0.3), switched(0.7)];
    expect(some.length).toBeGreaterThan(0);
    expect(more.length).toBeGreaterThan(some.length);
    expect(more.length).toBeLessThan(39);
    expect(new Set([...some, ...more]).size).toBe(more.length);
  });

  it("drains replicas: what they have they finish, and others are started for them", () => {
    const { game, result } = actAt20s({ kind: "drain", replicas: 1 });
    expect(result.replicas?.counts.at(1)).toMatchObject({
      atMs: 20_000,
      wished: 1,
      starting: 1,
      ready: 0,
      draining: 1,
    });
    expect(game.records.every(({ outcome }) => outcome === "ok")).toBe(true);
  });

  it("shows itself at every instant, and lets providers be asked past the gateway", () => {
    const game = begin();
    game.playTo(20_000);
    expect(game.view()).toMatchObject({ waiting: 0, wished: 1, ready: 1, version: "v1", admits: true });
    expect(game.view().providersOf("m")).toEqual(["a"]);
    game.control.apply(20_000, { kind: "cap-tenant", tenant: "default", perHour: 6_000 });
    game.control.apply(20_000, { kind: "switch-model", model: "m", to: "small" });
    game.playTo(20_000);
    expect(game.view().capOf("default")).toBe(6_000);
    expect(game.view().modelFor("m")).toEqual({ to: "small", share: 1 });
    expect(game.view().ask("b", "m")).toMatchObject({ kind: "serve" });
    expect(game.view().ask("nobody", "m")).toBeUndefined();
    game.finish();
  });

  it("says so where an action has nothing to act on", () => {
    expect(actions(actAt20s({ kind: "rollback" }).result)).toEqual([
      [20_000, "gateway", "has no version to roll back to"],
    ]);
    expect(actions(actAt20s({ kind: "cache-loss" }).result)).toEqual([
      [20_000, "gateway", "the cache has lost 0 answers"],
    ]);
  });

  it("can be scaled by hand", () => {
    const { result } = actAt20s({ kind: "scale", replicas: 3 });
    expect(actions(result)).toEqual([[20_000, "gateway", "by hand: 1 -> 3"]]);
    expect(result.replicas?.counts.at(1)).toMatchObject({ atMs: 20_000, wished: 3, starting: 2, ready: 1 });
  });
});
