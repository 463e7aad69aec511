/**
 * What KEDA makes of its triggers: is anything active, did anything fail, and what is the HPA told.
 *
 * Ported from `getScaledObjectState` and `getScalerState` in `pkg/scaling/scale_handler.go`, and from
 * `GetMetricsWithFallback` and `doFallback` in `pkg/fallback/fallback.go` (KEDA v2.21). A scaler is active strictly above
 * its activation value. Failures are counted per trigger each time it is asked, by the poll or by the HPA; past the
 * threshold the trigger is answered for with a value that makes the HPA compute the fallback's replicas, and is active.
 */
import { assertNever } from "../../../core/invariant.ts";
import { type MetricReading, readingTotal, type ScalingObservation } from "../policy.ts";
import type { KedaFallback, KedaSpec, KedaTrigger } from "./spec.ts";

export type ExternalTrigger = Extract<KedaTrigger, { kind: "external" }>;

/** Failures in a row, by trigger name; absent: none. */
export type TriggerHealth = ReadonlyMap<string, number>;

export interface TriggerAnswer {
  readonly trigger: ExternalTrigger;
  /** Undefined: the error goes through. */
  readonly value: number | undefined;
  readonly isFallback: boolean;
  readonly isActive: boolean;
}

export interface TriggerState {
  readonly answers: readonly TriggerAnswer[];
  readonly health: TriggerHealth;
  readonly isActive: boolean;
  readonly isError: boolean;
}

/** Asks every external trigger once. */
export function askTriggers(spec: KedaSpec, observation: ScalingObservation, health: TriggerHealth): TriggerState {
  const counted = new Map(health);
  const external = spec.triggers.filter((trigger) => trigger.kind === "external");
  const answers = external.map((trigger) => {
    const reading = readingTotal(observation.metrics.get(trigger.name));
    counted.set(trigger.name, reading === undefined ? (counted.get(trigger.name) ?? 0) + 1 : 0);
    return answerOf(trigger, reading, spec.fallback, counted.get(trigger.name) ?? 0, observation);
  });
  const isError = answers.some(({ value }) => value === undefined);
  const isActive = external.length === 0 ? !isError : answers.some((answer) => answer.isActive);
  return { answers, health: counted, isActive, isError };
}

/** The same observation with the triggers' answers in place of what was measured, for the HPA. */
export function metricsForHpa(
  metrics: ReadonlyMap<string, MetricReading>,
  answers: readonly TriggerAnswer[],
): ReadonlyMap<string, MetricReading> {
  const answered = new Map(metrics);
  for (const { trigger, value } of answers) {
    const why = `trigger ${trigger.name} failed`;
    answered.set(trigger.name, value === undefined ? { kind: "failed", why } : { kind: "total", values: [value] });
  }
  return answered;
}

function answerOf(
  trigger: ExternalTrigger,
  reading: number | undefined,
  fallback: KedaFallback | undefined,
  failures: number,
  observation: ScalingObservation,
): TriggerAnswer {
  if (reading !== undefined) {
    return { trigger, value: reading, isFallback: false, isActive: reading > (trigger.activationTarget ?? 0) };
  }
  const madeUp =
    fallback === undefined || failures <= fallback.failureThreshold
      ? undefined
      : fallbackValue(trigger, fallback, observation);
  return { trigger, value: madeUp, isFallback: madeUp !== undefined, isActive: madeUp !== undefined };
}

/** In whole thousandths, cut off as `NewMilliQuantity(int64(x))` does; undefined when no replica is ready to share it. */
function fallbackValue(
  trigger: ExternalTrigger,
  fallback: KedaFallback,
  observation: ScalingObservation,
): number | undefined {
  const replicas = fallbackReplicas(fallback, observation.replicas);
  if (trigger.metricType === "AverageValue") return Math.trunc(trigger.target * 1_000 * replicas) / 1_000;
  const ready = observation.fleet.filter(
    ({ phase, readiness }) => phase === "running" && readiness?.state === "ready",
  ).length;
  return ready === 0 ? undefined : Math.trunc(trigger.target * 1_000 * (replicas / ready)) / 1_000;
}

function fallbackReplicas(fallback: KedaFallback, current: number): number {
  const { behavior = "static", replicas } = fallback;
  switch (behavior) {
    case "static":
      return replicas;
    case "currentReplicas":
      return current;
    case "currentReplicasIfHigher":
      return Math.max(current, replicas);
    case "currentReplicasIfLower":
      return Math.min(current, replicas);
    default:
      return assertNever(behavior);
  }
}
