/**
 * A HorizontalPodAutoscaler as the user wrote it, and the defaults Kubernetes fills in.
 *
 * Field names and units are those of `autoscaling/v2` (seconds, percent), so that a reader can hold this beside a manifest;
 * quantities are thousandths (`resource.Quantity.MilliValue`). Defaults: `pkg/apis/autoscaling/v2/defaults.go`,
 * `pkg/controller/podautoscaler/config/v1alpha1/defaults.go` (Kubernetes v1.37).
 */
import { type Ms, minuteMs, secondMs } from "../../../core/time.ts";

export interface HpaSpec {
  /** Default 1. 0 lets Object and External metrics scale to zero (feature gate HPAScaleToZero, on since 1.37). */
  readonly minReplicas?: number;
  readonly maxReplicas: number;
  /** The largest proposal wins. */
  readonly metrics: readonly HpaMetric[];
  /** Absent: the older path with its own limits (legacy.ts). An empty object is not the same as absent. */
  readonly behavior?: HpaBehavior;
}

export type HpaMetric =
  | { readonly type: "Resource"; readonly resource: string; readonly target: UtilizationTarget | AverageTarget }
  | {
      readonly type: "ContainerResource";
      readonly container: string;
      readonly resource: string;
      readonly target: UtilizationTarget | AverageTarget;
    }
  | { readonly type: "Pods"; readonly metric: string; readonly target: AverageTarget }
  | {
      readonly type: "Object";
      readonly metric: string;
      /** Kind of the described object, for words: `Service`. */
      readonly kind: string;
      readonly target: ValueTarget | AverageTarget;
    }
  | { readonly type: "External"; readonly metric: string; readonly target: ValueTarget | AverageTarget };

/** Percent of what the pods request. */
export interface UtilizationTarget {
  readonly type: "Utilization";
  readonly averageUtilization: number;
}

/** Per pod. */
export interface AverageTarget {
  readonly type: "AverageValue";
  readonly averageValueMilli: number;
}

/** In all. */
export interface ValueTarget {
  readonly type: "Value";
  readonly valueMilli: number;
}

export interface HpaBehavior {
  readonly scaleUp?: HpaScalingRules;
  readonly scaleDown?: HpaScalingRules;
}

/** Each part that is given replaces its default as a whole. */
export interface HpaScalingRules {
  readonly stabilizationWindowSeconds?: number;
  readonly selectPolicy?: SelectPolicy;
  readonly policies?: readonly HpaScalingPolicy[];
  /** Share, replaces the controller's flag for this direction (KEP-4951). */
  readonly tolerance?: number;
}

export type SelectPolicy = "Max" | "Min" | "Disabled";

export interface HpaScalingPolicy {
  readonly type: "Pods" | "Percent";
  readonly value: number;
  readonly periodSeconds: number;
}

/** Rules with every default filled in. */
export interface FilledRules {
  readonly stabilizationWindowSeconds: number;
  readonly selectPolicy: SelectPolicy;
  readonly policies: readonly HpaScalingPolicy[];
  readonly tolerance?: number;
}

export interface FilledBehavior {
  readonly scaleUp: FilledRules;
  readonly scaleDown: FilledRules;
}

/** Flags of kube-controller-manager: the same for every HPA of a cluster, and not in any manifest. */
export interface HpaFlags {
  /** `--horizontal-pod-autoscaler-sync-period`. */
  readonly syncMs: Ms;
  /** `--horizontal-pod-autoscaler-tolerance`, a share. */
  readonly tolerance: number;
  /** `--horizontal-pod-autoscaler-cpu-initialization-period`. */
  readonly cpuInitializationMs: Ms;
  /** `--horizontal-pod-autoscaler-initial-readiness-delay`. */
  readonly initialReadinessDelayMs: Ms;
  /** `--horizontal-pod-autoscaler-downscale-stabilization`. */
  readonly downscaleStabilizationMs: Ms;
}

export const defaultHpaFlags: HpaFlags = {
  syncMs: 15 * secondMs,
  tolerance: 0.1,
  cpuInitializationMs: 5 * minuteMs,
  initialReadinessDelayMs: 30 * secondMs,
  downscaleStabilizationMs: 5 * minuteMs,
};

export const defaultMinReplicas = 1;

/** What the API server makes of a manifest without metrics. */
export const defaultHpaMetrics: readonly HpaMetric[] = [
  { type: "Resource", resource: "cpu", target: { type: "Utilization", averageUtilization: 80 } },
];

const scaleUpDefaults: FilledRules = {
  stabilizationWindowSeconds: 0,
  selectPolicy: "Max",
  policies: [
    { type: "Pods", value: 4, periodSeconds: 15 },
    { type: "Percent", value: 100, periodSeconds: 15 },
  ],
};

const scaleDownPolicies: readonly HpaScalingPolicy[] = [{ type: "Percent", value: 100, periodSeconds: 15 }];

/** `GenerateHPAScaleUpRules` and `GenerateHPAScaleDownRules`; the down window falls back to the controller's flag. */
export function fillBehavior(behavior: HpaBehavior, flags: HpaFlags): FilledBehavior {
  const scaleDownDefaults: FilledRules = {
    stabilizationWindowSeconds: flags.downscaleStabilizationMs / secondMs,
    selectPolicy: "Max",
    policies: scaleDownPolicies,
  };
  return {
    scaleUp: { ...scaleUpDefaults, ...behavior.scaleUp },
    scaleDown: { ...scaleDownDefaults, ...behavior.scaleDown },
  };
}

/** Name under which a metric's readings and requests are kept: `cpu`, `gateway/cpu`, `tokens_per_minute`. */
export function metricKey(metric: HpaMetric): string {
  switch (metric.type) {
    case "Resource":
      return metric.resource;
    case "ContainerResource":
      return `${metric.container}/${metric.resource}`;
    case "Pods":
    case "Object":
    case "External":
      return metric.metric;
  }
}
