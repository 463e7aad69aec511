/**
 * What a Knative revision and the autoscaler's ConfigMap say, and Knative's defaults.
 *
 * Names follow the `autoscaling.knative.dev/...` annotations. Defaults: `pkg/autoscaler/config/config.go` and
 * `pkg/apis/autoscaling/register.go` (Knative Serving v0.50).
 */
import type { Ms } from "../../../core/time.ts";

export interface KpaSpec {
  readonly metric: "concurrency" | "rps";
  /** What one replica may carry: requests in flight (0 or absent: 100), or requests per second (200). */
  readonly totalPerReplica?: number;
  /** Share of that at which another replica is wanted. */
  readonly targetUtilization?: number;
  readonly minScale?: number;
  /** 0: no limit. */
  readonly maxScale?: number;
  readonly initialScale?: number;
  /** Lowest count when leaving zero. */
  readonly activationScale?: number;
  readonly stableWindowMs?: Ms;
  readonly panicWindowPercentage?: number;
  readonly panicThresholdPercentage?: number;
  readonly maxScaleUpRate?: number;
  readonly maxScaleDownRate?: number;
  readonly scaleDownDelayMs?: Ms;
  readonly targetBurstCapacity?: number;
  readonly scaleToZero?: boolean;
  readonly scaleToZeroGraceMs?: Ms;
  readonly scaleToZeroPodRetentionMs?: Ms;
  readonly aggregation?: "linear" | "weighted-exponential";
}

export const kpaDefaults = {
  tickMs: 2_000,
  granularityMs: 1_000,
  concurrencyPerReplica: 100,
  rpsPerReplica: 200,
  targetUtilization: 0.7,
  /** `autoscaling.TargetMin`. */
  targetMin: 0.01,
  stableWindowMs: 60_000,
  panicWindowPercentage: 10,
  panicThresholdPercentage: 200,
  maxScaleUpRate: 1_000,
  maxScaleDownRate: 2,
  targetBurstCapacity: 211,
  scaleToZeroGraceMs: 30_000,
  initialScale: 1,
} as const;

/** `DeciderSpec`: what the decision itself reads. */
export interface KpaDeciderSpec {
  /** Of the metric, per replica, at which another replica is wanted. */
  readonly targetValue: number;
  /** Of the metric, per replica, at most. */
  readonly totalValue: number;
  readonly targetBurstCapacity: number;
  readonly maxScaleUpRate: number;
  readonly maxScaleDownRate: number;
  /** Replicas asked for over replicas ready: 2 for the usual 200 percent. */
  readonly panicThreshold: number;
  readonly stableWindowMs: Ms;
  readonly scaleDownDelayMs: Ms;
  /** Off when at most 1. */
  readonly activationScale: number;
  readonly reachable: boolean;
}

/** `MakeDecider` and `ResolveMetricTarget` in `pkg/reconciler/autoscaling/resources`. */
export function deciderSpec(spec: KpaSpec): KpaDeciderSpec {
  const fallback = spec.metric === "rps" ? kpaDefaults.rpsPerReplica : kpaDefaults.concurrencyPerReplica;
  const totalValue = spec.totalPerReplica === undefined || spec.totalPerReplica === 0 ? fallback : spec.totalPerReplica;
  const utilization = spec.targetUtilization ?? kpaDefaults.targetUtilization;
  return {
    targetValue: Math.max(kpaDefaults.targetMin, totalValue * utilization),
    totalValue,
    targetBurstCapacity: spec.targetBurstCapacity ?? kpaDefaults.targetBurstCapacity,
    maxScaleUpRate: spec.maxScaleUpRate ?? kpaDefaults.maxScaleUpRate,
    maxScaleDownRate: spec.maxScaleDownRate ?? kpaDefaults.maxScaleDownRate,
    panicThreshold: (spec.panicThresholdPercentage ?? kpaDefaults.panicThresholdPercentage) / 100,
    stableWindowMs: spec.stableWindowMs ?? kpaDefaults.stableWindowMs,
    scaleDownDelayMs: spec.scaleDownDelayMs ?? 0,
    activationScale: spec.activationScale ?? 0,
    reachable: true,
  };
}
