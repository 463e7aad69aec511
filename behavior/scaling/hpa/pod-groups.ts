/**
 * Which pods an HPA counts: ready, unready, missing or ignored.
 *
 * Port of `groupPods` in `pkg/controller/podautoscaler/replica_calculator.go` (Kubernetes v1.37). All comparisons of times
 * are strict there and here. The start-up rules hold for the cpu resource metric only: a pod that burns CPU while it
 * starts must not ask for company; its memory or its queue may.
 */
import type { Ms } from "../../../core/time.ts";
import type { Replica } from "../policy.ts";
import type { HpaFlags } from "./spec.ts";

/** One pod's sample as the metrics API returned it. */
export interface PodSample {
  readonly pod: string;
  readonly valueMilli: number;
  readonly takenAtMs: Ms;
  readonly windowMs: Ms;
}

export interface PodGroups {
  readonly ready: readonly string[];
  readonly unready: readonly string[];
  readonly missing: readonly string[];
  readonly ignored: readonly string[];
}

/** `resource` is undefined for a pods metric. */
export function groupPods(
  pods: readonly Replica[],
  samples: ReadonlyMap<string, PodSample>,
  resource: string | undefined,
  flags: HpaFlags,
  nowMs: Ms,
): PodGroups {
  const groups = { ready: [] as string[], unready: [] as string[], missing: [] as string[], ignored: [] as string[] };
  for (const pod of pods) {
    groups[groupOf(pod, samples.get(pod.name), resource, flags, nowMs)].push(pod.name);
  }
  return groups;
}

function groupOf(
  pod: Replica,
  sample: PodSample | undefined,
  resource: string | undefined,
  flags: HpaFlags,
  nowMs: Ms,
): keyof PodGroups {
  if (pod.deleting || pod.phase === "failed") return "ignored";
  if (pod.phase === "pending") return "unready";
  if (sample === undefined) return "missing";
  return resource === "cpu" && isStarting(pod, sample, flags, nowMs) ? "unready" : "ready";
}

/** Readiness `unknown` is not `unready`, and a pod that was ready once keeps counting when it falls over. */
function isStarting(pod: Replica, sample: PodSample, flags: HpaFlags, nowMs: Ms): boolean {
  const { readiness, startedAtMs } = pod;
  if (readiness === undefined || startedAtMs === undefined) return true;
  if (startedAtMs + flags.cpuInitializationMs > nowMs) {
    return readiness.state === "unready" || sample.takenAtMs < readiness.sinceMs + sample.windowMs;
  }
  return readiness.state === "unready" && startedAtMs + flags.initialReadinessDelayMs > readiness.sinceMs;
}
