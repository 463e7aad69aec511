import { describe, expect, it } from "vitest";
import { parseIsoDuration } from "../../../behavior/scaling/formats/azure.ts";
import { scalingWarnings } from "../../../behavior/scaling/formats/warnings.ts";
import { counts, load, problemsOf } from "./loading.ts";

describe("cloud settings", () => {
  it("loads what the AWS command line prints, and joins step policies with their alarms", () => {
    const config = load(
      JSON.stringify({
        ScalableTargets: [{ MinCapacity: 2, MaxCapacity: 10 }],
        ScalingPolicies: [
          {
            PolicyName: "out",
            PolicyType: "StepScaling",
            StepScalingPolicyConfiguration: {
              AdjustmentType: "ChangeInCapacity",
              StepAdjustments: [{ MetricIntervalLowerBound: 0, ScalingAdjustment: 2 }],
              Cooldown: 60,
            },
            Alarms: [{ AlarmName: "high" }],
          },
        ],
        MetricAlarms: [
          {
            AlarmName: "high",
            MetricName: "CPUUtilization",
            Statistic: "Average",
            ComparisonOperator: "GreaterThanThreshold",
            Threshold: 75,
            Period: 60,
            EvaluationPeriods: 2,
            TreatMissingData: "ignore",
          },
        ],
      }),
    );
    expect(config.metrics).toEqual(["cpu_utilization"]);
    expect(config.notes).toContain("MetricAlarms[0].TreatMissingData is not modelled");
    const rows = [0, 60, 120].map((atSeconds) => ({ atSeconds, each: { cpu_utilization: 80 } }));
    expect(counts(config, 2, rows)).toEqual([2, 4, 4]);
  });

  it("loads an Azure autoscale setting, and warns that its thresholds flap", () => {
    const rule = (operator: string, threshold: number, direction: string): object => ({
      metricTrigger: {
        metricName: "Percentage CPU",
        timeGrain: "PT1M",
        statistic: "Average",
        timeWindow: "PT1M",
        timeAggregation: "Average",
        operator,
        threshold,
      },
      scaleAction: { direction, type: "ChangeCount", value: "1", cooldown: "PT5M" },
    });
    const config = load(
      JSON.stringify({
        location: "westeurope",
        properties: {
          enabled: true,
          profiles: [
            {
              name: "default",
              capacity: { minimum: "2", maximum: "6", default: "2" },
              rules: [rule("GreaterThan", 70, "Increase"), rule("LessThan", 60, "Decrease")],
            },
          ],
          predictiveAutoscalePolicy: { scaleMode: "Enabled" },
        },
      }),
    );
    expect(config).toMatchObject({ minReplicas: 2, maxReplicas: 6, scaleDownDelayMs: 300_000 });
    expect(config.notes).toEqual(["properties.predictiveAutoscalePolicy is not modelled"]);
    const warnings = scalingWarnings(config);
    expect(warnings.map(({ code }) => code)).toEqual(["cpu-alone", "may-flap"]);
    expect(warnings[1]?.message).toBe(
      "cpu_utilization: at 3 replicas, taking 1 away at 60 leaves 90 each, which scales out again at 70",
    );
    expect(parseIsoDuration("PT1H30M")).toBe(5_400_000);
  });
});

describe("formats whose bounds stand elsewhere", () => {
  it("loads an AWS policy alone, as put-scaling-policy takes it, and says that it has no bounds", () => {
    const config = load(`{
      "PolicyName": "cpu-50", "PolicyType": "TargetTrackingScaling", "ServiceNamespace": "ecs",
      "TargetTrackingScalingPolicyConfiguration": {
        "TargetValue": 50.0, "ScaleOutCooldown": 60, "ScaleInCooldown": 60,
        "PredefinedMetricSpecification": { "PredefinedMetricType": "ECSServiceAverageCPUUtilization" } } }`);
    expect(config).toMatchObject({ minReplicas: 1, maxReplicas: undefined, metrics: ["cpu_utilization"] });
    expect(config.notes).toContain("AWS: a policy alone says no bounds; those of platform.replicas hold");
    expect(scalingWarnings(config).map(({ code }) => code)).toContain("no-maximum");
    const bare = load(
      `{ "TargetValue": 50, "PredefinedMetricSpecification": { "PredefinedMetricType": "ECSServiceAverageCPUUtilization" } }`,
    );
    const rows = [0, 60, 120].map((atSeconds) => ({ atSeconds, each: { cpu_utilization: 100 } }));
    expect([counts(config, 2, rows), counts(bare, 2, rows)]).toEqual([
      [2, 2, 4],
      [2, 2, 4],
    ]);
  });

  it("refuses a step policy alone, whose alarm is missing", () => {
    expect(
      problemsOf(`{ "PolicyName": "out", "PolicyType": "StepScaling",
        "StepScalingPolicyConfiguration": { "AdjustmentType": "ChangeInCapacity", "StepAdjustments": [] } }`),
    ).toContain("Alarms is missing; allowed is the alarm that triggers this step policy");
  });
});

describe("a Knative Service", () => {
  const service = (annotations: string, concurrency = 0): string => `
    apiVersion: serving.knative.dev/v1
    kind: Service
    metadata: { name: gateway }
    spec:
      template:
        metadata: { annotations: { ${annotations} } }
        spec: { containerConcurrency: ${concurrency}, containers: [{ image: gateway }] }
  `;

  it("is scaled by its annotations, in either spelling, within its limit on concurrency", () => {
    const config = load(
      service(
        'autoscaling.knative.dev/target: "80", autoscaling.knative.dev/minScale: "2", autoscaling.knative.dev/max-scale: "9", autoscaling.knative.dev/window: 30s',
        50,
      ),
    );
    expect(config).toMatchObject({
      format: "Knative Service",
      minReplicas: 2,
      maxReplicas: 9,
      scaleDownDelayMs: 30_000,
      metrics: ["concurrency"],
    });
    // 50 at most in a replica, of which 70 % are the target: 175 of 35 is 5.
    const rows = Array.from({ length: 40 }, (_, second) => ({ atSeconds: second, totals: { concurrency: 175 } }));
    expect(counts(config, 2, rows).at(-1)).toBe(5);
    expect(config.notes.join("\n")).toContain("containerConcurrency 50 caps the target");
  });

  it("has no maximum and a minimum of none unless it says so, and warns of both", () => {
    const config = load(service("autoscaling.knative.dev/metric: rps, autoscaling.knative.dev/unknown: x"));
    expect(config).toMatchObject({ minReplicas: 0, maxReplicas: undefined, metrics: ["rps"] });
    expect(config.notes).toContain(
      "spec.template.metadata.annotations.autoscaling.knative.dev/unknown is not modelled",
    );
    expect(scalingWarnings(config).map(({ code }) => code)).toEqual([
      "no-high-availability",
      "no-maximum",
      "short-scale-down-delay",
    ]);
  });

  it("is refused where another autoscaler has it, and a Service of Kubernetes is none", () => {
    expect(problemsOf(service("autoscaling.knative.dev/class: hpa.autoscaling.knative.dev"))[0]).toContain(
      "must be kpa.autoscaling.knative.dev, is hpa.autoscaling.knative.dev",
    );
    expect(() => load("{ apiVersion: v1, kind: Service }")).toThrow("is no scaling config that Squall knows");
  });
});

describe("the autoscaler of a GCP instance group", () => {
  const autoscaler = (more: string): string => `{ "name": "gateway", "zone": "europe-west1-b", "autoscalingPolicy": {
    "minNumReplicas": 2, "maxNumReplicas": 12, "coolDownPeriodSec": 45, ${more} } }`;

  it("is sized by CPU as a fraction, and by metrics of its own per instance", () => {
    const config = load(
      autoscaler(`"cpuUtilization": { "utilizationTarget": 0.6, "predictiveMethod": "OPTIMIZE_AVAILABILITY" },
        "customMetricUtilizations": [{ "metric": "custom.googleapis.com/tokens_per_minute", "singleInstanceAssignment": 10000 }],
        "loadBalancingUtilization": { "utilizationTarget": 0.8 },
        "scaleInControl": { "maxScaledInReplicas": { "fixed": 1 }, "timeWindowSec": 900 }`),
    );
    expect(config).toMatchObject({ minReplicas: 2, maxReplicas: 12, scaleDownDelayMs: 900_000 });
    expect(config.metrics).toEqual(["cpu_utilization", "tokens_per_minute"]);
    expect(config.notes).toEqual(
      expect.arrayContaining([
        "autoscalingPolicy.cpuUtilization.predictiveMethod OPTIMIZE_AVAILABILITY is not modelled",
        "autoscalingPolicy.loadBalancingUtilization is not modelled",
      ]),
    );
    const rows = [
      { atSeconds: 0, each: { cpu_utilization: 90 }, totals: { tokens_per_minute: 20_000 } }, // ceil(4 x 90 / 60)
      { atSeconds: 60, each: { cpu_utilization: 30 }, totals: { tokens_per_minute: 75_000 } }, // 7.5 instances
      { atSeconds: 960, each: { cpu_utilization: 30 }, totals: { tokens_per_minute: 20_000 } }, // the peak of 15 minutes is out
    ];
    expect(counts(config, 4, rows)).toEqual([6, 8, 4]);
  });

  it("is refused when it is off, or measures nothing that is modelled", () => {
    expect(problemsOf(autoscaler(`"mode": "OFF", "cpuUtilization": { "utilizationTarget": 0.6 }`))).toEqual([
      "autoscalingPolicy.mode is OFF: this autoscaler scales nothing",
    ]);
    expect(problemsOf(autoscaler(`"loadBalancingUtilization": { "utilizationTarget": 0.8 }`))).toEqual([
      "autoscalingPolicy.cpuUtilization is missing; allowed is cpuUtilization or customMetricUtilizations",
    ]);
  });
});
