/**
 * Why an HPA did what it did, in one sentence: `HPA: cpu 91 % of target 75 %, 4 -> 5, wanted 9, limited by policy 1 pod/15 s`.
 */
import { assertNever } from "../../../core/invariant.ts";
import { secondMs } from "../../../core/time.ts";
import { formatShare } from "../../../core/units.ts";
import { amountInWords } from "../metric-names.ts";
import { stepInWords } from "../policy.ts";
import type { Normalization } from "./behavior.ts";
import type { HpaSync } from "./controller.ts";
import type { Calculation } from "./metrics.ts";
import type { CombinedProposal, MetricProposal } from "./proposal.ts";
import {
  defaultMinReplicas,
  fillBehavior,
  type HpaFlags,
  type HpaMetric,
  type HpaScalingPolicy,
  type HpaSpec,
  metricKey,
} from "./spec.ts";

export function hpaReason(spec: HpaSpec, flags: HpaFlags, from: number, sync: HpaSync): string {
  const step = stepInWords(from, sync.replicas);
  const { path } = sync;
  switch (path.kind) {
    case "disabled":
      return "HPA: disabled while the target has 0 replicas";
    case "above-max":
      return `HPA: above maxReplicas ${spec.maxReplicas}, ${step}`;
    case "below-min":
      return `HPA: below minReplicas ${spec.minReplicas ?? defaultMinReplicas}, ${step}`;
    case "metrics-failed":
      return `HPA: ${failuresInWords(path.combined)}, ${step}`;
    case "computed":
      return [
        "HPA: ",
        [winnerInWords(path.combined), step, ...dampingInWords(spec, flags, from, path)].join(", "),
      ].join("");
    default:
      return assertNever(path);
  }
}

/** `cpu 80 %`, `tokens_per_minute 5k per replica`. */
export function targetInWords(metric: HpaMetric): string {
  return `${metricKey(metric)} ${amountOfTarget(metric)}`;
}

/** `4 pods/15 s`, `100 %/15 s`. */
export function policyInWords({ periodSeconds, type, value }: HpaScalingPolicy): string {
  const amount = type === "Percent" ? `${value} %` : `${value} ${value === 1 ? "pod" : "pods"}`;
  return `${amount}/${periodSeconds} s`;
}

function winnerInWords(combined: CombinedProposal): string {
  const proposal = combined.proposals.find(({ metric }) => metric === combined.winner);
  return proposal === undefined ? "no metric" : proposalInWords(proposal);
}

function proposalInWords({ calculation, metric }: MetricProposal): string {
  const name = metricKey(metric);
  if (calculation.kind === "error") return `${name} has no usable reading (${calculation.error})`;
  return `${name} ${usageInWords(name, calculation)} of target ${amountOfTarget(metric)}${countedInWords(calculation)}`;
}

function usageInWords(name: string, calculation: Extract<Calculation, { kind: "proposal" }>): string {
  if (calculation.utilizationPercent !== undefined) return `${calculation.utilizationPercent} %`;
  return calculation.usageMilli === undefined
    ? "shared by no replica yet"
    : amountInWords(name, calculation.usageMilli / 1_000);
}

function amountOfTarget(metric: HpaMetric): string {
  const { target } = metric;
  switch (target.type) {
    case "Utilization":
      return `${target.averageUtilization} %`;
    case "AverageValue":
      return `${amountInWords(metricKey(metric), target.averageValueMilli / 1_000)} per replica`;
    case "Value":
      return amountInWords(metricKey(metric), target.valueMilli / 1_000);
    default:
      return assertNever(target);
  }
}

/** Replicas that were not counted are why a wish may look too small. */
function countedInWords({ groups }: Calculation): string {
  const parts = [
    groups === undefined || groups.unready.length === 0 ? undefined : `${groups.unready.length} starting`,
    groups === undefined || groups.missing.length === 0 ? undefined : `${groups.missing.length} without a sample`,
  ].filter((part) => part !== undefined);
  return parts.length === 0 ? "" : ` (${parts.join(", ")})`;
}

function failuresInWords({ proposals }: CombinedProposal): string {
  return proposals
    .filter(({ calculation }) => calculation.kind === "error")
    .map(proposalInWords)
    .join(", ");
}

function dampingInWords(
  spec: HpaSpec,
  flags: HpaFlags,
  from: number,
  path: { readonly combined: CombinedProposal; readonly normalization: Normalization },
): readonly string[] {
  const { combined, normalization } = path;
  const wanted = combined.replicas ?? from;
  const words: string[] = [];
  if (wanted === from) words.push(withinInWords(spec, flags, combined));
  else if (wanted !== normalization.replicas) words.push(`wanted ${wanted}`);
  if (normalization.stabilization !== "ReadyForNewScale") words.push(windowInWords(spec, flags, normalization));
  const limit = limitInWords(spec, normalization);
  if (limit !== undefined) words.push(limit);
  if (combined.failed !== undefined) words.push(failuresInWords(combined));
  return words.filter((word) => word !== "");
}

function withinInWords(spec: HpaSpec, flags: HpaFlags, combined: CombinedProposal): string {
  const proposal = combined.proposals.find(({ metric }) => metric === combined.winner)?.calculation;
  if (proposal?.kind !== "proposal" || !/WithinTolerance/i.test(proposal.branch)) return "";
  const up = spec.behavior?.scaleUp?.tolerance ?? flags.tolerance;
  const down = spec.behavior?.scaleDown?.tolerance ?? flags.tolerance;
  return `within tolerance ${up === down ? formatShare(up) : `-${formatShare(down)}..+${formatShare(up)}`}`;
}

function windowInWords(spec: HpaSpec, flags: HpaFlags, { stabilization }: Normalization): string {
  const legacySeconds = flags.downscaleStabilizationMs / secondMs;
  const filled = spec.behavior === undefined ? undefined : fillBehavior(spec.behavior, flags);
  return stabilization === "ScaleUpStabilized"
    ? `held by the lowest wish of the last ${filled?.scaleUp.stabilizationWindowSeconds ?? 0} s`
    : `held by the highest wish of the last ${filled?.scaleDown.stabilizationWindowSeconds ?? legacySeconds} s`;
}

function limitInWords(spec: HpaSpec, { limit, rateLimit }: Normalization): string | undefined {
  switch (limit) {
    case "DesiredWithinRange":
      return undefined;
    case "TooManyReplicas":
      return `limited by maxReplicas ${spec.maxReplicas}`;
    case "TooFewReplicas":
      return `limited by minReplicas ${spec.minReplicas ?? defaultMinReplicas}`;
    case "ScaleUpLimit":
    case "ScaleDownLimit":
      if (rateLimit === undefined) return "limited to doubling, or 4";
      return rateLimit.policy === undefined
        ? `scaling ${limit === "ScaleUpLimit" ? "up" : "down"} is disabled`
        : `limited by policy ${policyInWords(rateLimit.policy)}`;
    default:
      return assertNever(limit);
  }
}
