/**
 * From what the metrics ask for to what is done, when the manifest has no `behavior`: the older path.
 *
 * Port of `normalizeDesiredReplicas`, `stabilizeRecommendation` and `convertDesiredReplicasWithRules` in
 * `pkg/controller/podautoscaler/horizontal.go` (Kubernetes v1.37). It is not the same as an empty `behavior`: each sync
 * may double the count (at least up to 4), a recommendation exactly as old as the window still counts, the window may
 * hold the count above what is running, and no events are kept.
 */
import type { Ms } from "../../../core/time.ts";
import type { LimitReason, Normalization, NormalizationInput } from "./behavior.ts";
import { rememberRecommendation } from "./history.ts";

/** `scaleUpLimitFactor` and `scaleUpLimitMinimum`. */
const upFactor = 2;
const upMinimum = 4;

export function normalizeWithoutBehavior(input: NormalizationInput, downscaleStabilizationMs: Ms): Normalization {
  const { nowMs, desiredReplicas, recommendations } = input;
  const cutoffMs = nowMs - downscaleStabilizationMs;
  let stabilizedReplicas = desiredReplicas;
  for (const { atMs, replicas } of recommendations) {
    if (atMs >= cutoffMs) stabilizedReplicas = Math.max(stabilizedReplicas, replicas);
  }
  return {
    ...limitToRules(input, stabilizedReplicas),
    stabilizedReplicas,
    stabilization: stabilizedReplicas === desiredReplicas ? "ReadyForNewScale" : "ScaleDownStabilized",
    recommendations: rememberRecommendation(
      recommendations,
      { replicas: desiredReplicas, atMs: nowMs },
      ({ atMs }) => atMs < cutoffMs,
    ),
  };
}

/** `calculateScaleUpLimit`. */
export function legacyScaleUpLimit(currentReplicas: number): number {
  return Math.max(upFactor * currentReplicas, upMinimum);
}

function limitToRules(
  input: NormalizationInput,
  wished: number,
): Pick<Normalization, "replicas" | "limit" | "rateLimit"> {
  const upLimit = legacyScaleUpLimit(input.currentReplicas);
  const highest = Math.min(input.maxReplicas, upLimit);
  const upReason: LimitReason = input.maxReplicas > upLimit ? "ScaleUpLimit" : "TooManyReplicas";
  if (wished < input.minReplicas) return { replicas: input.minReplicas, limit: "TooFewReplicas", rateLimit: undefined };
  if (wished > highest) return { replicas: highest, limit: upReason, rateLimit: undefined };
  return { replicas: wished, limit: "DesiredWithinRange", rateLimit: undefined };
}
