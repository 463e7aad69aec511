/**
 * A KEDA ScaledObject as the user wrote it, and KEDA's defaults.
 *
 * Field names and units (seconds) are those of `apis/keda/v1alpha1/scaledobject_types.go` (KEDA v2.21). Thresholds of
 * triggers are plain numbers in the unit of their metric.
 */
import type { HpaBehavior } from "../hpa/spec.ts";

export interface KedaSpec {
  readonly pollingIntervalSeconds?: number;
  readonly cooldownPeriodSeconds?: number;
  /** Counts from creation, for an object that was never active. */
  readonly initialCooldownPeriodSeconds?: number;
  /** Replicas while inactive, below the minimum. Upstream supports 0 only: the HPA raises anything else again. */
  readonly idleReplicaCount?: number;
  readonly minReplicaCount?: number;
  readonly maxReplicaCount?: number;
  readonly triggers: readonly KedaTrigger[];
  readonly fallback?: KedaFallback;
  /** Passed to the HPA as it is. */
  readonly behavior?: HpaBehavior;
  readonly annotations?: KedaAnnotations;
}

export type KedaTrigger =
  /** A scaler asks something outside the pods (a queue, Prometheus, a schedule); counts for activity. */
  | {
      readonly kind: "external";
      /** Unique within the object; the name of the HPA's metric. */
      readonly name: string;
      readonly metricType: "AverageValue" | "Value";
      readonly target: number;
      /** Active above this, strictly. Default 0. */
      readonly activationTarget?: number;
    }
  /** The cpu and memory triggers become resource metrics of the HPA and say nothing about activity. */
  | { readonly kind: "resource"; readonly resource: "cpu" | "memory"; readonly utilizationPercent: number };

export interface KedaFallback {
  /** More failures in a row than this. */
  readonly failureThreshold: number;
  readonly replicas: number;
  readonly behavior?: "static" | "currentReplicas" | "currentReplicasIfHigher" | "currentReplicasIfLower";
}

/** `autoscaling.keda.sh/...` */
export interface KedaAnnotations {
  readonly paused?: boolean;
  readonly pausedReplicas?: number;
  readonly pauseScaleIn?: boolean;
  readonly pauseScaleOut?: boolean;
  readonly forceActivation?: boolean;
}

/** `pkg/scaling/executor/scale_executor.go`, `apis/keda/v1alpha1/scaledobject_types.go`, `withtriggers_types.go`. */
export const kedaDefaults = {
  pollingIntervalSeconds: 30,
  cooldownPeriodSeconds: 300,
  initialCooldownPeriodSeconds: 0,
  minReplicaCount: 0,
  maxReplicaCount: 100,
  /** The HPA never has less: at 0 it is disabled, and the executor does the rest. */
  hpaMinReplicas: 1,
} as const;
