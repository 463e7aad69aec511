import { describe, expect, it } from "vitest";
import { ClusterHands, type ClusterHandsOptions } from "../../../cli/live/cluster.ts";
import type { LivePhase, LiveReplica } from "../../../gateways/fleet/live-fleet.ts";
import { FleetLog } from "../../../simulator/fleet-log.ts";

const rollout = { version: "v2", surge: 1, unavailable: 0, errorShare: 0, slowdown: 1 };

function made(phases: readonly LivePhase[] = ["ready", "ready"]): {
  readonly hands: ClusterHands;
  readonly log: FleetLog;
  readonly calls: string[];
} {
  const calls: string[] = [];
  const log = new FleetLog();
  const none = { wishedMs: 0, sinceMs: 0, isWell: true, isCutOff: false, inFlight: 0, taken: 0, cpuSeconds: 0 };
  const replicas = phases.map((phase, id): LiveReplica => {
    return { ...none, id, name: `pod-${id}`, version: "v1", policy: 0, phase, rssBytes: 0 };
  });
  const fleet: ClusterHandsOptions["fleet"] = {
    scale: async (count) => void calls.push(`scale ${count}`),
    setImage: async (image) => void calls.push(`image ${image}`),
    undo: async (image) => void calls.push(`undo to ${image}`),
    remove: async (count, how) => (calls.push(`remove ${count} ${how}`), count),
    replicas: () => replicas,
    pace: "surge 25%, unavailable 25%",
  };
  const file = { context: "c", namespace: "n", deployment: "d", container: undefined, versions: { v2: "shop:2" } };
  const clock = { nowMs: () => 500, timeScale: 1 };
  const hands = new ClusterHands({ fleet, file, clock, log, start: 2, firstVersion: "v1", firstImage: "shop:1" });
  return { hands, log, calls };
}

describe("the hands on a fleet of pods", () => {
  it("tell the cluster what is wished for, once, and count what is there", async () => {
    const { hands, log, calls } = made(["ready", "unready", "starting", "draining"]);
    await hands.scaleTo(3);
    await hands.scaleTo(3);
    expect([hands.wished, calls]).toEqual([3, ["scale 3"]]);
    expect(log.counts.at(-1)).toEqual({ atMs: 500, wished: 3, starting: 2, ready: 1, draining: 1 });
    hands.stop();
    hands.changed();
    expect(log.counts).toHaveLength(1);
  });

  it("roll out the image that a version is named for, at the Deployment's own pace, and roll back to the one before", async () => {
    const { hands, calls } = made();
    expect(await hands.rollBack()).toBe(false);
    expect(await hands.rollOut(rollout)).toBe("surge 25%, unavailable 25%");
    expect(hands.version).toBe("v2");
    expect(await hands.rollBack()).toBe(true);
    expect(hands.version).toBe("v1");
    expect(calls).toEqual(["image shop:2", "undo to shop:1"]);
    await hands.rollOut({ ...rollout, version: "v1" });
    expect(calls.at(-1)).toBe("image shop:1");
  });

  it("refuse a version without an image, and another policy, with nothing done", async () => {
    const { hands, calls } = made();
    await expect(hands.rollOut({ ...rollout, version: "v9" })).rejects.toMatchObject({
      code: "not-done-live",
      hint: "name it in the gateway's file: kubernetes: { versions: { v9: … } }",
    });
    await expect(hands.renew()).rejects.toThrow("is in the cluster's own configuration");
    await expect(hands.cutOff()).rejects.toThrow("cannot be cut off");
    expect([calls, hands.version]).toEqual([[], "v1"]);
  });

  it("let pods finish, or lose them at once", async () => {
    const { hands, calls } = made();
    expect([await hands.drain(1), await hands.lose(2, 5_000)]).toEqual([1, 2]);
    expect(calls).toEqual(["remove 1 in-order", "remove 2 at-once"]);
  });
});
