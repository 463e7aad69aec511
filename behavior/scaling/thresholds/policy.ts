/**
 * Thresholds with step adjustments: the policies teams write themselves (OR-ed triggers, weighted composites, queues).
 *
 * A rule fires when its signal has been at or beyond a threshold on every question of its breach duration. Any rule may
 * scale up, and the largest adjustment wins; all rules must agree to scale down, and the smallest wins. A cooldown blocks
 * its own direction after any change; a scale-up is never held back by a scale-down's cooldown. Nothing of this is a
 * Kubernetes window: this is persistence, a timer that starts anew when the signal is absent or back.
 */
import type { Ms } from "../../../core/time.ts";
import { formatDuration } from "../../../core/time.ts";
import { formatCount } from "../../../core/units.ts";
import { amountInWords } from "../metric-names.ts";
import { type ScalingDecision, type ScalingObservation, type ScalingPolicy, stepInWords } from "../policy.ts";
import { type Signal, signalInWords, signalValue } from "../signal.ts";

export interface ThresholdsSpec {
  readonly name: string;
  readonly minReplicas: number;
  readonly maxReplicas: number;
  readonly syncMs: Ms;
  /** Any one suffices. */
  readonly up: readonly ThresholdRule[];
  /** All must agree. */
  readonly down: readonly ThresholdRule[];
  readonly upCooldownMs: Ms;
  readonly downCooldownMs: Ms;
}

export interface ThresholdRule {
  readonly signal: CompositeSignal;
  /** Up: at or above the threshold, the highest reached counts. Down: at or below, the lowest reached counts. */
  readonly steps: readonly ThresholdStep[];
  /** How long the signal must stay beyond; 0: once is enough. */
  readonly breachMs: Ms;
}

export interface ThresholdStep {
  readonly threshold: number;
  /** Replicas to add; negative: to remove. */
  readonly adjustment: number;
}

/** A signal as it is, or several as a weighted share of their targets: 100 when each is at its target. */
export type CompositeSignal =
  | { readonly kind: "single"; readonly signal: Signal }
  | { readonly kind: "weighted"; readonly parts: readonly WeightedPart[] };

export interface WeightedPart {
  readonly signal: Signal;
  readonly target: number;
  readonly weight: number;
}

export function thresholdsPolicy(spec: ThresholdsSpec): ScalingPolicy {
  const beyondSince = new Map<ThresholdRule, Ms>();
  let changedMs: Ms | undefined;
  return {
    describe: `${spec.name} ${spec.minReplicas}..${spec.maxReplicas}`,
    syncMs: spec.syncMs,
    decide: (observation) => {
      const decision = decide(spec, beyondSince, changedMs, observation);
      if (decision.replicas !== observation.replicas) changedMs = observation.nowMs;
      return decision;
    },
  };
}

/** Undefined when any part is missing: a composite without a part is another composite. */
export function compositeValue(composite: CompositeSignal, observation: ScalingObservation): number | undefined {
  if (composite.kind === "single") return signalValue(composite.signal, observation);
  let weighted = 0;
  let weights = 0;
  for (const { signal, target, weight } of composite.parts) {
    const value = signalValue(signal, observation);
    if (value === undefined) return undefined;
    weighted += weight * (value / target) * 100;
    weights += weight;
  }
  return weights === 0 ? undefined : weighted / weights;
}

interface Firing {
  readonly adjustment: number;
  readonly words: string;
}

function decide(
  spec: ThresholdsSpec,
  beyondSince: Map<ThresholdRule, Ms>,
  changedMs: Ms | undefined,
  observation: ScalingObservation,
): ScalingDecision {
  const { nowMs, replicas } = observation;
  const up = spec.up.map((rule) => fire(rule, "up", beyondSince, observation)).filter((one) => one !== undefined);
  const down = spec.down.map((rule) => fire(rule, "down", beyondSince, observation));
  const sinceMs = changedMs === undefined ? Number.POSITIVE_INFINITY : nowMs - changedMs;
  const answer = (to: number, words: string): ScalingDecision => {
    const bounded = Math.min(spec.maxReplicas, Math.max(spec.minReplicas, to));
    const limited = bounded === to ? "" : `, limited by ${bounded < to ? "maximum" : "minimum"} ${bounded}`;
    return { replicas: bounded, reason: `${spec.name}: ${words}, ${stepInWords(replicas, bounded)}${limited}` };
  };
  if (replicas < spec.minReplicas || replicas > spec.maxReplicas) return answer(replicas, "out of bounds");

  const strongest = up.toSorted((one, other) => other.adjustment - one.adjustment)[0];
  if (strongest !== undefined) {
    return sinceMs < spec.upCooldownMs
      ? answer(replicas, `${strongest.words}, cooldown ${formatDuration(spec.upCooldownMs)}`)
      : answer(replicas + strongest.adjustment, strongest.words);
  }
  const agreed = down.filter((one) => one !== undefined);
  const mildest = agreed.toSorted((one, other) => other.adjustment - one.adjustment)[0];
  if (mildest !== undefined && agreed.length === down.length) {
    return sinceMs < spec.downCooldownMs
      ? answer(replicas, `${mildest.words}, cooldown ${formatDuration(spec.downCooldownMs)}`)
      : answer(replicas + mildest.adjustment, mildest.words);
  }
  return answer(replicas, "between thresholds");
}

function fire(
  rule: ThresholdRule,
  direction: "up" | "down",
  beyondSince: Map<ThresholdRule, Ms>,
  observation: ScalingObservation,
): Firing | undefined {
  const value = compositeValue(rule.signal, observation);
  const isBeyond = (threshold: number): boolean =>
    value !== undefined && (direction === "up" ? value >= threshold : value <= threshold);
  const reached = rule.steps.filter(({ threshold }) => isBeyond(threshold));
  const furthest = reached.toSorted((one, other) =>
    direction === "up" ? other.threshold - one.threshold : one.threshold - other.threshold,
  )[0];
  if (value === undefined || furthest === undefined) {
    beyondSince.delete(rule);
    return undefined;
  }
  const sinceMs = beyondSince.get(rule) ?? observation.nowMs;
  beyondSince.set(rule, sinceMs);
  if (observation.nowMs - sinceMs < rule.breachMs) return undefined;
  const side = direction === "up" ? "at or above" : "at or below";
  const inWords = (amount: number): string => amountOf(rule.signal, amount);
  const words = `${compositeInWords(rule.signal)} ${inWords(value)} ${side} ${inWords(furthest.threshold)}`;
  return { adjustment: furthest.adjustment, words };
}

/** A weighted load is percent of its targets. */
function amountOf(composite: CompositeSignal, amount: number): string {
  return composite.kind === "single" ? amountInWords(composite.signal.metric, amount) : `${formatCount(amount)} %`;
}

function compositeInWords(composite: CompositeSignal): string {
  if (composite.kind === "single") return signalInWords(composite.signal);
  const parts = composite.parts.map(({ signal, weight }) => `${signalInWords(signal)} x ${weight}`);
  return `weighted load (${parts.join(", ")})`;
}
