/**
 * One sync of the HorizontalPodAutoscaler controller: from what is observed and remembered to what is written.
 *
 * Port of `reconcileAutoscaler` in `pkg/controller/podautoscaler/horizontal.go` (Kubernetes v1.37, feature gates
 * HPAScaleToZero and HPAConfigurableTolerance on, as they are by default). A pure function: state in, state out.
 */
import { assertNever } from "../../../core/invariant.ts";
import type { Ms } from "../../../core/time.ts";
import type { Replica } from "../policy.ts";
import { type LimitReason, type Normalization, normalizeWithBehavior, type StabilizationReason } from "./behavior.ts";
import { noEvents, type Recommendation, rememberEvent, type ScaleEvents } from "./history.ts";
import { normalizeWithoutBehavior } from "./legacy.ts";
import type { Tolerances } from "./metrics.ts";
import { combineMetrics, type CombinedProposal, type HpaReading } from "./proposal.ts";
import {
  defaultMinReplicas,
  fillBehavior,
  type FilledBehavior,
  type HpaFlags,
  type HpaMetric,
  type HpaSpec,
} from "./spec.ts";

export interface HpaInput {
  readonly nowMs: Ms;
  readonly specReplicas: number;
  /** Replicas in the status of the scale target, which lags behind the spec. */
  readonly statusReplicas: number;
  readonly pods: readonly Replica[];
  /** In the order of `spec.metrics`. */
  readonly readings: readonly HpaReading[];
}

/** A status condition: holds, and why. */
export interface Condition<Reason extends string> {
  readonly status: boolean;
  readonly reason: Reason;
}

/** Conditions stay as they are until a sync sets them anew; undefined: never set. */
export interface HpaConditions {
  readonly scalingActive: Condition<ScalingActiveReason> | undefined;
  readonly ableToScale: Condition<StabilizationReason | "SucceededGetScale" | "SucceededRescale"> | undefined;
  readonly scalingLimited: Condition<LimitReason> | undefined;
  readonly scaledToZero: Condition<"ScaledToZero" | "NotScaledToZero"> | undefined;
}

export type ScalingActiveReason = "ValidMetricFound" | "ScalingDisabled" | `FailedGet${HpaMetric["type"]}Metric`;

export interface HpaState {
  readonly recommendations: readonly Recommendation[];
  readonly events: ScaleEvents;
  readonly conditions: HpaConditions;
}

export const newHpaState: HpaState = {
  recommendations: [],
  events: noEvents,
  conditions: { scalingActive: undefined, ableToScale: undefined, scalingLimited: undefined, scaledToZero: undefined },
};

/** Which way the sync went; each carries what a reason in words needs. */
export type HpaPath =
  | { readonly kind: "disabled" }
  | { readonly kind: "above-max" }
  | { readonly kind: "below-min" }
  | { readonly kind: "metrics-failed"; readonly combined: CombinedProposal }
  | { readonly kind: "computed"; readonly combined: CombinedProposal; readonly normalization: Normalization };

export interface HpaSync {
  readonly state: HpaState;
  /** Spec replicas after the sync. */
  readonly replicas: number;
  readonly rescaled: boolean;
  /** The words of the SuccessfulRescale event; empty where the original leaves them empty. */
  readonly rescaleReason: string;
  /** Some metric failed, whether or not the rest sufficed. */
  readonly error: boolean;
  readonly path: HpaPath;
}

export function syncHpa(spec: HpaSpec, flags: HpaFlags, previous: HpaState, input: HpaInput): HpaSync {
  const current = input.specReplicas;
  const minReplicas = spec.minReplicas ?? defaultMinReplicas;
  const behavior = spec.behavior === undefined ? undefined : fillBehavior(spec.behavior, flags);
  const state: HpaState = {
    ...previous,
    recommendations:
      previous.recommendations.length > 0 ? previous.recommendations : [{ replicas: current, atMs: input.nowMs }],
    conditions: { ...previous.conditions, ableToScale: { status: true, reason: "SucceededGetScale" } },
  };
  const rescale = (to: number, path: HpaPath, rescaleReason: string, before: HpaState, error = false): HpaSync =>
    to === current
      ? { state: before, replicas: current, rescaled: false, rescaleReason: "", error, path }
      : {
          state: rescaled(spec, before, behavior, current, to, input.nowMs),
          replicas: to,
          rescaled: true,
          rescaleReason,
          error,
          path,
        };

  if (current === 0 && !mayLeaveZero(spec, minReplicas, previous)) {
    const scalingActive = { status: false, reason: "ScalingDisabled" } as const;
    return rescale(0, { kind: "disabled" }, "", { ...state, conditions: { ...state.conditions, scalingActive } });
  }
  if (current > spec.maxReplicas) {
    return rescale(spec.maxReplicas, { kind: "above-max" }, "Current number of replicas above Spec.MaxReplicas", state);
  }
  if (current !== 0 && current < minReplicas) {
    return rescale(minReplicas, { kind: "below-min" }, "Current number of replicas below Spec.MinReplicas", state);
  }

  const tolerances = tolerancesOf(behavior, flags);
  const scope = { currentReplicas: current, pods: input.pods, nowMs: input.nowMs, tolerances, flags };
  const combined = combineMetrics(spec.metrics, input.readings, scope, input.statusReplicas);
  if (combined.replicas === undefined) return metricsFailed(state, combined, current);

  const normalization = normalize(spec, flags, behavior, state, input, combined.replicas);
  const raised =
    current === 0 && minReplicas !== 0 ? Math.max(minReplicas, normalization.replicas) : normalization.replicas;
  return rescale(
    raised,
    { kind: "computed", combined, normalization },
    rescaleReasonOf(combined, current),
    {
      ...state,
      recommendations: normalization.recommendations,
      conditions: {
        ...state.conditions,
        scalingActive: { status: true, reason: "ValidMetricFound" },
        ableToScale: { status: true, reason: normalization.stabilization },
        scalingLimited: {
          status: normalization.replicas !== normalization.stabilizedReplicas,
          reason: normalization.limit,
        },
      },
    },
    combined.failed !== undefined,
  );
}

/** The name the controller gives a metric in its events; an Object average is called external there, and so it is here. */
export function eventName(metric: HpaMetric): string {
  const utilization = " utilization (percentage of request)";
  switch (metric.type) {
    case "Resource":
      return `${metric.resource} resource${metric.target.type === "Utilization" ? utilization : ""}`;
    case "ContainerResource":
      return `${metric.resource} container resource${metric.target.type === "Utilization" ? utilization : ""}`;
    case "Pods":
      return `pods metric ${metric.metric}`;
    case "Object":
      return metric.target.type === "Value"
        ? `${metric.kind} metric ${metric.metric}`
        : `external metric ${metric.metric}(nil)`;
    case "External":
      return `external metric ${metric.metric}(nil)`;
    default:
      return assertNever(metric);
  }
}

/** `shouldComputeMetricsForZeroReplicas`: only a target that the HPA itself took to zero is woken by it. */
function mayLeaveZero(spec: HpaSpec, minReplicas: number, state: HpaState): boolean {
  return state.conditions.scaledToZero?.status === true && (minReplicas !== 0 || measuresOutsidePods(spec));
}

function measuresOutsidePods(spec: HpaSpec): boolean {
  return spec.metrics.some((metric) => metric.type === "Object" || metric.type === "External");
}

function tolerancesOf(behavior: FilledBehavior | undefined, flags: HpaFlags): Tolerances {
  return {
    up: behavior?.scaleUp.tolerance ?? flags.tolerance,
    down: behavior?.scaleDown.tolerance ?? flags.tolerance,
  };
}

function normalize(
  spec: HpaSpec,
  flags: HpaFlags,
  behavior: FilledBehavior | undefined,
  state: HpaState,
  input: HpaInput,
  desiredReplicas: number,
): Normalization {
  const normalizationInput = {
    nowMs: input.nowMs,
    minReplicas: spec.minReplicas ?? defaultMinReplicas,
    maxReplicas: spec.maxReplicas,
    currentReplicas: input.specReplicas,
    desiredReplicas: Math.max(0, desiredReplicas),
    recommendations: state.recommendations,
  };
  return behavior === undefined
    ? normalizeWithoutBehavior(normalizationInput, flags.downscaleStabilizationMs)
    : normalizeWithBehavior(normalizationInput, behavior, state.events);
}

function rescaleReasonOf(combined: CombinedProposal, current: number): string {
  const { replicas = 0, winner } = combined;
  if (replicas > current) return `${winner === undefined ? "" : eventName(winner)} above target`;
  return replicas < current ? "All metrics below target" : "";
}

function metricsFailed(state: HpaState, combined: CombinedProposal, current: number): HpaSync {
  const type = combined.failed?.type ?? "Resource";
  const scalingActive = { status: false, reason: `FailedGet${type}Metric` } as const;
  return {
    state: { ...state, conditions: { ...state.conditions, scalingActive } },
    replicas: current,
    rescaled: false,
    rescaleReason: "",
    error: true,
    path: { kind: "metrics-failed", combined },
  };
}

function rescaled(
  spec: HpaSpec,
  state: HpaState,
  behavior: FilledBehavior | undefined,
  from: number,
  to: number,
  nowMs: Ms,
): HpaState {
  const minReplicas = spec.minReplicas ?? defaultMinReplicas;
  const toZero = from > 0 && to === 0 && minReplicas === 0 && measuresOutsidePods(spec);
  return {
    ...state,
    events: rememberEvent(state.events, behavior, from, to, nowMs),
    conditions: {
      ...state.conditions,
      ableToScale: { status: true, reason: "SucceededRescale" },
      scaledToZero: { status: toZero, reason: toZero ? "ScaledToZero" : "NotScaledToZero" },
    },
  };
}
