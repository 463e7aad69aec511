/**
 * Which step adjustment applies, and what capacity it gives.
 *
 * Step bounds count from the alarm's threshold. Percentages round as the EC2 Auto Scaling user guide says: away from zero
 * below 1 (so that something happens), toward zero above.
 */
import { assertNever } from "../../../core/invariant.ts";
import type { AwsScalingPolicy, AwsStep } from "./spec.ts";

type StepPolicy = Extract<AwsScalingPolicy, { kind: "step" }>;

/** Above the threshold the lower bound is included, below it the upper one. */
export function stepFor(policy: Pick<StepPolicy, "steps">, breach: number): AwsStep | undefined {
  return policy.steps.find(({ lowerBound, upperBound }) => {
    const lower = lowerBound ?? Number.NEGATIVE_INFINITY;
    const upper = upperBound ?? Number.POSITIVE_INFINITY;
    return breach >= 0 ? breach >= lower && breach < upper : breach > lower && breach <= upper;
  });
}

export function adjustedCapacity(
  policy: Pick<StepPolicy, "adjustmentType" | "minAdjustmentMagnitude">,
  step: AwsStep,
  capacity: number,
): number {
  switch (policy.adjustmentType) {
    case "ChangeInCapacity":
      return capacity + step.adjustment;
    case "ExactCapacity":
      return step.adjustment;
    case "PercentChangeInCapacity": {
      const change = (capacity * step.adjustment) / 100;
      const whole = Math.abs(change) < 1 ? Math.sign(change) : Math.trunc(change);
      return capacity + Math.sign(change) * Math.max(Math.abs(whole), policy.minAdjustmentMagnitude);
    }
    default:
      return assertNever(policy.adjustmentType);
  }
}
