/**
 * A CloudWatch alarm: M of the last N periods beyond a threshold.
 *
 * A period's value is the average of its datapoints; a period without any does not breach (`notBreaching`). Periods end now.
 */
import { assertNever } from "../../../core/invariant.ts";
import type { Ms } from "../../../core/time.ts";
import type { Sample } from "../signal.ts";
import type { AwsAlarm } from "./spec.ts";

/** The value of the latest period when the alarm is on. */
export function alarmBreach(alarm: AwsAlarm, samples: readonly Sample[], nowMs: Ms): number | undefined {
  const periods = Array.from({ length: alarm.evaluationPeriods }, (_, index) =>
    periodValue(samples, nowMs - index * alarm.periodMs, alarm.periodMs),
  );
  const breaching = periods.filter((value) => value !== undefined && isBeyond(alarm, value));
  return breaching.length >= alarm.datapointsToAlarm ? breaching[0] : undefined;
}

function periodValue(samples: readonly Sample[], endMs: Ms, periodMs: Ms): number | undefined {
  const within = samples.filter(({ atMs }) => atMs > endMs - periodMs && atMs <= endMs);
  return within.length === 0 ? undefined : within.reduce((sum, { value }) => sum + value, 0) / within.length;
}

function isBeyond({ comparison, threshold }: AwsAlarm, value: number): boolean {
  switch (comparison) {
    case "above":
      return value > threshold;
    case "at-or-above":
      return value >= threshold;
    case "below":
      return value < threshold;
    case "at-or-below":
      return value <= threshold;
    default:
      return assertNever(comparison);
  }
}
