/**
 * How many replicas one metric asks for: the replica calculator.
 *
 * Port of `ReplicaCalculator` in `pkg/controller/podautoscaler/replica_calculator.go` and of
 * `metrics/utilization.go` (Kubernetes v1.37). Values are thousandths in int64 arithmetic: an average is truncated to a
 * whole thousandth and a utilization to a whole percent, in both passes; ratios are doubles.
 *
 * Per-pod metrics take two passes. The first looks at pods that count. If some are missing or still starting, the second
 * adds them at the value that argues against scaling (idle on the way up, fully busy on the way down) and keeps the
 * current count when that takes the reason away.
 */
import type { Ms } from "../../../core/time.ts";
import { cappedInt32OfDouble, divideInt64, int32, int32OfDouble, multiplyDivideInt64 } from "../integers.ts";
import type { Replica } from "../policy.ts";
import { groupPods, type PodGroups, type PodSample } from "./pod-groups.ts";
import type { HpaFlags } from "./spec.ts";

/** Shares by which the ratio may leave 1 before anything happens. */
export interface Tolerances {
  readonly up: number;
  readonly down: number;
}

export type CalculationError =
  | "metricsUnavailable"
  | "noPods"
  | "noUsableMetrics"
  | "requestMissing"
  | "requestsSumZero";

/** Which return of the calculator was taken. */
export type CalculationBranch =
  | "firstPassWithinTolerance"
  | "firstPassRatio"
  | "secondPassHoldWithinTolerance"
  | "secondPassHoldSignFlip"
  | "replicaDirectionHold"
  | "secondPassRatio"
  | "withinTolerance"
  | "ratio"
  | "ratioCappedInt32"
  | "ratioFromZero"
  | "perPodWithinTolerance"
  | "perPodCeil"
  | "perPodFromZero";

export type Calculation =
  | {
      readonly kind: "proposal";
      readonly replicas: number;
      readonly branch: CalculationBranch;
      /** First pass, per pod where the target is per pod; undefined where the original divides by zero pods. */
      readonly usageMilli: number | undefined;
      /** First pass, of a utilization target. */
      readonly utilizationPercent: number | undefined;
      readonly groups: PodGroups | undefined;
    }
  | { readonly kind: "error"; readonly error: CalculationError; readonly groups: PodGroups | undefined };

/** What every per-pod calculation looks at. */
export interface PodScope {
  /** Spec replicas of the scale target. */
  readonly currentReplicas: number;
  readonly pods: readonly Replica[];
  readonly nowMs: Ms;
  readonly tolerances: Tolerances;
  readonly flags: HpaFlags;
}

/** `isWithin`: both ends count. */
export function withinTolerance(ratio: number, tolerances: Tolerances): boolean {
  return 1 - tolerances.down <= ratio && ratio <= 1 + tolerances.up;
}

/** `GetResourceReplicas`: percent of requests. `requestKey` names the request of a pod that is the whole. */
export function resourceUtilization(
  scope: PodScope,
  samples: readonly PodSample[] | undefined,
  resource: string,
  requestKey: string,
  targetPercent: number,
): Calculation {
  const counted = countPods(scope, samples, resource);
  if (counted.kind === "error") return counted;
  const requests = new Map<string, number>();
  for (const pod of scope.pods) {
    const request = pod.requestsMilli[requestKey];
    if (request === undefined) return { kind: "error", error: "requestMissing", groups: counted.groups };
    requests.set(pod.name, request);
  }
  const measure = (values: ReadonlyMap<string, number>): Measure | undefined =>
    utilizationOf(values, requests, targetPercent);
  const busy = Math.max(100, targetPercent);
  return twoPasses(scope, counted, measure, (pod) => multiplyDivideInt64(requests.get(pod) ?? 0, busy, 100));
}

/** `GetRawResourceReplicas` (with `resource`) and `GetMetricReplicas` (without): an average per pod. */
export function averagePerPod(
  scope: PodScope,
  samples: readonly PodSample[] | undefined,
  resource: string | undefined,
  targetMilli: number,
): Calculation {
  const counted = countPods(scope, samples, resource);
  if (counted.kind === "error") return counted;
  const measure = (values: ReadonlyMap<string, number>): Measure => {
    const usageMilli = divideInt64(sum(values.values()), values.size);
    return { ratio: usageMilli / targetMilli, usageMilli, utilizationPercent: undefined };
  };
  return twoPasses(scope, counted, measure, () => targetMilli);
}

/** `GetObjectMetricReplicas`, `GetExternalMetricReplicas`: a total against a total, scaled by ready pods. */
export function totalValue(
  scope: PodScope,
  valuesMilli: readonly number[] | undefined,
  targetMilli: number,
): Calculation {
  if (valuesMilli === undefined || valuesMilli.length === 0) return unavailable;
  const usageMilli = cappedSum(valuesMilli);
  const ratio = usageMilli / targetMilli;
  if (scope.currentReplicas === 0) return totalProposal(int32OfDouble(Math.ceil(ratio)), "ratioFromZero", usageMilli);
  if (withinTolerance(ratio, scope.tolerances)) {
    return totalProposal(scope.currentReplicas, "withinTolerance", usageMilli);
  }
  if (scope.pods.length === 0) return { kind: "error", error: "noPods", groups: undefined };
  const readyPods = scope.pods.filter((pod) => pod.phase === "running" && pod.readiness?.state === "ready").length;
  const wished = ratio * readyPods;
  const replicas = cappedInt32OfDouble(Math.ceil(wished));
  return totalProposal(replicas, wished > 2_147_483_647 ? "ratioCappedInt32" : "ratio", usageMilli);
}

/** `GetObjectPerPodMetricReplicas`, `GetExternalPerPodMetricReplicas`: a total shared by the pods of the scale status. */
export function totalPerPod(
  statusReplicas: number,
  tolerances: Tolerances,
  valuesMilli: readonly number[] | undefined,
  targetMilli: number,
): Calculation {
  if (valuesMilli === undefined || valuesMilli.length === 0) return unavailable;
  const totalMilli = cappedSum(valuesMilli);
  const ratio = totalMilli / (targetMilli * statusReplicas);
  const holds = withinTolerance(ratio, tolerances);
  const replicas = holds ? statusReplicas : cappedInt32OfDouble(Math.ceil(totalMilli / targetMilli));
  if (statusReplicas === 0) return totalProposal(replicas, "perPodFromZero", undefined);
  const branch = holds ? "perPodWithinTolerance" : "perPodCeil";
  return totalProposal(replicas, branch, Math.ceil(totalMilli / statusReplicas) + 0);
}

const unavailable: Calculation = { kind: "error", error: "metricsUnavailable", groups: undefined };

interface Measure {
  readonly ratio: number;
  readonly usageMilli: number;
  readonly utilizationPercent: number | undefined;
}

interface CountedPods {
  readonly kind: "counted";
  readonly groups: PodGroups;
  /** Samples that count; those of pods that nobody lists stay in. */
  readonly values: ReadonlyMap<string, number>;
}

function countPods(
  scope: PodScope,
  samples: readonly PodSample[] | undefined,
  resource: string | undefined,
): CountedPods | Extract<Calculation, { kind: "error" }> {
  if (samples === undefined || samples.length === 0)
    return { ...unavailable, kind: "error", error: "metricsUnavailable" };
  if (scope.pods.length === 0) return { kind: "error", error: "noPods", groups: undefined };
  const byPod = new Map(samples.map((sample) => [sample.pod, sample]));
  const groups = groupPods(scope.pods, byPod, resource, scope.flags, scope.nowMs);
  const values = new Map(samples.map((sample) => [sample.pod, sample.valueMilli]));
  for (const pod of [...groups.ignored, ...groups.unready]) values.delete(pod);
  return values.size === 0 ? { kind: "error", error: "noUsableMetrics", groups } : { kind: "counted", groups, values };
}

/** `GetResourceUtilizationRatio`; undefined when the requests add up to nothing. */
function utilizationOf(
  values: ReadonlyMap<string, number>,
  requests: ReadonlyMap<string, number>,
  targetPercent: number,
): Measure | undefined {
  let used = 0;
  let requested = 0;
  let pods = 0;
  for (const [pod, value] of values) {
    const request = requests.get(pod);
    if (request === undefined) continue;
    used += value;
    requested += request;
    pods += 1;
  }
  if (requested === 0) return undefined;
  const utilizationPercent = int32(multiplyDivideInt64(used, 100, requested));
  return { ratio: utilizationPercent / targetPercent, usageMilli: divideInt64(used, pods), utilizationPercent };
}

function twoPasses(
  scope: PodScope,
  counted: CountedPods,
  measure: (values: ReadonlyMap<string, number>) => Measure | undefined,
  busyMilli: (pod: string) => number,
): Calculation {
  const { groups } = counted;
  const first = measure(counted.values);
  if (first === undefined) return { kind: "error", error: "requestsSumZero", groups };
  const { usageMilli, utilizationPercent } = first;
  const propose = (replicas: number, branch: CalculationBranch): Calculation => ({
    kind: "proposal",
    replicas,
    branch,
    usageMilli,
    utilizationPercent,
    groups,
  });

  const upWithUnready = groups.unready.length > 0 && first.ratio > 1;
  if (!upWithUnready && groups.missing.length === 0) {
    return withinTolerance(first.ratio, scope.tolerances)
      ? propose(scope.currentReplicas, "firstPassWithinTolerance")
      : propose(int32OfDouble(Math.ceil(first.ratio * groups.ready.length)), "firstPassRatio");
  }

  const values = new Map(counted.values);
  if (first.ratio < 1) for (const pod of groups.missing) values.set(pod, busyMilli(pod));
  if (first.ratio > 1) for (const pod of groups.missing) values.set(pod, 0);
  if (upWithUnready) for (const pod of groups.unready) values.set(pod, 0);
  const second = measure(values);
  if (second === undefined) return { kind: "error", error: "requestsSumZero", groups };

  if (withinTolerance(second.ratio, scope.tolerances)) {
    return propose(scope.currentReplicas, "secondPassHoldWithinTolerance");
  }
  if ((first.ratio < 1 && second.ratio > 1) || (first.ratio > 1 && second.ratio < 1)) {
    return propose(scope.currentReplicas, "secondPassHoldSignFlip");
  }
  const replicas = int32OfDouble(Math.ceil(second.ratio * values.size));
  const turnsBack =
    (second.ratio < 1 && replicas > scope.currentReplicas) || (second.ratio > 1 && replicas < scope.currentReplicas);
  return turnsBack ? propose(scope.currentReplicas, "replicaDirectionHold") : propose(replicas, "secondPassRatio");
}

function totalProposal(replicas: number, branch: CalculationBranch, usageMilli: number | undefined): Calculation {
  return { kind: "proposal", replicas, branch, usageMilli, utilizationPercent: undefined, groups: undefined };
}

function sum(values: Iterable<number>): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}

/** Series of an external metric are added and held at the largest int64. */
function cappedSum(valuesMilli: readonly number[]): number {
  return Math.min(sum(valuesMilli), 2 ** 63);
}
