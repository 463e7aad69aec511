/** Knative KPA vectors (upstream v0.50.0): their form, and what the port answers in the same form. */
import { MetricWindow } from "../../behavior/scaling/kpa/buckets.ts";
import { decideKpa, newKpaState } from "../../behavior/scaling/kpa/decider.ts";
import type { KpaDeciderSpec } from "../../behavior/scaling/kpa/spec.ts";
import type { Comparison } from "./hpa-vectors.ts";

interface WrittenConfig {
  readonly scalingMetric: "concurrency" | "rps";
  readonly targetValue: number;
  readonly totalValue: number;
  readonly targetBurstCapacity: number;
  readonly maxScaleUpRate: number;
  readonly maxScaleDownRate: number;
  readonly panicThresholdRatio: number;
  readonly stableWindowSeconds: number;
  readonly scaleDownDelaySeconds: number;
  readonly activationScale: number;
  readonly reachable: boolean;
}

export interface KpaSequenceVector {
  readonly id: string;
  readonly createdAtSeconds: number;
  readonly readyPodsAtCreation: number;
  readonly readyPodsErrorAtCreation?: boolean | string;
  readonly config: WrittenConfig;
  readonly ticks: readonly {
    readonly configUpdate?: WrittenConfig;
    readonly atSeconds: number;
    readonly stableValue: number;
    readonly panicValue: number;
    readonly readyPods: number;
    readonly metricError?: "noData" | "notCollecting" | null;
    readonly readyPodsError?: "notFound" | "other" | null;
    readonly expect: Readonly<Record<string, unknown>>;
  }[];
}

export interface KpaWindowVector {
  readonly id: string;
  readonly algorithm: "linear" | "weightedExponential";
  readonly windowSeconds: number;
  readonly granularitySeconds: number;
  readonly operations: readonly (
    | { readonly atSeconds: number; readonly record: number }
    | { readonly atSeconds: number; readonly expectAverage: number; readonly expectEmpty: boolean }
  )[];
}

/** Instants of these files count from 2026-01-01T00:00:00Z; buckets are aligned to Unix time. */
const epochMs = 1_767_225_600_000;
const at = (seconds: number): number => epochMs + Math.round(seconds * 1_000);

/** The original's powers may differ in their last bits. */
const weightedTolerance = 1e-9;

export function* compareKpaSequence(vector: KpaSequenceVector): Generator<Comparison> {
  let spec = specOf(vector.config);
  const failed = vector.readyPodsErrorAtCreation !== undefined && vector.readyPodsErrorAtCreation !== false;
  let state = newKpaState(spec, at(vector.createdAtSeconds), failed ? 0 : vector.readyPodsAtCreation);
  for (const tick of vector.ticks) {
    if (tick.configUpdate !== undefined) spec = specOf(tick.configUpdate);
    const hasMetric = tick.metricError === undefined || tick.metricError === null;
    const decision = decideKpa(spec, state, {
      nowMs: at(tick.atSeconds),
      averages: hasMetric ? { stable: tick.stableValue, panic: tick.panicValue } : undefined,
      readyPods: readyPodsOf(tick),
    });
    ({ state } = decision);
    const actual = {
      desiredPodCount: decision.desired,
      excessBurstCapacity: decision.excessBurstCapacity,
      scaleValid: decision.valid,
      inPanicAfter: state.panicMs !== undefined,
      panicTimeAtSeconds: state.panicMs === undefined ? null : (state.panicMs - epochMs) / 1_000,
      maxPanicPodsAfter: state.maxPanicPods,
    };
    yield { where: `${vector.id} at ${tick.atSeconds} s`, expected: tick.expect, actual };
  }
}

export function* compareKpaWindow(vector: KpaWindowVector): Generator<Comparison> {
  const window = windowOf(vector);
  for (const operation of vector.operations) {
    const instantMs = at(operation.atSeconds);
    if ("record" in operation) {
      window.record(instantMs, operation.record);
      continue;
    }
    const average = window.average(instantMs);
    const near =
      vector.algorithm === "weightedExponential" &&
      Math.abs(average - operation.expectAverage) <= weightedTolerance * Math.abs(operation.expectAverage);
    yield {
      where: `${vector.id} at ${operation.atSeconds} s`,
      expected: { average: operation.expectAverage, empty: operation.expectEmpty },
      actual: { average: near ? operation.expectAverage : average, empty: window.isEmpty(instantMs) },
    };
  }
}

const weightings = { linear: "linear", weightedExponential: "exponential" } as const;

function windowOf(vector: KpaWindowVector): MetricWindow {
  const weighting = weightings[vector.algorithm];
  if (weighting === undefined) throw new Error(`${vector.id}: unknown algorithm ${vector.algorithm}`);
  return new MetricWindow({
    windowMs: Math.round(vector.windowSeconds * 1_000),
    granularityMs: Math.round(vector.granularitySeconds * 1_000),
    weighting,
  });
}

function readyPodsOf(tick: KpaSequenceVector["ticks"][number]): number | undefined {
  const error = tick.readyPodsError ?? undefined;
  if (error === undefined) return tick.readyPods;
  return error === "notFound" ? 0 : undefined;
}

function specOf(config: WrittenConfig): KpaDeciderSpec {
  const { panicThresholdRatio, scaleDownDelaySeconds, stableWindowSeconds, ...rest } = config;
  return {
    ...rest,
    panicThreshold: panicThresholdRatio,
    stableWindowMs: Math.round(stableWindowSeconds * 1_000),
    scaleDownDelayMs: Math.round(scaleDownDelaySeconds * 1_000),
  };
}
