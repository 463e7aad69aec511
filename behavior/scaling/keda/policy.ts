/**
 * KEDA as a scaling policy: its executor polls, the HPA it created syncs, each at its own interval.
 *
 * Both write the same replica count; where they fall together the poll comes first. While paused the HPA is gone.
 */
import { type Ms, secondMs } from "../../../core/time.ts";
import { type HpaState, newHpaState, syncHpa } from "../hpa/controller.ts";
import { hpaInput } from "../hpa/policy.ts";
import { hpaReason } from "../hpa/reason.ts";
import { defaultHpaFlags, type HpaFlags, type HpaSpec } from "../hpa/spec.ts";
import { type ScalingDecision, type ScalingObservation, type ScalingPolicy, stepInWords } from "../policy.ts";
import { isPaused, type KedaPollResult, pollOnce } from "./executor.ts";
import { hpaOfScaledObject } from "./hpa.ts";
import { kedaDefaults, type KedaSpec } from "./spec.ts";
import { askTriggers, metricsForHpa, type TriggerHealth, type TriggerState } from "./triggers.ts";

export function kedaPolicy(spec: KedaSpec, flags: HpaFlags = defaultHpaFlags): ScalingPolicy {
  const hpa = hpaOfScaledObject(spec);
  const pollMs = (spec.pollingIntervalSeconds ?? kedaDefaults.pollingIntervalSeconds) * secondMs;
  const memory: KedaMemory = {
    createdAtMs: undefined,
    nextPollMs: Number.NEGATIVE_INFINITY,
    nextSyncMs: Number.NEGATIVE_INFINITY,
    lastActiveMs: undefined,
    health: new Map(),
    hpa: newHpaState,
  };
  return {
    describe: describeKeda(spec, hpa),
    syncMs: greatestCommonDivisor(pollMs, flags.syncMs),
    decide: (observation) => {
      if (isPaused(spec)) return paused(spec, observation);
      memory.createdAtMs ??= observation.nowMs;
      const reasons: string[] = [];
      let { replicas } = observation;
      if (observation.nowMs >= memory.nextPollMs) {
        memory.nextPollMs = observation.nowMs + pollMs;
        const polled = poll(spec, memory, observation);
        ({ replicas } = polled);
        reasons.push(polled.reason);
      }
      if (observation.nowMs >= memory.nextSyncMs) {
        memory.nextSyncMs = observation.nowMs + flags.syncMs;
        const synced = sync(spec, hpa, flags, memory, { ...observation, replicas });
        ({ replicas } = synced);
        reasons.push(synced.reason);
      }
      return { replicas, reason: reasons.length === 0 ? "KEDA: between polls" : reasons.join("; ") };
    },
  };
}

interface KedaMemory {
  createdAtMs: Ms | undefined;
  nextPollMs: Ms;
  nextSyncMs: Ms;
  lastActiveMs: Ms | undefined;
  health: TriggerHealth;
  hpa: HpaState;
}

function poll(spec: KedaSpec, memory: KedaMemory, observation: ScalingObservation): ScalingDecision {
  const triggers = askTriggers(spec, observation, memory.health);
  const { nowMs, replicas } = observation;
  const result = pollOnce(spec, {
    nowMs,
    createdAtMs: memory.createdAtMs ?? nowMs,
    isActive: triggers.isActive,
    isError: triggers.isError,
    currentReplicas: replicas,
    lastActiveMs: memory.lastActiveMs,
  });
  memory.health = triggers.health;
  memory.lastActiveMs = result.lastActiveMs;
  const to = result.write ?? replicas;
  return { replicas: to, reason: `KEDA: ${whyOf(result, triggers)}, ${stepInWords(replicas, to)}` };
}

/** The HPA asks the scalers again through KEDA's metrics server, unless it is disabled at 0. */
function sync(
  spec: KedaSpec,
  hpa: HpaSpec,
  flags: HpaFlags,
  memory: KedaMemory,
  observation: ScalingObservation,
): ScalingDecision {
  let { metrics } = observation;
  if (observation.replicas > 0) {
    const triggers = askTriggers(spec, observation, memory.health);
    memory.health = triggers.health;
    metrics = metricsForHpa(metrics, triggers.answers);
  }
  const synced = syncHpa(hpa, flags, memory.hpa, hpaInput(hpa, { ...observation, metrics }));
  memory.hpa = synced.state;
  return { replicas: synced.replicas, reason: hpaReason(hpa, flags, observation.replicas, synced) };
}

function whyOf(result: KedaPollResult, triggers: TriggerState): string {
  const active = triggers.answers
    .filter(({ isActive }) => isActive)
    .map(({ isFallback, trigger }) => (isFallback ? `${trigger.name} by fallback` : trigger.name));
  if (result.ready !== "True:ScaledObjectReady") {
    const failed = triggers.answers.filter(({ value }) => value === undefined).map(({ trigger }) => trigger.name);
    return `no reading of ${failed.join(", ")}`;
  }
  if (result.active === "False:ScalerCooldown") return "no trigger active, cooling down";
  if (result.active === "False:ScalerNotActive") return "no trigger active";
  return active.length === 0 ? "active" : `${active.join(", ")} active`;
}

function paused(spec: KedaSpec, { replicas }: ScalingObservation): ScalingDecision {
  const to = spec.annotations?.pausedReplicas ?? replicas;
  return { replicas: to, reason: `KEDA: paused by annotation, ${stepInWords(replicas, to)}` };
}

function describeKeda(spec: KedaSpec, hpa: HpaSpec): string {
  const triggers = spec.triggers.map((trigger) => (trigger.kind === "resource" ? trigger.resource : trigger.name));
  const min = spec.idleReplicaCount ?? spec.minReplicaCount ?? kedaDefaults.minReplicaCount;
  return `KEDA ${triggers.join(", ")}, ${min}..${hpa.maxReplicas}`;
}

function greatestCommonDivisor(one: Ms, other: Ms): Ms {
  return other === 0 ? one : greatestCommonDivisor(other, one % other);
}
