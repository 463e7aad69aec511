/**
 * From what the metrics ask for to what is done, when the manifest has `behavior`: stabilize, then limit the rate.
 *
 * Port of `normalizeDesiredReplicasWithBehaviors` and its parts in `pkg/controller/podautoscaler/horizontal.go`
 * (Kubernetes v1.37). There is no cooldown timer: the window slides, scale-up waits for the smallest and scale-down for
 * the largest recommendation in it, and each policy limits the change within its own period.
 */
import { type Ms, secondMs } from "../../../core/time.ts";
import { int32, int32OfDouble } from "../integers.ts";
import { changeWithin, type Recommendation, rememberRecommendation, type ScaleEvents } from "./history.ts";
import type { FilledBehavior, HpaScalingPolicy, SelectPolicy } from "./spec.ts";

/** Reasons of the AbleToScale condition. */
export type StabilizationReason = "ReadyForNewScale" | "ScaleUpStabilized" | "ScaleDownStabilized";

/** Reasons of the ScalingLimited condition; it is True for all but the first. */
export type LimitReason =
  | "DesiredWithinRange"
  | "ScaleUpLimit"
  | "ScaleDownLimit"
  | "TooManyReplicas"
  | "TooFewReplicas";

export interface NormalizationInput {
  readonly nowMs: Ms;
  readonly minReplicas: number;
  readonly maxReplicas: number;
  readonly currentReplicas: number;
  /** What the metrics asked for. */
  readonly desiredReplicas: number;
  readonly recommendations: readonly Recommendation[];
}

export interface Normalization {
  readonly replicas: number;
  /** After the windows, before the limits. */
  readonly stabilizedReplicas: number;
  readonly stabilization: StabilizationReason;
  readonly limit: LimitReason;
  /** The rate limit that was looked at; undefined when there was none to look at. */
  readonly rateLimit: RateLimit | undefined;
  /** Recommendations with the present one stored. */
  readonly recommendations: readonly Recommendation[];
}

export interface RateLimit {
  readonly replicas: number;
  /** The policy that set it; undefined: scaling in this direction is disabled. */
  readonly policy: HpaScalingPolicy | undefined;
}

export function normalizeWithBehavior(
  input: NormalizationInput,
  behavior: FilledBehavior,
  events: ScaleEvents,
): Normalization {
  const { currentReplicas, desiredReplicas } = input;
  const stabilized = stabilize(input, behavior);
  const limited = limitRate(input, stabilized.replicas, behavior, events);
  const direction = desiredReplicas >= currentReplicas ? "ScaleUpStabilized" : "ScaleDownStabilized";
  return {
    ...limited,
    stabilizedReplicas: stabilized.replicas,
    stabilization: stabilized.replicas === desiredReplicas ? "ReadyForNewScale" : direction,
    recommendations: stabilized.recommendations,
  };
}

/** `calculateScaleUpLimitWithScalingRules`: the largest count that the policies allow now, not yet held to anything. */
export function scaleUpLimit(
  currentReplicas: number,
  events: ScaleEvents,
  behavior: FilledBehavior,
  nowMs: Ms,
): RateLimit {
  const { selectPolicy, policies } = behavior.scaleUp;
  const limits = policies.map((policy): RateLimit => {
    const start = periodStart(currentReplicas, events, policy, nowMs);
    const percent = int32OfDouble(Math.ceil(start * (1 + policy.value / 100)));
    return { replicas: policy.type === "Pods" ? int32(start + policy.value) : percent, policy };
  });
  return select(selectPolicy, currentReplicas, limits, selectPolicy === "Max");
}

/** `calculateScaleDownLimitWithBehaviors`: the smallest count the policies allow now; the largest change is the lowest. */
export function scaleDownLimit(
  currentReplicas: number,
  events: ScaleEvents,
  behavior: FilledBehavior,
  nowMs: Ms,
): RateLimit {
  const { selectPolicy, policies } = behavior.scaleDown;
  const limits = policies.map((policy): RateLimit => {
    const start = periodStart(currentReplicas, events, policy, nowMs);
    const percent = int32OfDouble(start * (1 - policy.value / 100));
    return { replicas: policy.type === "Pods" ? int32(start - policy.value) : percent, policy };
  });
  return select(selectPolicy, currentReplicas, limits, selectPolicy === "Min");
}

/** `stabilizeRecommendationWithBehaviors`: a recommendation exactly as old as the window is out. */
function stabilize(
  input: NormalizationInput,
  behavior: FilledBehavior,
): { readonly replicas: number; readonly recommendations: readonly Recommendation[] } {
  const upCutoffMs = input.nowMs - behavior.scaleUp.stabilizationWindowSeconds * secondMs;
  const downCutoffMs = input.nowMs - behavior.scaleDown.stabilizationWindowSeconds * secondMs;
  let lowest = input.desiredReplicas;
  let highest = input.desiredReplicas;
  for (const { atMs, replicas } of input.recommendations) {
    if (atMs > upCutoffMs) lowest = Math.min(lowest, replicas);
    if (atMs > downCutoffMs) highest = Math.max(highest, replicas);
  }
  return {
    replicas: Math.min(Math.max(input.currentReplicas, lowest), highest),
    recommendations: rememberRecommendation(
      input.recommendations,
      { replicas: input.desiredReplicas, atMs: input.nowMs },
      ({ atMs }) => atMs < upCutoffMs && atMs < downCutoffMs,
    ),
  };
}

/** `convertDesiredReplicasWithBehaviorRate`: scaling up never looks at min, scaling down never at max. */
function limitRate(
  input: NormalizationInput,
  wished: number,
  behavior: FilledBehavior,
  events: ScaleEvents,
): Pick<Normalization, "replicas" | "limit" | "rateLimit"> {
  const { currentReplicas, maxReplicas, minReplicas, nowMs } = input;
  if (wished > currentReplicas) {
    const rateLimit = scaleUpLimit(currentReplicas, events, behavior, nowMs);
    const allowed = Math.max(currentReplicas, rateLimit.replicas);
    const highest = Math.min(maxReplicas, allowed);
    if (wished <= highest) return { replicas: wished, limit: "DesiredWithinRange", rateLimit };
    return { replicas: highest, limit: maxReplicas > allowed ? "ScaleUpLimit" : "TooManyReplicas", rateLimit };
  }
  if (wished < currentReplicas) {
    const rateLimit = scaleDownLimit(currentReplicas, events, behavior, nowMs);
    const allowed = Math.min(currentReplicas, rateLimit.replicas);
    const lowest = Math.max(minReplicas, allowed);
    if (wished >= lowest) return { replicas: wished, limit: "DesiredWithinRange", rateLimit };
    return { replicas: lowest, limit: minReplicas < allowed ? "ScaleDownLimit" : "TooFewReplicas", rateLimit };
  }
  return { replicas: wished, limit: "DesiredWithinRange", rateLimit: undefined };
}

/** How many replicas there were when the policy's period began: undo what happened since, in both directions. */
function periodStart(currentReplicas: number, events: ScaleEvents, policy: HpaScalingPolicy, nowMs: Ms): number {
  const added = changeWithin(events.up, policy.periodSeconds, nowMs);
  const removed = changeWithin(events.down, policy.periodSeconds, nowMs);
  return int32(currentReplicas - added + removed);
}

function select(policy: SelectPolicy, current: number, limits: readonly RateLimit[], highest: boolean): RateLimit {
  if (policy === "Disabled") return { replicas: current, policy: undefined };
  return limits.reduce((best, limit) => {
    const better = highest ? limit.replicas > best.replicas : limit.replicas < best.replicas;
    return better ? limit : best;
  });
}
