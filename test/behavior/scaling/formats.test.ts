import { describe, expect, it } from "vitest";
import { parseQuantity, parseQuantityMilli } from "../../../behavior/scaling/formats/quantity.ts";
import { flappingCounts, scalingWarnings } from "../../../behavior/scaling/formats/warnings.ts";
import { counts, load, problemsOf } from "./loading.ts";
import type { Row } from "./timeline.ts";

const shapeA = `{"auto_scaling": {"min_instances": 2, "max_instances": 50, "target_cpu_utilization": 70,
  "scale_up_threshold": {"requests_per_second": 100, "queue_depth": 1000, "token_usage_rate": 80},
  "scale_down_delay_seconds": 300, "scale_up_cooldown_seconds": 60}}`;

const shapeB = `{"scaling_policy": {"min_replicas": 2, "max_replicas": 20, "metrics": [
  {"type": "cpu", "target_utilization": 70}, {"type": "custom", "name": "tokens_per_minute", "target": 10000}]}}`;

const shapeC = `
auto_scaling_config:
  scaling_policy:
    name: token-aware
    metric_type: custom
    target_metrics:
      - { metric: tokens_per_minute_utilization, target_value: 75, weight: 40 }
      - { metric: request_queue_depth, target_value: 100, weight: 30 }
      - { metric: cpu_utilization, target_value: 70, weight: 30 }
    scale_up:
      threshold_breach_duration: 60
      cooldown_period: 60
      step_adjustments:
        - { threshold: 80, scaling_adjustment: 2 }
        - { threshold: 90, scaling_adjustment: 4 }
    scale_down:
      threshold_breach_duration: 300
      cooldown_period: 300
      step_adjustments:
        - { threshold: 50, scaling_adjustment: -1 }
    capacity: { min_instances: 2, max_instances: 50, desired_initial: 3 }
`;

const shapeD = `
auto_scaling_config:
  scaling_policy:
    metric_type: queue_depth
    target_value: 1000
    scale_up: { threshold: 1500, cooldown: 30, adjustment: 3 }
    scale_down: { threshold: 500, cooldown: 600, adjustment: -1 }
    capacity: { min_instances: 1, max_instances: 100 }
`;

describe("the configs that teams write for themselves", () => {
  it("loads OR-ed thresholds: any one adds a replica, and all must be low for the delay to take one", () => {
    const config = load(shapeA);
    expect(config).toMatchObject({ minReplicas: 2, maxReplicas: 50, scaleDownDelayMs: 300_000 });
    const quiet = { requests_per_second: 20, queue_depth: 0, token_usage_rate: 10 };
    const at = (atSeconds: number, totals: Partial<typeof quiet>, cpu = 10): Row => ({
      atSeconds,
      totals: { ...quiet, ...totals },
      each: { cpu_utilization: cpu },
    });
    const rows = [
      at(0, { token_usage_rate: 80 }), //      +1
      at(30, { requests_per_second: 400 }), // 133 each: +1, but the cooldown is 60 s
      at(60, { requests_per_second: 400 }), // +1
      at(90, {}, 75), //                       cpu: +1, in cooldown
      at(105, {}), //                          everything low from here
      at(390, {}), //                          285 s
      at(405, {}), //                          300 s: -1
    ];
    expect(counts(config, 2, rows)).toEqual([3, 3, 4, 4, 4, 4, 3]);
  });

  it("runs targets as an HPA", () => {
    const config = load(shapeB);
    expect(config.metrics).toEqual(["cpu", "tokens_per_minute"]);
    const rows = [{ atSeconds: 0, each: { cpu: 0.35 }, totals: { tokens_per_minute: 55_000 } }];
    expect(counts(config, 4, rows)).toEqual([6]);
  });

  it("loads weighted metrics with steps, breach durations and a start", () => {
    const config = load(shapeC);
    expect(config).toMatchObject({ initialReplicas: 3, scaleDownDelayMs: 300_000, maxReplicas: 50 });
    expect(config.metrics).toEqual(["token_usage_rate", "queue_depth", "cpu_utilization"]);
    const at = (atSeconds: number, load: number): Row => ({
      atSeconds,
      totals: { token_usage_rate: 0.75 * load, queue_depth: 3 * load },
      each: { cpu_utilization: 0.7 * load },
    });
    // Every metric at 91 % of its target: the weighted load is 91; +4 when it has lasted a minute.
    expect(counts(config, 3, [at(0, 91), at(30, 91), at(60, 91)])).toEqual([3, 3, 7]);
  });

  it("loads a queue per instance", () => {
    const rows = [
      { atSeconds: 0, totals: { queue_depth: 3_000 } }, //  1500 each: +3
      { atSeconds: 15, totals: { queue_depth: 9_000 } }, // 1800 each: cooldown
      { atSeconds: 30, totals: { queue_depth: 9_000 } }, // +3
      { atSeconds: 60, totals: { queue_depth: 100 } }, //   ten minutes must have passed
      { atSeconds: 630, totals: { queue_depth: 100 } }, //  -1
    ];
    expect(counts(load(shapeD), 2, rows)).toEqual([5, 5, 8, 8, 7]);
  });

  it("says how it read what the file leaves open", () => {
    expect(load(shapeA).notes.join("\n")).toContain("our reading");
    expect(load(shapeD).notes.join("\n")).toContain("target_value 1000 only describes the middle");
  });

  it("reports every problem at once, with its path", () => {
    expect(
      problemsOf(`
        auto_scaling:
          min_instances: two
          max_instances: 5
      `),
    ).toEqual([
      'auto_scaling.min_instances must be a number of at least 0, is "two"',
      "auto_scaling.scale_up_threshold is missing; allowed is at least one threshold",
    ]);
    expect(() => load("replicas: 3")).toThrow("config.yaml is no scaling config that Squall knows");
  });
});

describe("Kubernetes and KEDA manifests", () => {
  it("loads an HPA as kubectl prints it, and names what it does not model", () => {
    const config = load(`
      apiVersion: autoscaling/v2
      kind: HorizontalPodAutoscaler
      metadata: { name: gateway }
      spec:
        scaleTargetRef: { apiVersion: apps/v1, kind: Deployment, name: gateway }
        minReplicas: 2
        maxReplicas: 10
        metrics:
          - { type: Resource, resource: { name: cpu, target: { type: Utilization, averageUtilization: 70 } } }
          - { type: Pods, pods: { metric: { name: inflight }, target: { type: AverageValue, averageValue: "12500m" } } }
          - type: External
            external:
              metric: { name: queue, selector: { matchLabels: { app: gateway } } }
              target: { type: Value, value: 1k }
        behavior:
          scaleUp: { policies: [{ type: Pods, value: 1, periodSeconds: 60 }] }
          scaleDown: { stabilizationWindowSeconds: 60, selectPolicy: Min, tolerance: "0.05" }
    `);
    expect(config).toMatchObject({ format: "Kubernetes HorizontalPodAutoscaler", scaleDownDelayMs: 60_000 });
    expect(config.notes).toContain("spec.metrics[2].external.metric.selector is not modelled");
    expect(config.notes).toContain("metric inflight is none that a Squall platform measures by itself");
    expect(counts(config, 4, [{ atSeconds: 0, each: { cpu: 0.7, inflight: 25 }, totals: { queue: 900 } }])).toEqual([
      5,
    ]);
  });

  it("refuses what the API server refuses", () => {
    expect(
      problemsOf(`
        apiVersion: autoscaling/v2
        kind: HorizontalPodAutoscaler
        spec:
          minReplicas: 9
          maxReplicas: 5
          metrics: [{ type: Pods, pods: { metric: { name: x }, target: { type: Utilization, averageUtilization: 3 } } }]
          behavior: { scaleDown: { stabilizationWindowSeconds: 4000, policies: [] } }
      `),
    ).toEqual([
      "spec.maxReplicas must be at least minReplicas 9, is 5",
      "spec.metrics[0].pods.target.type Utilization is not allowed for a metric of type Pods",
      "spec.behavior.scaleDown.stabilizationWindowSeconds must be at most 3600, is 4000",
      "spec.behavior.scaleDown.policies must hold at least one policy",
      "minimum and maximum the minimum 9 is above the maximum 5",
    ]);
  });

  it("loads a ScaledObject with quoted numbers, annotations and a fallback", () => {
    const config = load(`
      apiVersion: keda.sh/v1alpha1
      kind: ScaledObject
      metadata:
        name: worker
        annotations: { autoscaling.keda.sh/paused-scale-in: "true" }
      spec:
        scaleTargetRef: { name: worker }
        pollingInterval: 15
        minReplicaCount: 1
        maxReplicaCount: 8
        fallback: { failureThreshold: 3, replicas: 4 }
        advanced: { restoreToOriginalReplicaCount: true }
        triggers:
          - type: prometheus
            metadata: { serverAddress: http://prometheus, query: sum(x), metricName: tokens_per_minute, threshold: "5000", activationThreshold: "10" }
          - { type: cron, metadata: { timezone: UTC, start: 0 8 * * *, end: 0 18 * * *, desiredReplicas: "5" } }
    `);
    expect(config).toMatchObject({ format: "KEDA ScaledObject", minReplicas: 1, maxReplicas: 8 });
    expect(config.notes).toEqual([
      "spec.triggers[1]: the cron trigger is not modelled; wrap the policy in a schedule instead",
      "spec.advanced.restoreToOriginalReplicaCount is not modelled",
    ]);
    const rows = [30_000, 0].map((total, index) => ({ atSeconds: index * 900, totals: { tokens_per_minute: total } }));
    expect(counts(config, 1, rows)).toEqual([5, 5]); // the pause gives the HPA a behavior: 1 + 4 pods, and no way down
  });

  it.each([
    { text: "500m", milli: 500 },
    { text: "0.07", milli: 70 },
    { text: "10k", milli: 10_000_000 },
    { text: "1Gi", milli: 1_073_741_824_000 },
    { text: "1e3", milli: 1_000_000 },
    { text: "100u", milli: 1 },
    { text: "ten", milli: undefined },
  ])("reads the quantity $text as $milli thousandths", ({ milli, text }) => {
    expect(parseQuantityMilli(text)).toBe(milli);
  });
});

describe("static warnings", () => {
  it("names a single replica, no maximum, a short delay and CPU alone", () => {
    const config = load(`
      auto_scaling: { min_instances: 1, target_cpu_utilization: 70, scale_down_delay_seconds: 30 }
    `);
    expect(scalingWarnings(config).map(({ code }) => code)).toEqual([
      "no-high-availability",
      "no-maximum",
      "short-scale-down-delay",
      "cpu-alone",
      "may-flap",
    ]);
  });

  it("finds every count at which a scale-in would call back what it took", () => {
    // 60 n / (n - 1) < 80 holds from n = 5 on: at 4 it is exactly 80.
    expect(flappingCounts({ metric: "cpu", scaleOutAt: 80, scaleInAt: 60, scaleInStep: 1 }, 1, 20)).toEqual([2, 3, 4]);
    expect(flappingCounts({ metric: "cpu", scaleOutAt: 80, scaleInAt: 60, scaleInStep: 1 }, 4, 20)).toEqual([]);
  });

  it("has nothing to say about a sound config", () => {
    expect(scalingWarnings(load(shapeC))).toEqual([]);
  });
});

describe("a schedule", () => {
  const scheduled = `
scheduled_scaling:
  starts: fri 17:00
  periods:
    - { name: business hours, days: [mon, tue, wed, thu, fri], from: "08:00", to: "18:00", min_instances: 8 }
  otherwise: { min_instances: 2, max_instances: 4 }
`;

  it("wishes for what its period says, from the minute of the week at which the run starts", () => {
    const config = load(scheduled);
    expect(config).toMatchObject({ minReplicas: 2, maxReplicas: 8, format: "schedule (scheduled_scaling)" });
    const at = (atMs: number): number =>
      config.create().decide({ nowMs: atMs, replicas: 8, ready: 8, fleet: [], metrics: new Map() }).replicas;
    expect([at(0), at(59 * 60_000), at(60 * 60_000), at(63 * 3_600_000)]).toEqual([8, 8, 2, 8]); // until 18:00, and Monday 08:00
  });

  it("of reserved capacity runs the reserved units and their buffer", () => {
    const config = load(`
capacity_reservations:
  periods:
    - { name: peak, days: [mon], from: "09:00", to: "11:00", reserved_units: 8, on_demand_buffer_percent: 25 }
  otherwise: { reserved_units: 2 }
`);
    expect(config).toMatchObject({ minReplicas: 2, maxReplicas: 10 });
    expect(config.notes).toHaveLength(1);
  });

  it("says what is wrong with it, all at once", () => {
    const wrong = scheduled
      .replace("mon, tue", "monday, tue")
      .replace('"08:00"', '"8 am"')
      .replace("fri 17:00", "soon");
    expect(problemsOf(wrong)).toEqual([
      'scheduled_scaling.starts must be a day and a time such as mon 08:00, is "soon"',
      "scheduled_scaling.periods[0].days has monday; allowed are mon, tue, wed, thu, fri, sat, sun",
      'scheduled_scaling.periods[0].from must be a time of day such as 08:00, is "8 am"',
    ]);
  });
});

describe("numbers of a manifest", () => {
  it.each([
    { text: "250m", value: 0.25 },
    { text: "12345678n", value: 0.012345678 },
    { text: "100u", value: 0.0001 },
    { text: "2", value: 2 },
    { text: "1.5", value: 1.5 },
    { text: "128Mi", value: 134_217_728 },
    { text: "131072Ki", value: 134_217_728 },
    { text: "1G", value: 1e9 },
  ])("are Kubernetes quantities: $text is $value", ({ text, value }) => {
    expect(parseQuantity(text)).toBeCloseTo(value, 12);
  });

  it("are none where nobody could say what they mean", () => {
    expect(["1Q", "lots", ""].map(parseQuantity)).toEqual([undefined, undefined, undefined]);
  });
});
