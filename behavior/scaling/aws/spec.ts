/**
 * AWS Application Auto Scaling, as `put-scaling-policy` and `put-metric-alarm` take it.
 *
 * Names follow the API (API_StepScalingPolicyConfiguration, API_TargetTrackingScalingPolicyConfiguration, CloudWatch
 * PutMetricAlarm). Defaults: cooldown 300 s for ECS, SageMaker and custom resources.
 */
import type { Ms } from "../../../core/time.ts";
import type { Signal } from "../signal.ts";

export interface AwsSpec {
  readonly minCapacity: number;
  readonly maxCapacity: number;
  readonly policies: readonly AwsScalingPolicy[];
  /** EC2 Auto Scaling: a younger instance counts as capacity, its samples do not. 0: no warm-up (Application Auto Scaling). */
  readonly warmupMs: Ms;
}

export type AwsScalingPolicy =
  | {
      readonly kind: "step";
      readonly name: string;
      readonly signal: Signal;
      readonly alarm: AwsAlarm;
      readonly adjustmentType: "ChangeInCapacity" | "PercentChangeInCapacity" | "ExactCapacity";
      readonly steps: readonly AwsStep[];
      /** For PercentChangeInCapacity: at least this many. */
      readonly minAdjustmentMagnitude: number;
      readonly cooldownMs: Ms;
    }
  | {
      readonly kind: "target-tracking";
      readonly name: string;
      readonly signal: Signal;
      readonly targetValue: number;
      readonly scaleOutCooldownMs: Ms;
      readonly scaleInCooldownMs: Ms;
      readonly disableScaleIn: boolean;
    };

/** A CloudWatch alarm over one-minute datapoints. */
export interface AwsAlarm {
  readonly threshold: number;
  readonly comparison: "above" | "at-or-above" | "below" | "at-or-below";
  /** All of the last N datapoints must breach ... */
  readonly evaluationPeriods: number;
  /** ... or M of them. */
  readonly datapointsToAlarm: number;
  readonly periodMs: Ms;
}

/** Bounds count from the alarm's threshold; undefined: infinite. The lower is inclusive above it, the upper below it. */
export interface AwsStep {
  readonly lowerBound: number | undefined;
  readonly upperBound: number | undefined;
  readonly adjustment: number;
}

export const awsDefaults = {
  cooldownMs: 300_000,
  datapointMs: 60_000,
  /** Alarms that target tracking manages: 3 minutes out, 15 minutes in, in only 10 % below the target (observed practice). */
  scaleOutDatapoints: 3,
  scaleInDatapoints: 15,
  scaleInMargin: 0.9,
} as const;
