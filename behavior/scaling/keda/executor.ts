/**
 * KEDA's own half of the scaling: 0 <-> 1 and idle <-> min. Everything above is done by the HPA it creates.
 *
 * Port of `RequestScale`, `scaleFromZeroOrIdle` and `scaleToZeroOrIdle` in
 * `pkg/scaling/executor/scale_scaledobjects.go` (KEDA v2.21.0). One call is one poll. The cooldown counts from the last
 * poll at which a trigger was active, and is over strictly after its end: at equality it waits for one more poll.
 */
import { type Ms, secondMs } from "../../../core/time.ts";
import { kedaDefaults, type KedaSpec } from "./spec.ts";

export interface KedaPoll {
  readonly nowMs: Ms;
  readonly createdAtMs: Ms;
  /** Any trigger is active. */
  readonly isActive: boolean;
  /** Any trigger failed. */
  readonly isError: boolean;
  /** Spec replicas of the target at this moment. */
  readonly currentReplicas: number;
  /** When a trigger was last seen active; the executor's only memory. Undefined: never. */
  readonly lastActiveMs: Ms | undefined;
}

export interface KedaPollResult {
  /** Undefined: nothing is written. */
  readonly write: number | undefined;
  readonly lastActiveMs: Ms | undefined;
  /** The conditions this poll set; undefined: left as they were. */
  readonly active: KedaActiveCondition | undefined;
  readonly ready: KedaReadyCondition;
}

export type KedaActiveCondition = "True:ScalerActive" | "False:ScalerNotActive" | "False:ScalerCooldown";
export type KedaReadyCondition = "True:ScaledObjectReady" | "Unknown:PartialTriggerError" | "False:TriggerError";

/** The parts of a ScaledObject that the executor reads. */
export type KedaExecutorSpec = Omit<KedaSpec, "triggers" | "behavior">;

export function pollOnce(spec: KedaExecutorSpec, poll: KedaPoll): KedaPollResult {
  const nothing: KedaPollResult = {
    write: undefined,
    lastActiveMs: poll.lastActiveMs,
    active: undefined,
    ready: "True:ScaledObjectReady",
  };
  if (isPaused(spec)) return nothing;
  return poll.isActive || spec.annotations?.forceActivation === true
    ? whileActive(spec, poll, { ...nothing, active: "True:ScalerActive" })
    : whileInactive(spec, poll, { ...nothing, active: "False:ScalerNotActive" });
}

/** `NeedToBePausedByAnnotation`. */
export function isPaused(spec: Pick<KedaSpec, "annotations">): boolean {
  return spec.annotations?.paused === true || spec.annotations?.pausedReplicas !== undefined;
}

function whileActive(spec: KedaExecutorSpec, poll: KedaPoll, nothing: KedaPollResult): KedaPollResult {
  const min = spec.minReplicaCount ?? kedaDefaults.minReplicaCount;
  const leavesIdle = spec.idleReplicaCount !== undefined && poll.currentReplicas < min;
  if (leavesIdle || poll.currentReplicas === 0) {
    if (spec.annotations?.pauseScaleOut === true) return nothing;
    return { ...nothing, write: min > 0 ? min : 1, lastActiveMs: poll.nowMs };
  }
  return poll.isError ? { ...nothing, ready: "Unknown:PartialTriggerError" } : { ...nothing, lastActiveMs: poll.nowMs };
}

function whileInactive(spec: KedaExecutorSpec, poll: KedaPoll, nothing: KedaPollResult): KedaPollResult {
  const { currentReplicas, isError } = poll;
  const { fallback, idleReplicaCount: idle } = spec;
  const min = spec.minReplicaCount ?? kedaDefaults.minReplicaCount;
  if (isError && fallback !== undefined && fallback.replicas !== 0) return nothing;
  if (isError && fallback === undefined) return { ...nothing, ready: "False:TriggerError" };
  if ((idle !== undefined && currentReplicas > idle) || (currentReplicas > 0 && min === 0)) {
    return scaleIn(spec, poll, nothing);
  }
  return idle === undefined && currentReplicas < min ? { ...nothing, write: min } : nothing;
}

function scaleIn(spec: KedaExecutorSpec, poll: KedaPoll, nothing: KedaPollResult): KedaPollResult {
  if (spec.annotations?.pauseScaleIn === true) return nothing;
  const cooledDownAtMs =
    poll.lastActiveMs === undefined
      ? poll.createdAtMs + (spec.initialCooldownPeriodSeconds ?? kedaDefaults.initialCooldownPeriodSeconds) * secondMs
      : poll.lastActiveMs + (spec.cooldownPeriodSeconds ?? kedaDefaults.cooldownPeriodSeconds) * secondMs;
  if (cooledDownAtMs >= poll.nowMs) return { ...nothing, active: "False:ScalerCooldown" };
  return { ...nothing, write: spec.idleReplicaCount ?? spec.minReplicaCount ?? kedaDefaults.minReplicaCount };
}
