/** Runs whose replicas and load are drawn by hand, minute by minute. */
import type { DemandBin, ReplicaAccount, ReplicaCounts, Run, ScalingAccount } from "../../core/run.ts";
import { minuteMs } from "../../core/time.ts";
import { madeRun } from "./made-run.ts";

export const madeScaling: ScalingAccount = {
  file: "made.yaml",
  text: "",
  format: "made",
  policy: "made 2..20",
  minReplicas: 2,
  maxReplicas: 20,
  notes: [],
  warnings: [],
  scaleDownDelayMs: 4.5 * minuteMs,
  syncMs: 0.5 * minuteMs,
};

/** What was wished for from a minute on; replicas serve at once. */
export function wishes(...steps: readonly (readonly [minute: number, replicas: number])[]): readonly ReplicaCounts[] {
  return steps.map(([minute, wished]) => ({
    atMs: minute * minuteMs,
    wished,
    starting: 0,
    ready: wished,
    draining: 0,
  }));
}

/** Replicas that the load keeps busy in each minute, from 1,000 requests each. */
export function loadOf(...replicas: readonly number[]): readonly DemandBin[] {
  return replicas.map((busy, minute) => ({
    startMs: minute * minuteMs,
    widthMs: minuteMs,
    arrived: 1_000 * busy,
    replicas: busy,
  }));
}

/** A load phase as long as the load, with replicas that take half a minute to start and cost 6 dollars an hour. */
export function fleetRun(
  counts: readonly ReplicaCounts[],
  demand: readonly DemandBin[],
  scaling: ScalingAccount = madeScaling,
): Run {
  const endMs = demand.length * minuteMs;
  const replicas: ReplicaAccount = { hourly: 6_000_000_000, startupMs: 0.5 * minuteMs, counts, demand };
  return madeRun([], { durationMs: endMs, phases: [{ name: "load", startMs: 0, endMs }], scaling, replicas });
}
