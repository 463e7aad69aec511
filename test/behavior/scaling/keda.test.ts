import { describe, expect, it } from "vitest";
import { hpaOfScaledObject } from "../../../behavior/scaling/keda/hpa.ts";
import { kedaPolicy } from "../../../behavior/scaling/keda/policy.ts";
import type { KedaSpec } from "../../../behavior/scaling/keda/spec.ts";
import { play } from "./timeline.ts";

const queue: KedaSpec = {
  pollingIntervalSeconds: 30,
  cooldownPeriodSeconds: 60,
  maxReplicaCount: 10,
  triggers: [{ kind: "external", name: "queue", metricType: "AverageValue", target: 100, activationTarget: 5 }],
  behavior: { scaleDown: { stabilizationWindowSeconds: 0 } },
};

describe("KEDA on a queue, 100 a replica, active above 5", () => {
  it("wakes the first replica, leaves the rest to the HPA, and goes to zero a poll after the cooldown", () => {
    const decisions = play(kedaPolicy(queue), 0, [
      { atSeconds: 0, totals: { queue: 5 } }, //    5 is not above 5
      { atSeconds: 15, totals: { queue: 300 } }, // no poll, and the HPA is disabled at 0
      { atSeconds: 30, totals: { queue: 300 } }, // poll: 1; the HPA then wants 3
      { atSeconds: 45, totals: { queue: 300 } }, // 3 hold 300
      { atSeconds: 60, totals: { queue: 300 } }, // last poll that sees it active
      { atSeconds: 75, totals: { queue: 0 } }, //   the HPA goes down to its own minimum, 1
      { atSeconds: 90, totals: { queue: 0 } }, //   30 s into the cooldown
      { atSeconds: 120, totals: { queue: 0 } }, //  60 s: not over yet
      { atSeconds: 150, totals: { queue: 0 } }, //  90 s: over
    ]);
    expect(decisions.map(({ replicas }) => replicas)).toEqual([0, 0, 3, 3, 3, 1, 1, 1, 0]);
    expect(decisions[2]?.reason).toBe(
      "KEDA: queue active, 0 -> 1; HPA: queue shared by no replica yet of target 100 per replica, 1 -> 3",
    );
    expect(decisions[7]?.reason).toContain("KEDA: no trigger active, cooling down, stays at 1");
    expect(decisions[8]?.reason).toContain("KEDA: no trigger active, 1 -> 0");
  });

  it("never goes to zero on a failing trigger without a fallback", () => {
    const rows = [0, 30, 60, 90, 120, 600].map((atSeconds) => ({ atSeconds, totals: { queue: null } }));
    const decisions = play(kedaPolicy(queue), 2, rows);
    expect(decisions.map(({ replicas }) => replicas)).toEqual([2, 2, 2, 2, 2, 2]);
  });

  it("answers for a trigger that failed more often than allowed, so that the HPA goes to the fallback", () => {
    const policy = kedaPolicy({ ...queue, fallback: { failureThreshold: 3, replicas: 6 } });
    const decisions = play(policy, 2, [
      { atSeconds: 0, totals: { queue: null } }, //  asked by the poll and by the HPA: 2 failures
      { atSeconds: 15, totals: { queue: null } }, // by the HPA: 3, still an error
      { atSeconds: 30, totals: { queue: null } }, // by the poll: 4, answered with 600
      { atSeconds: 45, totals: { queue: 600 } }, //  it answers again
    ]);
    expect(decisions.map(({ replicas }) => replicas)).toEqual([2, 2, 6, 6]);
    expect(decisions[2]?.reason).toContain("queue by fallback active");
  });

  it("jumps from idle to the minimum, and back after the cooldown", () => {
    const policy = kedaPolicy({ ...queue, minReplicaCount: 3, idleReplicaCount: 0 });
    const decisions = play(policy, 0, [
      { atSeconds: 0, totals: { queue: 50 } },
      { atSeconds: 30, totals: { queue: 0 } },
      { atSeconds: 60, totals: { queue: 0 } },
      { atSeconds: 90, totals: { queue: 0 } },
    ]);
    expect(decisions.map(({ replicas }) => replicas)).toEqual([3, 3, 3, 0]);
  });

  it("stands still while paused, at the number the annotation gives", () => {
    const policy = kedaPolicy({ ...queue, annotations: { pausedReplicas: 4 } });
    expect(play(policy, 9, [{ atSeconds: 0, totals: { queue: 5_000 } }])).toEqual([
      { replicas: 4, reason: "KEDA: paused by annotation, 9 -> 4" },
    ]);
  });
});

describe("the HPA that KEDA creates", () => {
  it("starts at 1, ends at 100, and has its external metrics before its resources", () => {
    const hpa = hpaOfScaledObject({
      triggers: [{ kind: "resource", resource: "cpu", utilizationPercent: 70 }, ...queue.triggers],
      annotations: { pauseScaleIn: true },
    });
    expect(hpa).toMatchObject({
      minReplicas: 1,
      maxReplicas: 100,
      metrics: [
        { type: "External", metric: "queue" },
        { type: "Resource", resource: "cpu" },
      ],
      behavior: { scaleDown: { selectPolicy: "Disabled" } },
    });
  });
});
