import { afterEach, describe, expect, it, vi } from "vitest";
import { LiveReplicaSet } from "../../../cli/live/replica-set.ts";
import { FleetLog } from "../../../simulator/fleet-log.ts";
import { Tally } from "../../../simulator/tally.ts";
import { madeFleet, type MadeFleet } from "./made-fleet.ts";

afterEach(() => vi.useRealTimers());

function started(
  ready: number,
): MadeFleet & { readonly set: LiveReplicaSet; readonly log: FleetLog; readonly tally: Tally } {
  const made = madeFleet(ready);
  const [log, tally] = [new FleetLog(), new Tally()];
  const set = new LiveReplicaSet({
    fleet: made.fleet,
    clock: made.clock,
    log,
    tally,
    start: ready,
    errorShares: new Map(),
  });
  made.onChange = () => set.changed();
  return Object.assign(made, { set, log, tally });
}

const rollout = { kind: "rollout", version: "v2", surge: 1, unavailable: 0, errorShare: 0, slowdown: 1 } as const;

describe("the replicas of a live fleet", () => {
  it("become as many as are wished for, the newest going first, and are counted at every change", async () => {
    const { set, calls, enter, log } = started(2);
    set.changed();
    await set.scaleTo(4);
    expect(calls).toEqual(["add v1", "add v1"]);
    vi.setSystemTime(100);
    enter(2, "ready");
    await set.scaleTo(1);
    expect(calls.slice(2)).toEqual(["drain 3", "drain 2", "drain 1"]); // who starts before who serves, the newest first
    expect(log.counts).toEqual([
      { atMs: 0, wished: 4, starting: 2, ready: 2, draining: 0 },
      { atMs: 1_000, wished: 1, starting: 0, ready: 1, draining: 2 },
    ]);
  });

  it("are exchanged one by one for those of another version, and back", async () => {
    const { set, calls, enter, replica } = started(2);
    await set.rollOut(rollout);
    expect(calls).toEqual(["add v2"]);
    enter(2, "ready");
    expect(calls).toEqual(["add v2", "drain 1", "add v2"]);
    enter(3, "ready");
    expect(calls.slice(3)).toEqual(["drain 0"]);
    expect(set.version).toBe("v2");
    expect(await set.rollBack()).toBe(true);
    expect(calls.at(-1)).toBe("add v1");
    expect(replica(4).version).toBe("v1");
    expect(await started(1).set.rollBack()).toBe(false);
  });

  it("stay as they are where a version is asked for that the gateway does not have", async () => {
    const { fleet, calls, clock } = madeFleet(1);
    const books = { fleet, clock, log: new FleetLog(), tally: new Tally(), errorShares: new Map<string, number>() };
    const set = new LiveReplicaSet({ ...books, start: 1, versions: ["v2"] });
    await expect(set.rollOut({ ...rollout, version: "v3" })).rejects.toMatchObject({
      code: "not-done-live",
      message: 'the gateway has no version "v3"; it has v1, v2',
    });
    expect([calls, set.version]).toEqual([[], "v1"]);
    await set.rollOut(rollout);
    expect(calls).toEqual(["add v2"]);
  });

  it("are exchanged one by one where a policy is only for those that start", async () => {
    const { set, calls, enter, policies, fleet } = started(1);
    void fleet.setPolicy({ routes: [], retries: 0, retryOn: [], requestTimeoutMs: undefined });
    expect(policies).toHaveLength(1);
    await set.renew();
    enter(1, "ready");
    expect(calls).toEqual(["policy", "add v1", "drain 0"]);
  });

  it("are replaced when their loss is noticed, and not before", async () => {
    const { set, calls, replica, tally } = started(2);
    replica(0).inFlight = 3;
    expect(await set.lose(1, 5_000)).toBe(1);
    expect(calls).toEqual(["kill 0"]);
    expect(tally.counts.killed).toBe(3);
    vi.advanceTimersByTime(499);
    expect(calls).toEqual(["kill 0"]);
    vi.advanceTimersByTime(1);
    expect(calls).toEqual(["kill 0", "add v1"]);
  });

  it("are drained the oldest first, and others are started for them", async () => {
    const { set, calls } = started(2);
    expect(await set.drain(1)).toBe(1);
    expect(calls).toEqual(["drain 0", "add v1"]);
  });

  it("are replaced at once when they end by themselves, until the run is over", () => {
    const { set, calls, enter } = started(2);
    enter(0, "gone");
    expect(calls).toEqual(["add v1"]);
    set.stop();
    enter(1, "gone");
    expect(calls).toEqual(["add v1"]);
  });
});
