/** What every scaling config becomes, whichever tool wrote it. */
import type { Ms } from "../../../core/time.ts";
import type { HpaSpec } from "../hpa/spec.ts";
import type { KedaSpec } from "../keda/spec.ts";
import type { ScalingPolicy } from "../policy.ts";
import type { ThresholdsSpec } from "../thresholds/policy.ts";

export interface LoadedScaling {
  /** `Kubernetes HorizontalPodAutoscaler`, `thresholds (auto_scaling)`, ... */
  readonly format: string;
  /** A new policy with an empty memory; each fleet takes its own. */
  readonly create: () => ScalingPolicy;
  /** The same as data, where it is of a kind that can be written as another tool's. */
  readonly spec?: ScalingSpec;
  readonly minReplicas: number;
  /** Undefined: the config sets none. */
  readonly maxReplicas: number | undefined;
  /** What it starts with, where the config says so. */
  readonly initialReplicas: number | undefined;
  /** How long load must have been low before a replica goes; undefined: does not apply. */
  readonly scaleDownDelayMs: Ms | undefined;
  /** Names the policy will look up in what is observed (metric-names.ts says their units). */
  readonly metrics: readonly string[];
  /** Pairs that the flapping pre-check looks at. */
  readonly thresholds: readonly ThresholdPair[];
  /** What the config says and we do not model, and what we took it to mean. */
  readonly notes: readonly string[];
}

/** A policy as data, by the controller that runs it. */
export type ScalingSpec =
  | { readonly kind: "hpa"; readonly hpa: HpaSpec }
  | { readonly kind: "keda"; readonly keda: KedaSpec }
  | { readonly kind: "thresholds"; readonly thresholds: ThresholdsSpec };

/** One metric per replica that scales out at one value and in at another. */
export interface ThresholdPair {
  readonly metric: string;
  readonly scaleOutAt: number;
  readonly scaleInAt: number;
  /** Replicas taken away at once. */
  readonly scaleInStep: number;
}

/** No format of ours leaves the maximum out, but thresholds need one to stop at. */
export const unlimitedReplicas = 1_000;
