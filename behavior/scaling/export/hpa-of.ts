/**
 * Any policy as the Kubernetes HPA that comes nearest to it, and in words whatever an HPA cannot say.
 *
 * An HPA knows targets that a metric is kept at, windows and limits on growth. It knows no thresholds with a dead band between
 * them, no weights, no cooldown and no zero replicas.
 */
import { secondMs } from "../../../core/time.ts";
import type { ScalingSpec } from "../formats/loaded.ts";
import type { HpaMetric, HpaSpec } from "../hpa/spec.ts";
import { milliOf } from "../hpa/policy.ts";
import { hpaOfScaledObject } from "../keda/hpa.ts";
import { kedaDefaults, type KedaSpec } from "../keda/spec.ts";
import type { Signal } from "../signal.ts";
import type { ThresholdRule, ThresholdsSpec } from "../thresholds/policy.ts";

/** What a policy becomes in another tool's words, and what got lost on the way. */
export interface Translated<Spec> {
  readonly spec: Spec;
  /** What the other tool cannot express; empty: nothing is lost. */
  readonly lost: readonly string[];
}

export function hpaOf(scaling: ScalingSpec): Translated<HpaSpec> {
  switch (scaling.kind) {
    case "hpa":
      return { spec: scaling.hpa, lost: [] };
    case "keda":
      return { spec: hpaOfScaledObject(scaling.keda), lost: lostOfKeda(scaling.keda) };
    case "thresholds":
      return { spec: hpaOfThresholds(scaling.thresholds), lost: lostOfThresholds(scaling.thresholds) };
  }
}

function lostOfKeda({
  minReplicaCount,
  idleReplicaCount,
  fallback,
  triggers,
  annotations,
}: KedaSpec): readonly string[] {
  const scalesToZero = idleReplicaCount === 0 || (minReplicaCount ?? kedaDefaults.minReplicaCount) === 0;
  const activates = triggers.some((trigger) => trigger.kind === "external" && (trigger.activationTarget ?? 0) > 0);
  return [
    ...(scalesToZero ? ["scaling to and from zero, with its cooldown and polling: an HPA keeps at least one"] : []),
    ...(activates ? ["activation values of triggers"] : []),
    ...(fallback === undefined ? [] : ["the fallback when a trigger fails: an HPA then only ever scales up"]),
    ...(annotations?.pausedReplicas === undefined ? [] : ["a pause at a number of replicas"]),
  ];
}

/** Periods of policies may be this long (`pkg/apis/autoscaling/validation/validation.go`), windows twice as long. */
const periodSecondsMax = 1_800;
const windowSecondsMax = 3_600;

/** Targets in place of thresholds; cooldowns become periods in which the largest step may be taken once. */
function hpaOfThresholds({
  minReplicas,
  maxReplicas,
  up,
  down,
  upCooldownMs,
  downCooldownMs,
}: ThresholdsSpec): HpaSpec {
  const rules = (side: readonly ThresholdRule[], cooldownMs: number) => ({
    stabilizationWindowSeconds: seconds(Math.max(0, ...side.map(({ breachMs }) => breachMs)), 0, windowSecondsMax),
    policies: [
      {
        type: "Pods" as const,
        value: Math.max(1, ...side.flatMap(({ steps }) => steps.map(({ adjustment }) => Math.abs(adjustment)))),
        periodSeconds: seconds(cooldownMs, 15, periodSecondsMax),
      },
    ],
  });
  return {
    minReplicas: Math.max(1, minReplicas),
    maxReplicas,
    metrics: up.flatMap(metricsOf),
    behavior: { scaleUp: rules(up, upCooldownMs), scaleDown: rules(down, downCooldownMs) },
  };
}

function metricsOf({ signal, steps }: ThresholdRule): readonly HpaMetric[] {
  if (signal.kind === "single") {
    return [metricOf(signal.signal, Math.min(...steps.map(({ threshold }) => threshold)))];
  }
  return signal.parts.map((part) => metricOf(part.signal, part.target));
}

function metricOf({ metric, statistic }: Signal, at: number): HpaMetric {
  const [resource] = metric.split("_utilization");
  if ((resource === "cpu" || resource === "memory") && metric.endsWith("_utilization")) {
    return {
      type: "Resource",
      resource,
      target: { type: "Utilization", averageUtilization: Math.max(1, Math.round(at)) },
    };
  }
  return statistic === "per-replica"
    ? { type: "External", metric, target: { type: "AverageValue", averageValueMilli: milliOf(at) } }
    : { type: "External", metric, target: { type: "Value", valueMilli: milliOf(at) } };
}

function lostOfThresholds({ minReplicas, up, down }: ThresholdsSpec): readonly string[] {
  const steps = [...up, ...down].some((rule) => rule.steps.length > 1);
  const weights = [...up, ...down].some(({ signal }) => signal.kind === "weighted");
  return [
    "thresholds: an HPA keeps a metric at a target and scales down as soon as fewer replicas would do; there is no band between",
    "cooldowns: the largest step may be taken once in so long, which is not the same as waiting after every change",
    ...(steps ? ["steps of different size: the largest is taken"] : []),
    ...(weights ? ["weights: each metric counts by itself, and whichever asks for more wins"] : []),
    ...(minReplicas === 0 ? ["a minimum of 0: an HPA keeps at least one"] : []),
  ];
}

function seconds(durationMs: number, least: number, most: number): number {
  return Math.min(most, Math.max(least, Math.round(durationMs / secondMs)));
}
