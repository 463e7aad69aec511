import { describe, expect, it } from "vitest";
import { awsPolicy } from "../../../behavior/scaling/aws/policy.ts";
import type { AwsScalingPolicy } from "../../../behavior/scaling/aws/spec.ts";
import { adjustedCapacity } from "../../../behavior/scaling/aws/steps.ts";
import { azurePolicy, type AzureRule } from "../../../behavior/scaling/azure/policy.ts";
import { gcpPolicy } from "../../../behavior/scaling/gcp/policy.ts";
import { reservedCapacity, schedulePolicy } from "../../../behavior/scaling/schedule/policy.ts";
import { thresholdsPolicy } from "../../../behavior/scaling/thresholds/policy.ts";
import type { ScalingDecision } from "../../../behavior/scaling/policy.ts";
import { play, type Row } from "./timeline.ts";

const counts = (decisions: readonly ScalingDecision[]): readonly number[] => decisions.map(({ replicas }) => replicas);

/** Rows a minute apart, each with the value of one metric on every replica. */
function minutes(metric: string, values: readonly number[]): readonly Row[] {
  return values.map((value, index) => ({ atSeconds: index * 60, each: { [metric]: value } }));
}

const stepUp: AwsScalingPolicy = {
  kind: "step",
  name: "cpu-high",
  signal: { metric: "cpu", statistic: "average" },
  alarm: { threshold: 70, comparison: "at-or-above", evaluationPeriods: 1, datapointsToAlarm: 1, periodMs: 60_000 },
  adjustmentType: "ChangeInCapacity",
  steps: [
    { lowerBound: 0, upperBound: 20, adjustment: 2 },
    { lowerBound: 20, upperBound: undefined, adjustment: 3 },
  ],
  minAdjustmentMagnitude: 1,
  cooldownMs: 300_000,
};

const stepDown: AwsScalingPolicy = {
  ...stepUp,
  name: "cpu-low",
  alarm: { ...stepUp.alarm, threshold: 40, comparison: "at-or-below" },
  steps: [{ lowerBound: undefined, upperBound: 0, adjustment: -1 }],
};

describe("AWS step scaling: +2 from 70 %, +3 from 90 %, -1 to 40 %, cooldown 5 minutes", () => {
  const spec = { minCapacity: 2, maxCapacity: 20, policies: [stepUp, stepDown], warmupMs: 0 };

  it("credits what the cooldown's activity added, blocks scale-in, and lets a scale-out end that block", () => {
    const decisions = play(awsPolicy(spec), 4, [
      ...minutes("cpu", [
        75, // 0 min: +2 -> 6
        75, // 1: complete, the cooldown starts; 4 + 2 is what runs
        95, // 2: +3 on the same base 4: only 1 more
        95, // 3: again 4 + 3
        60, // 4: nothing
        30, // 5: -1 (a scale-out cooldown does not block scale-in)
        30, // 6: blocked by the scale-in cooldown
        80, // 7: +2 at once
        80, // 8: credited
        30, // 9: -1: the scale-out ended the block
      ]),
    ]);
    expect(counts(decisions)).toEqual([6, 6, 7, 7, 7, 6, 6, 8, 8, 7]);
    expect(decisions[2]?.reason).toBe("AWS: cpu-high cpu 95, 6 -> 7");
    expect(decisions[6]?.reason).toBe("AWS: cpu-low cpu 30, blocked by the scale-in cooldown, stays at 6");
  });

  it("starts a cooldown only when as many are ready as were wished for", () => {
    const rows = minutes("cpu", [75, 75, 75, 75, 75, 75, 75, 75]).map((row, index) => ({
      ...row,
      ready: index < 2 ? 4 : 20,
    }));
    // Ready at 2 min, so the credit ends at 7 min and not at 5 or 6.
    expect(counts(play(awsPolicy(spec), 4, rows))).toEqual([6, 6, 6, 6, 6, 6, 6, 8]);
  });

  it.each([
    { why: "below one is one", adjustment: 10, capacity: 4, expected: 5 },
    { why: "above one is cut off", adjustment: 25, capacity: 7, expected: 8 },
    { why: "down below one is one", adjustment: -10, capacity: 4, expected: 3 },
    { why: "a minimum magnitude is kept", adjustment: 25, capacity: 4, magnitude: 2, expected: 6 },
  ])("rounds a percentage as AWS does: $why", ({ adjustment, capacity, expected, magnitude = 1 }) => {
    const policy = { adjustmentType: "PercentChangeInCapacity", minAdjustmentMagnitude: magnitude } as const;
    expect(adjustedCapacity(policy, { lowerBound: 0, upperBound: undefined, adjustment }, capacity)).toBe(expected);
  });
});

describe("AWS target tracking at 50", () => {
  it("goes out after three minutes above, in after fifteen minutes below 45, and never overshoots in a cooldown", () => {
    const tracking: AwsScalingPolicy = {
      kind: "target-tracking",
      name: "cpu-50",
      signal: { metric: "cpu", statistic: "average" },
      targetValue: 50,
      scaleOutCooldownMs: 300_000,
      scaleInCooldownMs: 300_000,
      disableScaleIn: false,
    };
    const values = [80, 80, 80, 80, 80, ...Array.from({ length: 16 }, () => 30)];
    const policy = awsPolicy({ minCapacity: 1, maxCapacity: 20, policies: [tracking], warmupMs: 0 });
    const decisions = play(policy, 4, minutes("cpu", values));
    expect(counts(decisions).slice(0, 6)).toEqual([4, 4, 7, 7, 7, 7]); //  ceil(4 x 80 / 50), once
    expect(counts(decisions)[18]).toBe(7); //                             fourteen minutes below
    expect(counts(decisions)[19]).toBe(5); //                             fifteen: ceil(7 x 30 / 50)
    expect(counts(decisions)[20]).toBe(5); //                             cooldown
  });
});

describe("Azure autoscale: out by 1 from 80 %, in by 1 to 60 %", () => {
  const rule: AzureRule = {
    signal: { metric: "cpu", statistic: "average" },
    timeWindowMs: 60_000,
    timeAggregation: "Average",
    operator: "GreaterThanOrEqual",
    threshold: 80,
    direction: "Increase",
    changeType: "ChangeCount",
    value: 1,
    cooldownMs: 60_000,
  };
  const rules: readonly AzureRule[] = [
    rule,
    { ...rule, operator: "LessThanOrEqual", threshold: 60, direction: "Decrease" },
  ];
  const spec = { minimum: 1, maximum: 10, defaultCount: 2, rules, syncMs: 60_000 };

  it("skips a scale-in whose forecast would scale out again, as in Microsoft's own example", () => {
    const decisions = play(azurePolicy(spec), 2, minutes("cpu", [80, 60, 50]));
    expect(counts(decisions)).toEqual([3, 3, 2]); // 60 x 3 / 2 = 90: skipped; 50 x 3 / 2 = 75: done
    expect(decisions[1]?.reason).toBe("Azure: cpu 60 below 60, skipped to avoid flapping, stays at 3");
  });

  it("removes fewer when removing all would flap", () => {
    const greedy = {
      ...spec,
      rules: [rule, { ...rule, operator: "LessThanOrEqual", threshold: 60, direction: "Decrease", value: 4 }],
    } as const;
    expect(counts(play(azurePolicy(greedy), 8, minutes("cpu", [55])))).toEqual([6]); // 110, 88, then 73
  });

  it("scales in only when every scale-in rule agrees, and to the default when it is blind", () => {
    const memory: AzureRule = {
      ...rule,
      signal: { metric: "memory", statistic: "average" },
      operator: "LessThan",
      threshold: 30,
      direction: "Decrease",
    };
    const policy = azurePolicy({ ...spec, rules: [...rules, memory] });
    const decisions = play(policy, 4, [
      { atSeconds: 0, each: { cpu: 20, memory: 50 } },
      { atSeconds: 60, each: { cpu: 20, memory: 20 } },
    ]);
    expect(counts(decisions)).toEqual([4, 3]);
    expect(counts(play(azurePolicy(spec), 1, [{ atSeconds: 0 }]))).toEqual([2]);
  });
});

describe("a GCP managed instance group at 60 %", () => {
  const signals = [{ signal: { metric: "cpu", statistic: "average" }, target: 60 }] as const;
  const spec = { minReplicas: 1, maxReplicas: 20, signals, initializationMs: 60_000 };

  it("rounds up, and keeps what the peak of the last ten minutes needed", () => {
    const rows = minutes("cpu", [90, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30]);
    const decisions = play(gcpPolicy(spec), 4, rows);
    expect(counts(decisions)).toEqual([6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 3]); // the peak of minute 0 is out at minute 10
  });

  it("takes no more than the scale-in control allows below the peak of its window", () => {
    const scaleInControl = { maxScaledIn: { fixed: 2 }, windowMs: 900_000 };
    const rows = minutes("cpu", [90, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30]);
    const decisions = play(gcpPolicy({ ...spec, scaleInControl }), 4, rows);
    expect(counts(decisions).slice(9, 16)).toEqual([6, 4, 4, 4, 4, 4, 3]); // 6 - 2; then 6 x 30 / 60 of minute 6
  });
});

describe("a schedule", () => {
  it("holds business hours, runs over midnight, and bounds another policy", () => {
    const weekdays = [0, 1, 2, 3, 4];
    const policy = schedulePolicy({
      periods: [
        {
          name: "business hours",
          days: weekdays,
          fromMinute: 540,
          toMinute: 1_080,
          capacity: { minReplicas: 10, maxReplicas: 50 },
        },
        {
          name: "night batch",
          days: [0],
          fromMinute: 1_320,
          toMinute: 120,
          capacity: { minReplicas: 4, maxReplicas: 8 },
        },
      ],
      otherwise: { minReplicas: 2, maxReplicas: 6 },
      startMinuteOfWeek: 530, // Monday 08:50
      syncMs: 60_000,
    });
    const at = (minute: number): Row => ({ atSeconds: (minute - 530) * 60 });
    const decisions = play(policy, 2, [
      at(539),
      at(540),
      at(1_079),
      at(1_080),
      at(1_320),
      at(1_440 + 119),
      at(1_440 + 120),
    ]);
    expect(counts(decisions)).toEqual([2, 10, 10, 2, 4, 4, 2]);
    expect(decisions[1]?.reason).toBe("schedule: business hours 10..50, 2 -> 10");
    expect(reservedCapacity(8, 25)).toBe(10);
  });
});

describe("thresholds with steps: +2 at 80, +4 at 90 after a minute, -1 at 50 after five", () => {
  const signal = { kind: "single", signal: { metric: "tokens", statistic: "average" } } as const;
  const policy = (): ReturnType<typeof thresholdsPolicy> =>
    thresholdsPolicy({
      name: "token aware",
      minReplicas: 2,
      maxReplicas: 12,
      syncMs: 30_000,
      up: [
        {
          signal,
          breachMs: 60_000,
          steps: [
            { threshold: 80, adjustment: 2 },
            { threshold: 90, adjustment: 4 },
          ],
        },
      ],
      down: [{ signal, breachMs: 300_000, steps: [{ threshold: 50, adjustment: -1 }] }],
      upCooldownMs: 60_000,
      downCooldownMs: 300_000,
    });
  const at = (atSeconds: number, tokens: number): Row => ({ atSeconds, totals: { tokens } });

  it("waits for the breach to last, takes the highest step reached, and starts anew when the signal was away", () => {
    const decisions = play(policy(), 3, [
      at(0, 85), //   begins
      at(30, 95), //  30 s
      at(60, 95), //  60 s: +4
      at(90, 95), //  cooldown
      at(120, 85), // 60 s later: +2
      at(150, 70), // away
      at(180, 85), // begins anew
      at(210, 85),
      at(240, 85), // +2
      at(300, 95), // +4, 12 is the maximum
    ]);
    expect(counts(decisions)).toEqual([3, 3, 7, 7, 9, 9, 9, 9, 11, 12]);
    expect(decisions[3]?.reason).toBe("token aware: tokens 95 at or above 90, cooldown 1 m, stays at 7");
    expect(decisions[9]?.reason).toBe("token aware: tokens 95 at or above 90, 11 -> 12, limited by maximum 12");
  });

  it("comes down a step every five minutes", () => {
    const rows = Array.from({ length: 23 }, (_, index) => at(index * 30, 40));
    const decisions = play(policy(), 5, rows);
    expect([9, 10, 19, 20].map((index) => decisions[index]?.replicas)).toEqual([5, 4, 4, 3]);
  });

  it("weighs several signals by their targets: 100 is everything at its target", () => {
    const parts = [
      { signal: { metric: "tokens", statistic: "average" }, target: 75, weight: 40 },
      { signal: { metric: "queue", statistic: "per-replica" }, target: 100, weight: 60 },
    ] as const;
    const weighted = thresholdsPolicy({
      name: "weighted",
      minReplicas: 1,
      maxReplicas: 9,
      syncMs: 30_000,
      up: [{ signal: { kind: "weighted", parts }, breachMs: 0, steps: [{ threshold: 100, adjustment: 1 }] }],
      down: [],
      upCooldownMs: 0,
      downCooldownMs: 0,
    });
    const decisions = play(weighted, 2, [
      { atSeconds: 0, totals: { tokens: 75, queue: 199 } }, // 40 + 60 x 0.995 = 99.7
      { atSeconds: 30, totals: { tokens: 150, queue: 80 } }, // 80 + 60 x 0.4 = 104
      { atSeconds: 60, totals: { tokens: 150 } }, // half of it is missing
    ]);
    expect(counts(decisions)).toEqual([2, 3, 3]);
  });
});
