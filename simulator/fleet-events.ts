/**
 * What happens to a fleet that has more to its life than to start and to stop: its own kinds of events, beside those of
 * `events.ts`. Priorities are those of that table: what ends goes before what begins, people act after the machine.
 */
import type { Ms } from "../core/time.ts";
import type { EventHandle, Kernel } from "./kernel.ts";

export const fleetLife = {
  /** The grace of a replica that drains is over. Payload: replica. */
  graceEnds: 32,
  /** A replica has been ready for long enough to be as fast as any. Payload: replica. */
  slowStartEnds: 33,
  /** Replicas are probed. No payload. */
  probesRun: 34,
  /** Others are started for those that were lost. Payload: how many. */
  lossReplaced: 35,
  /** An action of the timeline, or its undoing. Payload: its place in the plan. */
  actionDue: 36,
  /** A request has come from its client's region. Payload: slot of its journey. */
  requestReaches: 37,
  /** A serverless instance has been idle for long enough. Payload: replica. */
  instanceIdles: 38,
  /** A request has run for as long as a function may. Payload: slot of its journey. */
  functionTimesOut: 39,
  /** A worker has had a message for too long. Payload: slot of its journey. */
  visibilityEnds: 40,
} as const;

export type FleetLife = (typeof fleetLife)[keyof typeof fleetLife];

const priorities: Readonly<Record<FleetLife, number>> = {
  [fleetLife.graceEnds]: 1,
  [fleetLife.slowStartEnds]: 2,
  [fleetLife.probesRun]: 4,
  [fleetLife.lossReplaced]: 2,
  [fleetLife.actionDue]: 2,
  [fleetLife.requestReaches]: 3,
  [fleetLife.instanceIdles]: 1,
  [fleetLife.functionTimesOut]: 1,
  [fleetLife.visibilityEnds]: 1,
};

export function scheduleLife(kernel: Kernel, atMs: Ms, kind: FleetLife, payload: number): EventHandle {
  return kernel.schedule(atMs, priorities[kind], kind, payload);
}
