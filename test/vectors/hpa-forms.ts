/** The form of the HPA vectors, as the README beside the files describes it. */
import type { HpaScalingPolicy, SelectPolicy } from "../../behavior/scaling/hpa/spec.ts";

/** Integers above 2^53 - 1 would come as strings. */
type Integer = number | string;

export type Phase = "Pending" | "Running" | "Succeeded" | "Failed" | "Unknown";
export type Status = "True" | "False" | "Unknown";

export type MetricFunction =
  | "resourceUtilization"
  | "resourceAverageValue"
  | "podsAverageValue"
  | "objectValue"
  | "objectAverageValue"
  | "externalValue"
  | "externalAverageValue";

export interface HpaCalculationVector {
  readonly id: string;
  readonly function: MetricFunction;
  readonly resource?: string;
  readonly currentReplicas: number;
  readonly targetUtilizationPercent?: number;
  readonly targetMilli?: Integer;
  readonly toleranceUp: number;
  readonly toleranceDown: number;
  readonly cpuInitializationPeriodSeconds: number;
  readonly initialReadinessDelaySeconds: number;
  readonly pods?: readonly {
    readonly name: string;
    readonly phase: Phase;
    readonly deleting: boolean;
    readonly startTimeAgeSeconds: number | null;
    readonly ready: { readonly status: Status; readonly transitionAgeSeconds: number } | null;
    readonly requestMilli: Integer | null;
  }[];
  readonly podMetrics?: readonly {
    readonly pod: string;
    readonly valueMilli: Integer;
    readonly timestampAgeSeconds: number;
    readonly windowSeconds: number;
  }[];
  readonly valuesMilli?: readonly Integer[];
  readonly metricsUnavailable?: boolean;
  readonly expect: Readonly<Record<string, unknown>>;
}

export interface WrittenRules {
  readonly stabilizationWindowSeconds?: number | null;
  readonly selectPolicy?: SelectPolicy | null;
  readonly policies?: readonly HpaScalingPolicy[] | null;
  /** A decimal quantity. */
  readonly tolerance?: string | null;
}

export interface WrittenBehavior {
  readonly scaleUp?: WrittenRules | null;
  readonly scaleDown?: WrittenRules | null;
}

export interface AgedEvent {
  readonly replicaChange: number;
  readonly ageSeconds: number;
}

export interface HpaNormalizationVector {
  readonly id: string;
  readonly minReplicas: number;
  readonly maxReplicas: number;
  readonly currentReplicas: number;
  readonly prenormalizedDesiredReplicas: number;
  readonly controllerDownscaleStabilizationSeconds: number;
  readonly behavior: WrittenBehavior | null;
  readonly recommendations?: readonly { readonly replicas: number; readonly ageSeconds: number }[];
  readonly scaleUpEvents?: readonly AgedEvent[];
  readonly scaleDownEvents?: readonly AgedEvent[];
  readonly expect: Readonly<Record<string, unknown>>;
}

export interface WrittenSpec {
  readonly minReplicas?: number | null;
  readonly maxReplicas: number;
  readonly behavior?: WrittenBehavior | null;
  readonly metrics: readonly {
    readonly kind: MetricFunction;
    readonly name: string;
    readonly targetMilli?: Integer;
    readonly targetUtilizationPercent?: number;
    readonly windowSeconds?: number;
  }[];
}

export interface PodLife {
  readonly name: string;
  readonly createdAtSeconds: number;
  readonly startTimeAtSeconds: number | null;
  readonly requestMilli: Integer | null;
  readonly phases: readonly { readonly atSeconds: number; readonly phase: Phase }[];
  readonly ready: readonly { readonly atSeconds: number; readonly status: Status }[];
  readonly deletingAtSeconds: number | null;
  readonly goneAtSeconds: number | null;
}

export interface MetricAnswer {
  readonly error?: boolean;
  readonly samples?: readonly (readonly [number, Integer, number])[];
  readonly valuesMilli?: readonly Integer[];
}

export interface HpaSequenceVector {
  readonly id: string;
  readonly controllerTolerance: number;
  readonly cpuInitializationPeriodSeconds: number;
  readonly initialReadinessDelaySeconds: number;
  readonly controllerDownscaleStabilizationSeconds: number;
  readonly spec: WrittenSpec;
  readonly initialSpecReplicas: number;
  readonly pods: readonly PodLife[];
  readonly ticks: readonly {
    readonly atSeconds: number;
    readonly userSetsSpec?: WrittenSpec;
    readonly userSetsSpecReplicas?: number;
    readonly specReplicasBefore: number;
    readonly statusReplicas: number;
    readonly metrics: readonly MetricAnswer[];
    readonly expect: Readonly<Record<string, unknown>>;
  }[];
}
