/**
 * The HPA that KEDA creates for a ScaledObject: it does all scaling from 1 up.
 *
 * Ported from `newHPAForScaledObject` and `getScaledObjectMetricSpecs` in `controllers/keda/hpa.go` (KEDA v2.21).
 */
import type { HpaBehavior, HpaMetric, HpaSpec } from "../hpa/spec.ts";
import { milliOf } from "../hpa/policy.ts";
import { kedaDefaults, type KedaSpec, type KedaTrigger } from "./spec.ts";

export function hpaOfScaledObject(spec: KedaSpec): HpaSpec {
  const { minReplicaCount = 0 } = spec;
  const behavior = behaviorOf(spec);
  return {
    minReplicas: minReplicaCount > 0 ? minReplicaCount : kedaDefaults.hpaMinReplicas,
    maxReplicas: spec.maxReplicaCount ?? kedaDefaults.maxReplicaCount,
    metrics: spec.triggers
      .map(metricOf)
      .toSorted((one, other) => (one.type < other.type ? -1 : Number(one.type > other.type))),
    ...(behavior === undefined ? {} : { behavior }),
  };
}

/** The pause annotations reach the HPA as a disabled direction. */
function behaviorOf(spec: KedaSpec): HpaBehavior | undefined {
  const { pauseScaleIn = false, pauseScaleOut = false } = spec.annotations ?? {};
  if (!pauseScaleIn && !pauseScaleOut) return spec.behavior;
  return {
    ...spec.behavior,
    ...(pauseScaleIn ? { scaleDown: { ...spec.behavior?.scaleDown, selectPolicy: "Disabled" } } : {}),
    ...(pauseScaleOut ? { scaleUp: { ...spec.behavior?.scaleUp, selectPolicy: "Disabled" } } : {}),
  };
}

function metricOf(trigger: KedaTrigger): HpaMetric {
  if (trigger.kind === "resource") {
    const target = { type: "Utilization", averageUtilization: trigger.utilizationPercent } as const;
    return { type: "Resource", resource: trigger.resource, target };
  }
  return trigger.metricType === "Value"
    ? { type: "External", metric: trigger.name, target: { type: "Value", valueMilli: milliOf(trigger.target) } }
    : {
        type: "External",
        metric: trigger.name,
        target: { type: "AverageValue", averageValueMilli: milliOf(trigger.target) },
      };
}
