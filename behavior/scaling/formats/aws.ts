/**
 * AWS Application Auto Scaling as its command line prints it: `describe-scalable-targets`, `describe-scaling-policies` and
 * `describe-alarms` put together in one JSON document.
 */
import { type Ms, secondMs } from "../../../core/time.ts";
import { awsPolicy } from "../aws/policy.ts";
import { type AwsAlarm, awsDefaults, type AwsScalingPolicy, type AwsSpec, type AwsStep } from "../aws/spec.ts";
import { scalingMetricName } from "../metric-names.ts";
import type { Signal } from "../signal.ts";
import type { FieldReader } from "./field-reader.ts";
import { type LoadedScaling, type ThresholdPair, unlimitedReplicas } from "./loaded.ts";

interface NamedAlarm {
  readonly signal: Signal;
  readonly alarm: AwsAlarm;
}

const comparisons = {
  GreaterThanThreshold: "above",
  GreaterThanOrEqualToThreshold: "at-or-above",
  LessThanThreshold: "below",
  LessThanOrEqualToThreshold: "at-or-below",
} as const;

export function loadAws(document: FieldReader): Omit<LoadedScaling, "notes"> {
  const target = document.list("ScalableTargets")[0];
  if (target === undefined) document.missing("ScalableTargets", "the answer of describe-scalable-targets");
  const minCapacity = target?.requiredNumber("MinCapacity", 0) ?? 0;
  const maxCapacity = target?.requiredNumber("MaxCapacity", 0) ?? 0;
  const alarms = new Map(
    document.list("MetricAlarms").map((alarm) => [alarm.requiredText("AlarmName"), alarmOf(alarm)]),
  );
  const policies = document.list("ScalingPolicies").flatMap((policy) => policyOf(policy, alarms));
  if (policies.length === 0) document.missing("ScalingPolicies", "the answer of describe-scaling-policies");
  document.done();
  return awsLoaded(document, { minCapacity, maxCapacity, policies, warmupMs: 0 }, maxCapacity);
}

/**
 * One policy by itself, as `put-scaling-policy` takes it: all of its input, or its target-tracking configuration alone. The
 * bounds stand elsewhere at AWS, so they are those of the platform here. A step policy needs its alarm and so cannot be alone.
 */
export function loadAwsPolicy(document: FieldReader): Omit<LoadedScaling, "notes"> {
  const policies = document.has("PolicyType")
    ? policyOf(document, new Map())
    : [trackingOf(document, "target-tracking")];
  document.note("AWS: a policy alone says no bounds; those of platform.replicas hold");
  return awsLoaded(document, { minCapacity: 1, maxCapacity: unlimitedReplicas, policies, warmupMs: 0 }, undefined);
}

function awsLoaded(
  document: FieldReader,
  spec: AwsSpec,
  maxReplicas: number | undefined,
): Omit<LoadedScaling, "notes"> {
  const { minCapacity, policies } = spec;
  document.note("AWS: alarms are evaluated on one-minute datapoints; a period without any does not breach");
  return {
    format: "AWS Application Auto Scaling",
    create: () => awsPolicy(spec),
    minReplicas: minCapacity,
    maxReplicas,
    initialReplicas: undefined,
    scaleDownDelayMs: scaleInDelayMs(policies),
    metrics: [...new Set(policies.map(({ signal }) => signal.metric))],
    thresholds: pairsOf(policies),
  };
}

function policyOf(part: FieldReader, alarms: ReadonlyMap<string, NamedAlarm>): readonly AwsScalingPolicy[] {
  const name = part.requiredText("PolicyName");
  const type = part.oneOf("PolicyType", ["StepScaling", "TargetTrackingScaling"]);
  part.ignore("PolicyARN", "ServiceNamespace", "ResourceId", "ScalableDimension", "CreationTime");
  if (type === "TargetTrackingScaling") {
    part.ignore("Alarms");
    return [trackingOf(part.requiredPart("TargetTrackingScalingPolicyConfiguration"), name)];
  }
  const config = part.requiredPart("StepScalingPolicyConfiguration");
  const adjustmentTypes = ["ChangeInCapacity", "PercentChangeInCapacity", "ExactCapacity"] as const;
  const step = {
    adjustmentType: config.oneOf("AdjustmentType", adjustmentTypes) ?? "ChangeInCapacity",
    steps: config.list("StepAdjustments").map(stepOf),
    minAdjustmentMagnitude: config.number("MinAdjustmentMagnitude", 0) ?? 0,
    cooldownMs: seconds(config, "Cooldown"),
  };
  config.ignore("MetricAggregationType").done();
  const named = part.list("Alarms").map((alarm) => alarm.ignore("AlarmARN").requiredText("AlarmName"));
  part.done();
  if (named.length === 0) part.missing("Alarms", "the alarm that triggers this step policy");
  return named.flatMap((alarmName): readonly AwsScalingPolicy[] => {
    const found = alarms.get(alarmName);
    if (found !== undefined) return [{ kind: "step", name, ...found, ...step }];
    part.problem("Alarms", `${alarmName} is not among MetricAlarms`, "add the answer of describe-alarms");
    return [];
  });
}

function trackingOf(config: FieldReader, name: string): AwsScalingPolicy {
  const predefined = config.part("PredefinedMetricSpecification")?.ignore("ResourceLabel");
  const customized = config.part("CustomizedMetricSpecification")?.ignore("Namespace", "Dimensions", "Unit");
  if (predefined === undefined && customized === undefined) {
    config.missing("PredefinedMetricSpecification", "a predefined or a customized metric");
  }
  const metric = predefined?.requiredText("PredefinedMetricType") ?? customized?.requiredText("MetricName") ?? "";
  const statistic = customized?.oneOf("Statistic", ["Average", "Sum", "Maximum"]) ?? "Average";
  const tracking: AwsScalingPolicy = {
    kind: "target-tracking",
    name,
    signal: signalOf(metric, statistic),
    targetValue: config.requiredNumber("TargetValue", 0),
    scaleOutCooldownMs: seconds(config, "ScaleOutCooldown"),
    scaleInCooldownMs: seconds(config, "ScaleInCooldown"),
    disableScaleIn: config.boolean("DisableScaleIn") ?? false,
  };
  predefined?.done();
  customized?.done();
  config.done();
  return tracking;
}

function alarmOf(part: FieldReader): NamedAlarm {
  const written = part.parsed(
    "ComparisonOperator",
    Object.keys(comparisons).join(", "),
    (text) => Object.entries(comparisons).find(([name]) => name === text)?.[1],
  );
  const statistic = part.oneOf("Statistic", ["Average", "Sum", "Maximum", "Minimum"]);
  const evaluationPeriods = part.requiredNumber("EvaluationPeriods", 1);
  const alarm: AwsAlarm = {
    threshold: part.requiredNumber("Threshold"),
    comparison: written ?? "at-or-above",
    evaluationPeriods,
    datapointsToAlarm: part.number("DatapointsToAlarm", 1) ?? evaluationPeriods,
    periodMs: (part.number("Period", 1) ?? 60) * secondMs,
  };
  const signal = signalOf(part.requiredText("MetricName"), statistic ?? "Average");
  part.ignore("AlarmArn", "AlarmActions", "Namespace", "Dimensions", "ActionsEnabled", "OKActions").done();
  return { signal, alarm };
}

/** Per-target request counts are totals divided by the targets; a CPU sum over tasks is rarely meant, and said as it is. */
function signalOf(metric: string, statistic: "Average" | "Sum" | "Maximum" | "Minimum"): Signal {
  const name = scalingMetricName(metric);
  if (metric.endsWith("PerTarget")) return { metric: name, statistic: "per-replica" };
  const statistics = { Average: "average", Sum: "sum", Maximum: "maximum", Minimum: "average" } as const;
  return { metric: name, statistic: statistics[statistic] };
}

function stepOf(part: FieldReader): AwsStep {
  const step = {
    lowerBound: part.number("MetricIntervalLowerBound"),
    upperBound: part.number("MetricIntervalUpperBound"),
    adjustment: part.requiredNumber("ScalingAdjustment"),
  };
  part.done();
  return step;
}

function seconds(part: FieldReader, key: string): Ms {
  const value = part.number(key, 0);
  return value === undefined ? awsDefaults.cooldownMs : value * secondMs;
}

function scaleInDelayMs(policies: readonly AwsScalingPolicy[]): Ms | undefined {
  const delays = policies.flatMap((policy) => {
    if (policy.kind === "target-tracking") {
      return policy.disableScaleIn ? [] : [awsDefaults.scaleInDatapoints * awsDefaults.datapointMs];
    }
    const scalesIn = policy.steps.some(({ adjustment }) => adjustment < 0);
    return scalesIn ? [Math.max(policy.cooldownMs, policy.alarm.datapointsToAlarm * policy.alarm.periodMs)] : [];
  });
  return delays.length === 0 ? undefined : Math.min(...delays);
}

/** Step policies on the same metric, one out and one in, both in whole replicas. */
function pairsOf(policies: readonly AwsScalingPolicy[]): readonly ThresholdPair[] {
  const steps = policies.filter((policy) => policy.kind === "step" && policy.adjustmentType === "ChangeInCapacity");
  const inward = steps.flatMap((policy) =>
    policy.kind === "step" && policy.alarm.comparison.includes("below") ? [policy] : [],
  );
  const outward = steps.flatMap((policy) =>
    policy.kind === "step" && policy.alarm.comparison.includes("above") ? [policy] : [],
  );
  return outward.flatMap((out) =>
    inward
      .filter(({ signal }) => signal.metric === out.signal.metric)
      .map((policy) => ({
        metric: out.signal.metric,
        scaleOutAt: out.alarm.threshold,
        scaleInAt: policy.alarm.threshold,
        scaleInStep: Math.max(1, ...policy.steps.map(({ adjustment }) => -adjustment)),
      })),
  );
}
