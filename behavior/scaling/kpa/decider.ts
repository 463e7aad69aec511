/**
 * The decision of the Knative pod autoscaler: replicas from a stable and a panic average.
 *
 * Port of `newAutoscaler` and `Scale` in `pkg/autoscaler/scaling/autoscaler.go` and of the maximum window in
 * `pkg/autoscaler/aggregation/max` (Knative Serving v0.50). In panic the count never falls. Minimum, maximum and scale to
 * zero are decided elsewhere (reconciler.ts).
 */
import { type Ms, secondMs } from "../../../core/time.ts";
import { int32OfDouble } from "../integers.ts";
import { kpaDefaults, type KpaDeciderSpec } from "./spec.ts";

export interface KpaInput {
  readonly nowMs: Ms;
  /** Averages over the two windows, in all; undefined: no data, or nobody collects it. */
  readonly averages: { readonly stable: number; readonly panic: number } | undefined;
  /** Undefined: could not be counted. No endpoints at all count as 0. */
  readonly readyPods: number | undefined;
}

export interface KpaState {
  /** Last time over the panic threshold; undefined: not in panic. */
  readonly panicMs: Ms | undefined;
  /** Highest count wished for in this panic. */
  readonly maxPanicPods: number;
  /** Undefined: no delay was set when the decider was made. */
  readonly delay: DelayWindow | undefined;
}

/** `max.TimeWindow`: the highest count per 2 s of Unix time, over the length that held at creation. */
export interface DelayWindow {
  readonly buckets: number;
  readonly entries: readonly { readonly bucket: number; readonly replicas: number }[];
}

export interface KpaDecision {
  readonly state: KpaState;
  readonly desired: number;
  /** Requests that the ready pods could still take, below a burst of the target size; negative: the activator helps. */
  readonly excessBurstCapacity: number;
  /** False: nothing was decided, because something could not be read. */
  readonly valid: boolean;
  readonly stablePods: number;
  readonly panicPods: number;
}

/** A decider starts in panic when more than one pod is ready: it has lost its history and must not scale down on that. */
export function newKpaState(spec: KpaDeciderSpec, nowMs: Ms, readyPods: number): KpaState {
  const buckets = Math.ceil(spec.scaleDownDelayMs / kpaDefaults.tickMs);
  return {
    panicMs: readyPods > 1 ? nowMs : undefined,
    maxPanicPods: readyPods,
    delay: spec.scaleDownDelayMs > 0 ? { buckets, entries: [] } : undefined,
  };
}

export function decideKpa(spec: KpaDeciderSpec, previous: KpaState, input: KpaInput): KpaDecision {
  const { averages, nowMs, readyPods } = input;
  if (averages === undefined || readyPods === undefined) {
    return { state: previous, desired: 0, excessBurstCapacity: 0, valid: false, stablePods: 0, panicPods: 0 };
  }
  const ready = Math.max(1, readyPods);
  const highest = Math.ceil(spec.maxScaleUpRate * ready);
  const lowest = spec.reachable ? Math.floor(ready / spec.maxScaleDownRate) : 0;
  const stableWish = Math.ceil(averages.stable / spec.targetValue);
  const panicWish = Math.ceil(averages.panic / spec.targetValue);
  const bounded = (wish: number): number => {
    const pods = int32OfDouble(Math.min(Math.max(wish, lowest), highest));
    return spec.activationScale > 1 && wish > 0 ? Math.max(pods, spec.activationScale) : pods;
  };
  const stablePods = bounded(stableWish);
  const panicPods = bounded(panicWish);

  const panicMs = panicSince(spec, previous, panicWish / ready >= spec.panicThreshold, nowMs);
  const leftPanic = previous.panicMs !== undefined && panicMs === undefined;
  const remembered = leftPanic ? 0 : previous.maxPanicPods;
  const maxPanicPods = panicMs === undefined ? remembered : Math.max(remembered, stablePods, panicPods);
  const undelayed = panicMs === undefined ? stablePods : maxPanicPods;

  const delay =
    spec.reachable && previous.delay !== undefined ? recorded(previous.delay, nowMs, undelayed) : previous.delay;
  const desired = spec.reachable ? (delay?.entries[0]?.replicas ?? undelayed) : undelayed;
  return {
    state: { panicMs, maxPanicPods, delay },
    desired,
    excessBurstCapacity: excessBurstCapacity(spec, readyPods, averages.panic),
    valid: true,
    stablePods,
    panicPods,
  };
}

/** Entering and extending are immediate; leaving takes a whole stable window below the threshold, strictly. */
function panicSince(spec: KpaDeciderSpec, state: KpaState, isOver: boolean, nowMs: Ms): Ms | undefined {
  if (isOver) return nowMs;
  if (state.panicMs === undefined) return undefined;
  return state.panicMs + spec.stableWindowMs < nowMs ? undefined : state.panicMs;
}

/** Keeps only entries that can still be the maximum: falling counts, the highest first. */
function recorded(window: DelayWindow, nowMs: Ms, replicas: number): DelayWindow {
  const bucket = Math.trunc(Math.floor(nowMs / secondMs) / (kpaDefaults.tickMs / secondMs));
  const higher = window.entries.filter((entry) => entry.replicas > replicas && bucket - entry.bucket < window.buckets);
  const isCovered = higher.at(-1)?.bucket === bucket;
  return { ...window, entries: isCovered ? higher : [...higher, { bucket, replicas }] };
}

function excessBurstCapacity(spec: KpaDeciderSpec, readyPods: number, panicAverage: number): number {
  if (spec.targetBurstCapacity === 0) return 0;
  if (spec.targetBurstCapacity < 0) return -1;
  return int32OfDouble(Math.floor(readyPods * spec.totalValue - spec.targetBurstCapacity - panicAverage));
}
