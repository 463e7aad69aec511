/** Fleets that are scaled by script, so that timelines can be worked out by hand. */
import type { ScalingObservation, ScalingPolicy } from "../../behavior/scaling/policy.ts";
import { plainFleet } from "../../core/scenario/plain-fleet.ts";
import type { FleetSpec } from "../../core/scenario/platform-spec.ts";
import type { PlannedRequest } from "../../behavior/workload.ts";
import { request } from "./scripted-platform.ts";

/** Replicas that start in 20 s and are ready 5 s after that, unless told. */
export function fleetOf(changes: Partial<FleetSpec> = {}): FleetSpec {
  return { ...plainFleet, startup: { kind: "constant", value: 20_000 }, readinessMs: 5_000, ...changes };
}

export interface ScriptedPolicy extends ScalingPolicy {
  /** What it was shown, question by question. */
  readonly seen: ScalingObservation[];
}

/** Wishes for what the script says, question by question, and for no change after its end. */
export function scriptedPolicy(syncMs: number, wishes: readonly number[]): ScriptedPolicy {
  const seen: ScalingObservation[] = [];
  return {
    describe: "script",
    syncMs,
    seen,
    decide: (observation) => {
      const replicas = wishes[seen.length] ?? observation.replicas;
      seen.push(observation);
      return { replicas, reason: `script: ${observation.replicas} -> ${replicas}` };
    },
  };
}

/** One request every so often, from 0 on. */
export function everyMs(betweenMs: number, untilMs: number, changes: Partial<PlannedRequest> = {}): PlannedRequest[] {
  return Array.from({ length: Math.ceil(untilMs / betweenMs) }, (_, index) =>
    request(`r${index}`, { atMs: index * betweenMs, ...changes }),
  );
}
