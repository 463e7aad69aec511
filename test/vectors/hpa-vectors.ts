/** HPA vectors (upstream v1.37.1): what the port answers to them, in their own form. */
import { legacyScaleUpLimit, normalizeWithoutBehavior } from "../../behavior/scaling/hpa/legacy.ts";
import { normalizeWithBehavior, scaleDownLimit, scaleUpLimit } from "../../behavior/scaling/hpa/behavior.ts";
import { type Condition, newHpaState, syncHpa } from "../../behavior/scaling/hpa/controller.ts";
import { rememberEvent, type ScaleEvent, type ScaleEvents } from "../../behavior/scaling/hpa/history.ts";
import {
  averagePerPod,
  type Calculation,
  type PodScope,
  resourceUtilization,
  totalPerPod,
  totalValue,
} from "../../behavior/scaling/hpa/metrics.ts";
import type { PodSample } from "../../behavior/scaling/hpa/pod-groups.ts";
import type { HpaReading } from "../../behavior/scaling/hpa/proposal.ts";
import {
  defaultHpaFlags,
  fillBehavior,
  type HpaBehavior,
  type HpaFlags,
  type HpaMetric,
  type HpaScalingRules,
  type HpaSpec,
} from "../../behavior/scaling/hpa/spec.ts";
import type { Readiness, Replica } from "../../behavior/scaling/policy.ts";
import type {
  AgedEvent,
  HpaCalculationVector,
  HpaNormalizationVector,
  HpaSequenceVector,
  MetricAnswer,
  Phase,
  PodLife,
  Status,
  WrittenBehavior,
  WrittenRules,
  WrittenSpec,
} from "./hpa-forms.ts";

/** One comparison: what upstream answered, what the port answers. */
export interface Comparison {
  readonly where: string;
  readonly expected: Readonly<Record<string, unknown>>;
  readonly actual: Readonly<Record<string, unknown>>;
}

/** Any whole instant does: only differences count. Times have millisecond resolution. */
const nowMs = 1_000_000_000;
const ms = (seconds: number): number => Math.round(seconds * 1_000) + 0;
const beforeNow = (ageSeconds: number): number => nowMs - ms(ageSeconds);

export function compareHpaCalculation(vector: HpaCalculationVector): Comparison {
  const answer = calculate(vector);
  return { where: vector.id, expected: vector.expect, actual: calculationAsWritten(answer, vector.expect) };
}

function calculate(vector: HpaCalculationVector): Calculation {
  const requestKey = vector.resource ?? "cpu";
  const pods = (vector.pods ?? []).map((pod): Replica => ({
    name: pod.name,
    phase: phaseOf(pod.phase),
    deleting: pod.deleting,
    startedAtMs: pod.startTimeAgeSeconds === null ? undefined : beforeNow(pod.startTimeAgeSeconds),
    readiness: pod.ready === null ? undefined : readiness(pod.ready.status, beforeNow(pod.ready.transitionAgeSeconds)),
    requestsMilli: pod.requestMilli === null ? {} : { [requestKey]: Number(pod.requestMilli) },
  }));
  const tolerances = { up: vector.toleranceUp, down: vector.toleranceDown };
  const scope: PodScope = { currentReplicas: vector.currentReplicas, pods, nowMs, tolerances, flags: flagsOf(vector) };
  const samples = vector.metricsUnavailable === true ? undefined : samplesOf(vector.podMetrics);
  const values = vector.metricsUnavailable === true ? undefined : vector.valuesMilli?.map(Number);
  const targetMilli = Number(vector.targetMilli);
  switch (vector.function) {
    case "resourceUtilization":
      return resourceUtilization(scope, samples, requestKey, requestKey, Number(vector.targetUtilizationPercent));
    case "resourceAverageValue":
      return averagePerPod(scope, samples, requestKey, targetMilli);
    case "podsAverageValue":
      return averagePerPod(scope, samples, undefined, targetMilli);
    case "objectValue":
    case "externalValue":
      return totalValue(scope, values, targetMilli);
    case "objectAverageValue":
    case "externalAverageValue":
      return totalPerPod(vector.currentReplicas, tolerances, values, targetMilli);
    default:
      throw new Error(`${vector.id}: unknown function ${JSON.stringify(vector.function)}`);
  }
}

function samplesOf(written: HpaCalculationVector["podMetrics"]): readonly PodSample[] | undefined {
  return written?.map((sample) => ({
    pod: sample.pod,
    valueMilli: Number(sample.valueMilli),
    takenAtMs: beforeNow(sample.timestampAgeSeconds),
    windowMs: ms(sample.windowSeconds),
  }));
}

function calculationAsWritten(answer: Calculation, expect: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const grouped = {
    countedReadyPods: answer.groups?.ready,
    unreadyPods: answer.groups?.unready,
    missingPods: answer.groups?.missing,
    ignoredPods: answer.groups?.ignored,
  };
  const groups = Object.fromEntries(
    Object.entries(grouped).filter(([, pods]) => pods !== undefined && pods.length > 0),
  );
  if (answer.kind === "error") return { error: answer.error, replicas: 0, branch: answer.error, ...groups };
  return {
    error: null,
    replicas: answer.replicas,
    branch: answer.branch,
    ...groups,
    ...(answer.utilizationPercent === undefined ? {} : { utilizationPercent: answer.utilizationPercent }),
    ...(answer.usageMilli === undefined
      ? {}
      : { usageMilli: typeof expect["usageMilli"] === "string" ? String(answer.usageMilli) : answer.usageMilli }),
  };
}

export function compareHpaNormalization(vector: HpaNormalizationVector): Comparison {
  const flags = { ...defaultHpaFlags, downscaleStabilizationMs: ms(vector.controllerDownscaleStabilizationSeconds) };
  const recommendations = (vector.recommendations ?? []).map(({ replicas, ageSeconds }) => ({
    replicas,
    atMs: beforeNow(ageSeconds),
  }));
  const events: ScaleEvents = { up: eventsOf(vector.scaleUpEvents), down: eventsOf(vector.scaleDownEvents) };
  const { currentReplicas } = vector;
  const input = {
    nowMs,
    minReplicas: vector.minReplicas,
    maxReplicas: vector.maxReplicas,
    currentReplicas,
    desiredReplicas: vector.prenormalizedDesiredReplicas,
    recommendations,
  };
  const written = behaviorOf(vector.behavior);
  const behavior = written === undefined ? undefined : fillBehavior(written, flags);
  const answer =
    behavior === undefined
      ? normalizeWithoutBehavior(input, flags.downscaleStabilizationMs)
      : normalizeWithBehavior(input, behavior, events);
  const after = rememberEvent(events, behavior, currentReplicas, answer.replicas, nowMs);
  const limits =
    behavior === undefined
      ? { scaleUpLimit: legacyScaleUpLimit(currentReplicas) }
      : {
          effectiveBehavior: regardlessOfTolerance(behavior),
          scaleUpLimit: scaleUpLimit(currentReplicas, events, behavior, nowMs).replicas,
          scaleDownLimit: scaleDownLimit(currentReplicas, events, behavior, nowMs).replicas,
        };
  const lists = {
    recommendationsAfter: answer.recommendations.map(({ replicas, atMs }) => ({ replicas, ageSeconds: age(atMs) })),
    ...(behavior === undefined ? {} : { scaleUpEventsAfter: aged(after.up), scaleDownEventsAfter: aged(after.down) }),
  };
  const actual = {
    ...limits,
    stabilizedReplicas: answer.stabilizedReplicas,
    replicas: answer.replicas,
    ableToScaleReason: answer.stabilization,
    limitReason: answer.limit,
    scalingLimited: answer.replicas !== answer.stabilizedReplicas,
    ...Object.fromEntries(Object.entries(lists).filter(([, entries]) => entries.length > 0)),
  };
  return { where: vector.id, expected: normalizationAsWritten(vector.expect), actual };
}

/** Ages in the files carry the rounding of a subtraction of doubles (12.556000000000001); times are whole milliseconds. */
function normalizationAsWritten(expect: HpaNormalizationVector["expect"]): Readonly<Record<string, unknown>> {
  const { effectiveBehavior, ...rest } = expect;
  const wholeMs = Object.entries(rest).map(([name, value]) => [
    name,
    Array.isArray(value) ? value.map(inWholeMs) : value,
  ]);
  const effective = effectiveBehavior as WrittenBehavior | undefined;
  return {
    ...Object.fromEntries(wholeMs),
    ...(effective === undefined ? {} : { effectiveBehavior: regardlessOfTolerance(behaviorOf(effective) ?? {}) }),
  };
}

function inWholeMs(entry: { readonly ageSeconds: number }): object {
  return { ...entry, ageSeconds: ms(entry.ageSeconds) / 1_000 };
}

function eventsOf(events: readonly AgedEvent[] | undefined): readonly ScaleEvent[] {
  return (events ?? []).map(({ replicaChange, ageSeconds }) => ({
    change: replicaChange,
    atMs: beforeNow(ageSeconds),
    outdated: false,
  }));
}

const age = (atMs: number): number => (nowMs - atMs) / 1_000;

function aged(events: readonly ScaleEvent[]): readonly AgedEvent[] {
  return events.map(({ change, atMs }) => ({ replicaChange: change, ageSeconds: age(atMs) }));
}

/** Tolerances are no part of normalization; upstream writes them as quantities. */
function regardlessOfTolerance(behavior: HpaBehavior): HpaBehavior {
  return {
    scaleUp: { ...behavior.scaleUp, tolerance: 0 },
    scaleDown: { ...behavior.scaleDown, tolerance: 0 },
  };
}

/** Plays one life of a controller; yields a comparison for each tick, on the replicas that upstream saw. */
export function* compareHpaSequence(vector: HpaSequenceVector): Generator<Comparison> {
  const flags: HpaFlags = {
    ...flagsOf(vector),
    tolerance: vector.controllerTolerance,
    downscaleStabilizationMs: ms(vector.controllerDownscaleStabilizationSeconds),
  };
  let written = vector.spec;
  let state = newHpaState;
  let replicas = vector.initialSpecReplicas;
  for (const tick of vector.ticks) {
    written = tick.userSetsSpec ?? written;
    replicas = tick.userSetsSpecReplicas ?? replicas;
    const sync = syncHpa(specOf(written), flags, state, {
      nowMs: ms(tick.atSeconds),
      specReplicas: tick.specReplicasBefore,
      statusReplicas: tick.statusReplicas,
      pods: vector.pods.flatMap((life) => podAt(life, tick.atSeconds)),
      readings: tick.metrics.map((answer, index) =>
        readingOf(answer, vector.pods, written.metrics[index]?.windowSeconds),
      ),
    });
    const { scalingActive, ableToScale, scalingLimited, scaledToZero } = sync.state.conditions;
    const actual = {
      specReplicasBefore: replicas,
      replicas: sync.replicas,
      rescaled: sync.rescaled,
      ...(sync.rescaleReason === "" ? {} : { rescaleReason: sync.rescaleReason }),
      error: sync.error,
      ...conditionAsWritten("scalingActive", scalingActive),
      ...conditionAsWritten("ableToScale", ableToScale),
      ...conditionAsWritten("scalingLimited", scalingLimited),
      ...conditionAsWritten("scaledToZero", scaledToZero),
    };
    const expected = { specReplicasBefore: tick.specReplicasBefore, ...tick.expect };
    yield { where: `${vector.id} at ${tick.atSeconds} s`, expected, actual };
    ({ state, replicas } = sync);
  }
}

function conditionAsWritten(name: string, condition: Condition<string> | undefined): Readonly<Record<string, string>> {
  return condition === undefined ? {} : { [name]: `${condition.status ? "True" : "False"}:${condition.reason}` };
}

function specOf(written: WrittenSpec): HpaSpec {
  const behavior = behaviorOf(written.behavior ?? null);
  return {
    maxReplicas: written.maxReplicas,
    ...(written.minReplicas === undefined || written.minReplicas === null ? {} : { minReplicas: written.minReplicas }),
    ...(behavior === undefined ? {} : { behavior }),
    metrics: written.metrics.map((metric) => metricOf(metric)),
  };
}

function metricOf(written: WrittenSpec["metrics"][number]): HpaMetric {
  const utilization = { type: "Utilization", averageUtilization: Number(written.targetUtilizationPercent) } as const;
  const average = { type: "AverageValue", averageValueMilli: Number(written.targetMilli) } as const;
  const value = { type: "Value", valueMilli: Number(written.targetMilli) } as const;
  const metric = written.name;
  switch (written.kind) {
    case "resourceUtilization":
      return { type: "Resource", resource: metric, target: utilization };
    case "resourceAverageValue":
      return { type: "Resource", resource: metric, target: average };
    case "podsAverageValue":
      return { type: "Pods", metric, target: average };
    case "objectValue":
      return { type: "Object", metric, kind: "Service", target: value };
    case "objectAverageValue":
      return { type: "Object", metric, kind: "Service", target: average };
    case "externalValue":
      return { type: "External", metric, target: value };
    case "externalAverageValue":
      return { type: "External", metric, target: average };
    default:
      throw new Error(`unknown metric kind ${JSON.stringify(written)}`);
  }
}

function readingOf(answer: MetricAnswer, lives: readonly PodLife[], windowSeconds = 0): HpaReading {
  if (answer.error === true) return { kind: "unavailable" };
  if (answer.samples !== undefined) {
    const samples = answer.samples.map(([pod, valueMilli, takenAtSeconds]) => ({
      pod: lives[pod]?.name ?? "",
      valueMilli: Number(valueMilli),
      takenAtMs: ms(takenAtSeconds),
      windowMs: ms(windowSeconds),
    }));
    return { kind: "samples", samples };
  }
  return answer.valuesMilli === undefined
    ? { kind: "unavailable" }
    : { kind: "values", valuesMilli: answer.valuesMilli.map(Number) };
}

function podAt(life: PodLife, atSeconds: number): readonly Replica[] {
  if (life.createdAtSeconds > atSeconds || (life.goneAtSeconds !== null && life.goneAtSeconds <= atSeconds)) return [];
  const phase = life.phases.findLast((entry) => entry.atSeconds <= atSeconds)?.phase ?? "Pending";
  const ready = life.ready.findLast((entry) => entry.atSeconds <= atSeconds);
  const started = life.startTimeAtSeconds !== null && life.startTimeAtSeconds <= atSeconds;
  return [
    {
      name: life.name,
      phase: phaseOf(phase),
      deleting: life.deletingAtSeconds !== null && life.deletingAtSeconds <= atSeconds,
      startedAtMs: started ? ms(life.startTimeAtSeconds) : undefined,
      readiness: ready === undefined ? undefined : readiness(ready.status, ms(ready.atSeconds)),
      requestsMilli: life.requestMilli === null ? {} : { cpu: Number(life.requestMilli) },
    },
  ];
}

function flagsOf(vector: HpaCalculationVector | HpaSequenceVector): HpaFlags {
  return {
    ...defaultHpaFlags,
    cpuInitializationMs: ms(vector.cpuInitializationPeriodSeconds),
    initialReadinessDelayMs: ms(vector.initialReadinessDelaySeconds),
  };
}

function behaviorOf(written: WrittenBehavior | null): HpaBehavior | undefined {
  if (written === null) return undefined;
  return {
    ...(written.scaleUp === undefined || written.scaleUp === null ? {} : { scaleUp: rulesOf(written.scaleUp) }),
    ...(written.scaleDown === undefined || written.scaleDown === null ? {} : { scaleDown: rulesOf(written.scaleDown) }),
  };
}

function rulesOf(written: WrittenRules): HpaScalingRules {
  const { tolerance, ...rest } = written;
  const given = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== null)) as HpaScalingRules;
  return tolerance === undefined || tolerance === null ? given : { ...given, tolerance: Number(tolerance) };
}

const phases = {
  Pending: "pending",
  Running: "running",
  Succeeded: "succeeded",
  Failed: "failed",
  Unknown: "unknown",
} as const;

function phaseOf(phase: Phase): Replica["phase"] {
  return phases[phase];
}

const readinessStates = { True: "ready", False: "unready", Unknown: "unknown" } as const;

function readiness(status: Status, sinceMs: number): Readiness {
  return { state: readinessStates[status], sinceMs };
}
