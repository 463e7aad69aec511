/**
 * The scaling configs that teams write for their own platforms, in JSON or YAML (operating-world notes, shapes A to D).
 *
 * They name thresholds and leave open what those are compared with and by how much to scale. Each reading of ours is a note
 * in the result, so that nobody mistakes it for what the file says.
 */
import { type Ms, minuteMs, secondMs } from "../../../core/time.ts";
import { hpaPolicy } from "../hpa/policy.ts";
import type { HpaMetric } from "../hpa/spec.ts";
import { scalingMetricName } from "../metric-names.ts";
import type { Signal } from "../signal.ts";
import {
  type CompositeSignal,
  type ThresholdRule,
  thresholdsPolicy,
  type ThresholdsSpec,
} from "../thresholds/policy.ts";
import type { FieldReader } from "./field-reader.ts";
import { type LoadedScaling, type ThresholdPair, unlimitedReplicas } from "./loaded.ts";

type Loaded = Omit<LoadedScaling, "notes">;

const questionMs: Ms = 15 * secondMs;

/** Shape A: `auto_scaling` with OR-ed thresholds. */
export function loadAutoScaling(document: FieldReader): Loaded {
  const config = document.requiredPart("auto_scaling");
  const minReplicas = config.requiredNumber("min_instances", 0);
  const maxReplicas = config.number("max_instances", 1);
  const thresholds = config.part("scale_up_threshold");
  const cpu = config.number("target_cpu_utilization", 0);
  const read = (key: string, statistic: Signal["statistic"]): readonly [Signal, number][] => {
    const threshold = thresholds?.number(key, 0);
    return threshold === undefined ? [] : [[{ metric: key, statistic }, threshold]];
  };
  const signals: readonly (readonly [Signal, number])[] = [
    ...read("requests_per_second", "per-replica"),
    ...read("queue_depth", "per-replica"),
    ...read("token_usage_rate", "average"),
    ...(cpu === undefined ? [] : [[{ metric: "cpu_utilization", statistic: "average" }, cpu] as const]),
  ];
  if (signals.length === 0) config.missing("scale_up_threshold", "at least one threshold");
  config.note("auto_scaling: any threshold reached adds 1; requests and queue are compared per replica (our reading)");
  config.note("auto_scaling: below every threshold for the scale-down delay removes 1 (our reading)");
  const rule = (signal: Signal, threshold: number, adjustment: number, breachMs: Ms): ThresholdRule => ({
    signal: { kind: "single", signal },
    steps: [{ threshold, adjustment }],
    breachMs,
  });
  const downMs = config.duration("scale_down_delay_seconds") ?? 5 * minuteMs;
  const upCooldownMs = config.duration("scale_up_cooldown_seconds") ?? minuteMs;
  const spec: ThresholdsSpec = {
    name: "thresholds",
    minReplicas,
    maxReplicas: maxReplicas ?? unlimitedReplicas,
    syncMs: questionMs,
    up: signals.map(([signal, threshold]) => rule(signal, threshold, 1, 0)),
    // "Below" is strict: at a threshold the up rule fires, and the up rules are asked first.
    down: signals.map(([signal, threshold]) => rule(signal, threshold, -1, downMs)),
    upCooldownMs,
    downCooldownMs: downMs,
  };
  thresholds?.done();
  config.done();
  return thresholdsLoaded("thresholds (auto_scaling)", spec, { maxReplicas, initialReplicas: undefined });
}

/** Shape B: `scaling_policy` with metrics and targets; shaped like an HPA, and run by one. */
export function loadScalingPolicy(document: FieldReader): Loaded {
  const config = document.requiredPart("scaling_policy");
  const minReplicas = config.requiredNumber("min_replicas", 0);
  const maxReplicas = config.number("max_replicas", 1);
  const metrics = config.list("metrics").flatMap((metric): readonly HpaMetric[] => {
    const read = targetMetric(metric);
    metric.done();
    return read === undefined ? [] : [read];
  });
  if (metrics.length === 0) config.missing("metrics", "at least one metric");
  config.note("scaling_policy: run by Kubernetes HPA rules with default behavior; a custom target is per replica");
  config.done();
  const spec = { minReplicas, maxReplicas: maxReplicas ?? unlimitedReplicas, metrics, behavior: {} };
  return {
    format: "targets (scaling_policy)",
    create: () => hpaPolicy(spec),
    spec: { kind: "hpa", hpa: spec },
    minReplicas,
    maxReplicas,
    initialReplicas: undefined,
    scaleDownDelayMs: 5 * minuteMs,
    metrics: metrics.map((metric) =>
      metric.type === "Resource" ? metric.resource : "metric" in metric ? metric.metric : "",
    ),
    thresholds: [],
  };
}

function targetMetric(metric: FieldReader): HpaMetric | undefined {
  const type = metric.oneOf("type", ["cpu", "memory", "custom"]);
  if (type === "custom") {
    const averageValueMilli = Math.round(metric.requiredNumber("target", 0) * 1_000);
    const name = scalingMetricName(metric.requiredText("name"));
    return { type: "External", metric: name, target: { type: "AverageValue", averageValueMilli } };
  }
  if (type === undefined) {
    if (!metric.has("type")) metric.missing("type", "cpu, memory or custom");
    return undefined;
  }
  const averageUtilization = metric.requiredNumber("target_utilization", 1);
  return { type: "Resource", resource: type, target: { type: "Utilization", averageUtilization } };
}

/** Shapes C and D: `auto_scaling_config.scaling_policy`, weighted metrics or one queue. */
export function loadAutoScalingConfig(document: FieldReader): Loaded {
  const outer = document.requiredPart("auto_scaling_config");
  const config = outer.requiredPart("scaling_policy");
  outer.done();
  const capacity = config.requiredPart("capacity");
  const minReplicas = capacity.requiredNumber("min_instances", 0);
  const maxReplicas = capacity.number("max_instances", 1);
  const initialReplicas = capacity.number("desired_initial", 0);
  capacity.done();
  const type = config.oneOf("metric_type", ["custom", "queue_depth"]);
  if (!config.has("metric_type")) config.missing("metric_type", "custom or queue_depth");
  const signal = type === "queue_depth" ? queueSignal(config) : weightedSignal(config);
  const up = direction(config.requiredPart("scale_up"), signal, 1);
  const down = direction(config.requiredPart("scale_down"), signal, -1);
  const spec: ThresholdsSpec = {
    name: config.text("name") ?? (type === "queue_depth" ? "queue" : "weighted metrics"),
    minReplicas,
    maxReplicas: maxReplicas ?? unlimitedReplicas,
    syncMs: questionMs,
    up: [up.rule],
    down: [down.rule],
    upCooldownMs: up.cooldownMs,
    downCooldownMs: down.cooldownMs,
  };
  config.done();
  const format = type === "queue_depth" ? "queue (auto_scaling_config)" : "weighted (auto_scaling_config)";
  return thresholdsLoaded(format, spec, { maxReplicas, initialReplicas });
}

function queueSignal(config: FieldReader): CompositeSignal {
  const target = config.number("target_value", 0);
  const about = target === undefined ? "" : `; target_value ${target} only describes the middle`;
  config.note(`scaling_policy: the queue is compared per replica${about} (our reading)`);
  return { kind: "single", signal: { metric: "queue_depth", statistic: "per-replica" } };
}

function weightedSignal(config: FieldReader): CompositeSignal {
  const parts = config.list("target_metrics").map((metric) => {
    const name = scalingMetricName(metric.requiredText("metric"));
    const statistic = name === "queue_depth" ? "per-replica" : "average";
    const target = metric.requiredNumber("target_value", 0);
    const weight = metric.number("weight", 0) ?? 1;
    if (target === 0) metric.problem("target_value", "must be above 0, is 0");
    metric.done();
    return { signal: { metric: name, statistic }, target, weight } as const;
  });
  if (parts.length === 0) config.missing("target_metrics", "at least one metric");
  config.note(
    "scaling_policy: thresholds are percent of the weighted targets, 100 is everything at its target (our reading)",
  );
  return { kind: "weighted", parts };
}

/** `step_adjustments` with a threshold each, or one `threshold` and `adjustment`. */
function direction(
  part: FieldReader,
  signal: CompositeSignal,
  sign: 1 | -1,
): { readonly rule: ThresholdRule; readonly cooldownMs: Ms } {
  const listed = part.list("step_adjustments").map((step) => {
    const threshold = step.requiredNumber("threshold", 0);
    const adjustment = sign * Math.abs(step.requiredNumber("scaling_adjustment"));
    step.done();
    return { threshold, adjustment };
  });
  const single = part.has("threshold")
    ? [{ threshold: part.requiredNumber("threshold", 0), adjustment: sign * Math.abs(part.number("adjustment") ?? 1) }]
    : [];
  const steps = [...listed, ...single];
  if (steps.length === 0) part.missing("step_adjustments", "at least one step, or threshold and adjustment");
  const breachMs = part.duration("threshold_breach_duration") ?? 0;
  const cooldownMs = part.duration("cooldown_period") ?? part.duration("cooldown") ?? 0;
  part.done();
  return { rule: { signal, steps, breachMs }, cooldownMs };
}

function thresholdsLoaded(
  format: string,
  spec: ThresholdsSpec,
  rest: Pick<LoadedScaling, "maxReplicas" | "initialReplicas">,
): Loaded {
  const delays = spec.down.map(({ breachMs }) => Math.max(breachMs, spec.downCooldownMs));
  return {
    format,
    create: () => thresholdsPolicy(spec),
    spec: { kind: "thresholds", thresholds: spec },
    minReplicas: spec.minReplicas,
    ...rest,
    scaleDownDelayMs: delays.length === 0 ? undefined : Math.min(...delays),
    metrics: [...new Set([...spec.up, ...spec.down].flatMap(({ signal }) => metricsOf(signal)))],
    thresholds: spec.up.flatMap((up, index) => pairOf(up, spec.down[index])),
  };
}

function metricsOf(signal: CompositeSignal): readonly string[] {
  return signal.kind === "single" ? [signal.signal.metric] : signal.parts.map((part) => part.signal.metric);
}

function pairOf(up: ThresholdRule, down: ThresholdRule | undefined): readonly ThresholdPair[] {
  const scaleOutAt = Math.min(...up.steps.map(({ threshold }) => threshold));
  const inStep = down?.steps.toSorted((one, other) => other.threshold - one.threshold)[0];
  if (inStep === undefined || !Number.isFinite(scaleOutAt)) return [];
  // A share of a provider's limit does not change with the number of replicas.
  const metrics = metricsOf(up.signal);
  if (metrics.every((metric) => metric === "token_usage_rate")) return [];
  const metric = metrics.length === 1 ? (metrics[0] ?? "") : "weighted load";
  return [{ metric, scaleOutAt, scaleInAt: inStep.threshold, scaleInStep: -inStep.adjustment }];
}
