import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { normalizeWithBehavior, type Normalization } from "../../../behavior/scaling/hpa/behavior.ts";
import { noEvents, rememberEvent } from "../../../behavior/scaling/hpa/history.ts";
import { normalizeWithoutBehavior } from "../../../behavior/scaling/hpa/legacy.ts";
import { hpaPolicy } from "../../../behavior/scaling/hpa/policy.ts";
import { defaultHpaFlags, fillBehavior, type HpaBehavior, type HpaSpec } from "../../../behavior/scaling/hpa/spec.ts";
import { multiplyDivideInt64 } from "../../../behavior/scaling/integers.ts";
import { observe, play } from "./timeline.ts";

const tokens: HpaSpec = {
  minReplicas: 2,
  maxReplicas: 20,
  metrics: [
    { type: "External", metric: "tokens_per_minute", target: { type: "AverageValue", averageValueMilli: 10_000_000 } },
  ],
};

describe("an HPA on tokens per minute, 10k a replica, every 15 s", () => {
  it("follows a spike at the default rate and comes down five minutes after the last high wish", () => {
    const policy = hpaPolicy({ ...tokens, behavior: {} });
    const totals = (count: number): { readonly tokens_per_minute: number } => ({ tokens_per_minute: count });
    const decisions = play(policy, 2, [
      { atSeconds: 0, totals: totals(20_000) }, //   2 wanted, 2 run
      { atSeconds: 15, totals: totals(150_000) }, // 15 wanted; +4 pods and +100 % both allow 6 or less
      { atSeconds: 30, totals: totals(150_000) }, // 15 wanted, 6 + max(4, 6) = 12
      { atSeconds: 45, totals: totals(150_000) }, // 15 wanted, 12 + 12 allows it
      { atSeconds: 60, totals: totals(30_000) }, //  3 wanted, 15 is the highest of 300 s
      { atSeconds: 330, totals: totals(30_000) }, // the wish of 45 s is 285 s old: still held
      { atSeconds: 345, totals: totals(30_000) }, // exactly 300 s old: out
      { atSeconds: 360, totals: totals(27_500) }, // 2.75 of 3: within tolerance
    ]);
    expect(decisions.map(({ replicas }) => replicas)).toEqual([2, 6, 12, 15, 15, 15, 3, 3]);
    expect(decisions.map(({ reason }) => reason)).toEqual([
      "HPA: tokens_per_minute 10k of target 10k per replica, stays at 2, within tolerance 10 %",
      "HPA: tokens_per_minute 75k of target 10k per replica, 2 -> 6, wanted 15, limited by policy 4 pods/15 s",
      "HPA: tokens_per_minute 25k of target 10k per replica, 6 -> 12, wanted 15, limited by policy 100 %/15 s",
      "HPA: tokens_per_minute 12.5k of target 10k per replica, 12 -> 15",
      "HPA: tokens_per_minute 2000 of target 10k per replica, stays at 15, wanted 3, held by the highest wish of the last 300 s",
      "HPA: tokens_per_minute 2000 of target 10k per replica, stays at 15, wanted 3, held by the highest wish of the last 300 s",
      "HPA: tokens_per_minute 2000 of target 10k per replica, 15 -> 3",
      "HPA: tokens_per_minute 9167 of target 10k per replica, stays at 3, within tolerance 10 %",
    ]);
  });

  it("without behavior doubles at each sync, and holds a wish that is exactly five minutes old", () => {
    const decisions = play(hpaPolicy(tokens), 2, [
      { atSeconds: 0, totals: { tokens_per_minute: 150_000 } }, //   15 wanted, max(2 x 2, 4)
      { atSeconds: 15, totals: { tokens_per_minute: 150_000 } }, //  15 wanted, 8
      { atSeconds: 30, totals: { tokens_per_minute: 150_000 } }, //  15
      { atSeconds: 330, totals: { tokens_per_minute: 20_000 } }, //  300 s later: still 15
      { atSeconds: 345, totals: { tokens_per_minute: 20_000 } }, //  315 s: down to 2
      { atSeconds: 360, totals: { tokens_per_minute: 1_000 } }, //   1 wanted, 2 is the minimum
    ]);
    expect(decisions.map(({ replicas }) => replicas)).toEqual([4, 8, 15, 15, 2, 2]);
    expect(decisions[0]?.reason).toBe(
      "HPA: tokens_per_minute 75k of target 10k per replica, 2 -> 4, wanted 15, limited to doubling, or 4",
    );
  });

  it("does nothing while its only metric fails, and says so", () => {
    const decisions = play(hpaPolicy(tokens), 5, [{ atSeconds: 0, totals: { tokens_per_minute: null } }]);
    expect(decisions).toEqual([
      { replicas: 5, reason: "HPA: tokens_per_minute has no usable reading (metricsUnavailable), stays at 5" },
    ]);
  });

  it("takes the larger of two metrics, scales up while the other fails, and not down", () => {
    const cpu = { type: "Resource", resource: "cpu", target: { type: "Utilization", averageUtilization: 70 } } as const;
    const decisions = play(hpaPolicy({ ...tokens, metrics: [...tokens.metrics, cpu], behavior: {} }), 4, [
      { atSeconds: 0, each: { cpu: 0.91 }, totals: { tokens_per_minute: 40_000 } },
      { atSeconds: 15, each: { cpu: 0.91 }, totals: { tokens_per_minute: null } },
      { atSeconds: 630, each: { cpu: 0.2 }, totals: { tokens_per_minute: null } },
    ]);
    expect(decisions.map(({ replicas }) => replicas)).toEqual([6, 8, 8]);
    expect(decisions[0]?.reason).toBe("HPA: cpu 91 % of target 70 %, 4 -> 6");
    expect(decisions[2]?.reason).toContain("tokens_per_minute has no usable reading");
  });
});

describe("what an HPA is told of the fleet", () => {
  it("shares a total among the replicas that are not on their way out", () => {
    const seen = observe({ atSeconds: 0, totals: { tokens_per_minute: 40_000 } }, 5);
    const fleet = seen.fleet.map((replica, index) => ({ ...replica, deleting: index === 4 }));
    const { reason } = hpaPolicy(tokens).decide({ ...seen, replicas: 4, fleet });
    expect(reason).toBe("HPA: tokens_per_minute 10k of target 10k per replica, stays at 4, within tolerance 10 %");
  });

  it("judges one container by its own samples and requests, and names those that are still starting", () => {
    const target = { type: "Utilization", averageUtilization: 50 } as const;
    const metric = { type: "ContainerResource", container: "proxy", resource: "cpu", target } as const;
    const seen = observe({ atSeconds: 3_700, each: { "proxy/cpu": 0.3 } }, 4);
    const fleet = seen.fleet.map((replica, index) => ({
      ...replica,
      requestsMilli: { cpu: 4_000, "proxy/cpu": 200 },
      ...(index === 3 ? { startedAtMs: 3_690_000, readiness: { state: "unready", sinceMs: 3_690_000 } as const } : {}),
    }));
    const policy = hpaPolicy({ minReplicas: 1, maxReplicas: 20, metrics: [metric], behavior: {} });
    // 900 of 600 is 150 %; with the fourth as idle 900 of 800, 112 %: ceil(112 / 50 x 4) = 9, of which 4 + 4 are allowed.
    expect(policy.decide({ ...seen, fleet })).toEqual({
      replicas: 8,
      reason: "HPA: proxy/cpu 150 % of target 50 % (1 starting), 4 -> 8, wanted 9, limited by policy 4 pods/15 s",
    });
  });
});

describe("normalization of an HPA's wish", () => {
  it("stays within min and max, and within what its policies allow, whatever was wished before", () => {
    fc.assert(
      fc.property(walks(), behaviors(), ({ current, wishes }, behavior) => {
        for (const { from, step } of normalized(current, wishes, behavior)) {
          expect(step.replicas).toBeGreaterThanOrEqual(Math.min(from, 2));
          expect(step.replicas).toBeLessThanOrEqual(Math.max(from, 40));
          if (step.replicas > from) expect(step.replicas).toBeLessThanOrEqual(step.rateLimit?.replicas ?? Infinity);
          if (step.replicas < from) expect(step.replicas).toBeGreaterThanOrEqual(step.rateLimit?.replicas ?? 0);
        }
      }),
      { seed: 5, numRuns: 300 },
    );
  });

  it("never moves against the wish, nor beyond it", () => {
    fc.assert(
      fc.property(walks(), behaviors(), ({ current, wishes }, behavior) => {
        for (const { from, step, wish } of normalized(current, wishes, behavior)) {
          expect(step.stabilizedReplicas).toBeGreaterThanOrEqual(Math.min(from, wish));
          expect(step.stabilizedReplicas).toBeLessThanOrEqual(Math.max(from, wish));
        }
      }),
      { seed: 6, numRuns: 300 },
    );
  });

  it("comes down no sooner with a longer window", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 2, max: 40 }), { minLength: 1, maxLength: 30 }), (wishes) => {
        const recommendations = wishes.map((replicas, index) => ({ replicas, atMs: index * 15_000 }));
        const input = { nowMs: wishes.length * 15_000, minReplicas: 2, maxReplicas: 40, currentReplicas: 20 };
        const held = [0, 30, 60, 300, 3_600].map(
          (seconds) =>
            normalizeWithoutBehavior({ ...input, desiredReplicas: 3, recommendations }, seconds * 1_000)
              .stabilizedReplicas,
        );
        expect(held).toEqual(held.toSorted((one, other) => one - other));
      }),
      { seed: 7 },
    );
  });
});

describe("the reason of an HPA", () => {
  it("says what is measured in percent in percent, and which policy held it back", () => {
    const policy = hpaPolicy({
      minReplicas: 2,
      maxReplicas: 20,
      metrics: [{ type: "External", metric: "token_usage_rate", target: { type: "Value", valueMilli: 75_000 } }],
      behavior: { scaleUp: { policies: [{ type: "Pods", value: 1, periodSeconds: 15 }] } },
    });
    const [decision] = play(policy, 9, [{ atSeconds: 0, totals: { token_usage_rate: 91 } }]);
    expect(decision?.reason).toBe(
      "HPA: token_usage_rate 91 % of target 75 %, 9 -> 10, wanted 11, limited by policy 1 pod/15 s",
    );
  });
});

describe("int64 arithmetic", () => {
  it("stays exact where a double does not: 100 pods of 64 GiB, in thousandths, times 100", () => {
    const used = 100 * 64 * 2 ** 30 * 1_000 - 1;
    expect(multiplyDivideInt64(used, 100, 100 * 64 * 2 ** 30 * 1_000)).toBe(99);
  });
});

interface Step {
  readonly from: number;
  readonly wish: number;
  readonly step: Normalization;
}

function normalized(current: number, wishes: readonly number[], behavior: HpaBehavior): readonly Step[] {
  const filled = fillBehavior(behavior, defaultHpaFlags);
  let [from, recommendations, events] = [current, [] as Normalization["recommendations"], noEvents];
  return wishes.map((wish, index): Step => {
    const nowMs = index * 15_000;
    const bounds = { minReplicas: 2, maxReplicas: 40, nowMs };
    const input = { ...bounds, currentReplicas: from, desiredReplicas: wish, recommendations };
    const step = normalizeWithBehavior(input, filled, events);
    const before = from;
    events = rememberEvent(events, filled, from, step.replicas, nowMs);
    from = step.replicas;
    ({ recommendations } = step);
    return { from: before, wish, step };
  });
}

function walks(): fc.Arbitrary<{ readonly current: number; readonly wishes: readonly number[] }> {
  const wishes = fc.array(fc.integer({ min: 0, max: 60 }), { minLength: 1, maxLength: 40 });
  return fc.record({ current: fc.integer({ min: 2, max: 40 }), wishes });
}

function behaviors(): fc.Arbitrary<HpaBehavior> {
  const policy = fc.record({
    type: fc.constantFrom("Pods" as const, "Percent" as const),
    value: fc.integer({ min: 1, max: 100 }),
    periodSeconds: fc.constantFrom(15, 60, 300),
  });
  const rules = fc.record({
    stabilizationWindowSeconds: fc.constantFrom(0, 60, 300),
    selectPolicy: fc.constantFrom("Max" as const, "Min" as const, "Disabled" as const),
    policies: fc.array(policy, { minLength: 1, maxLength: 3 }),
  });
  return fc.record({ scaleUp: rules, scaleDown: rules });
}
