/**
 * Azure Monitor autoscale: rules over a time window, and a forecast that refuses to flap.
 *
 * Rules from learn.microsoft.com (autoscale best practices, autoscale flapping): any scale-out rule suffices and the
 * largest result wins; all scale-in rules must agree and the largest result wins. Before a scale-in the engine projects
 * each metric to the smaller count, m x n / (n - s); if that would trigger a scale-out it removes fewer instances, or none.
 * A scale-out is never checked. A rule waits for its cooldown after any scale action.
 */
import { assertNever } from "../../../core/invariant.ts";
import type { Ms } from "../../../core/time.ts";
import { amountInWords } from "../metric-names.ts";
import { type ScalingDecision, type ScalingObservation, type ScalingPolicy, stepInWords } from "../policy.ts";
import { keepRecent, type Sample, type Signal, signalInWords, signalValue } from "../signal.ts";

export interface AzureSpec {
  readonly minimum: number;
  readonly maximum: number;
  /** Used when no metric can be read and fewer run. */
  readonly defaultCount: number;
  readonly rules: readonly AzureRule[];
  /** How often the engine runs: 30 to 60 s. */
  readonly syncMs: Ms;
}

export interface AzureRule {
  readonly signal: Signal;
  readonly timeWindowMs: Ms;
  readonly timeAggregation: "Average" | "Minimum" | "Maximum" | "Last";
  readonly operator: "GreaterThan" | "GreaterThanOrEqual" | "LessThan" | "LessThanOrEqual";
  readonly threshold: number;
  readonly direction: "Increase" | "Decrease";
  readonly changeType: "ChangeCount" | "PercentChangeCount" | "ExactCount";
  readonly value: number;
  readonly cooldownMs: Ms;
}

export const azureDefaults = { syncMs: 60_000, cooldownMs: 300_000, timeWindowMs: 600_000 } as const;

export function azurePolicy(spec: AzureSpec): ScalingPolicy {
  const history = new Map<AzureRule, readonly Sample[]>();
  let changedMs: Ms | undefined;
  return {
    describe: `Azure Monitor ${spec.rules.length} rules, ${spec.minimum}..${spec.maximum}`,
    syncMs: spec.syncMs,
    decide: (observation) => {
      const measured = spec.rules.flatMap((rule) => measure(rule, history, observation));
      const decision = decide(spec, measured, changedMs, observation);
      if (decision.replicas !== observation.replicas) changedMs = observation.nowMs;
      return decision;
    },
  };
}

interface Measured {
  readonly rule: AzureRule;
  readonly value: number;
}

function measure(
  rule: AzureRule,
  history: Map<AzureRule, readonly Sample[]>,
  observation: ScalingObservation,
): readonly Measured[] {
  const value = signalValue(rule.signal, observation);
  if (value === undefined) return [];
  const samples = keepRecent(history.get(rule) ?? [], { atMs: observation.nowMs, value }, rule.timeWindowMs);
  history.set(rule, samples);
  return [
    {
      rule,
      value: aggregated(
        rule,
        samples.map((sample) => sample.value),
      ),
    },
  ];
}

function decide(
  spec: AzureSpec,
  measured: readonly Measured[],
  changedMs: Ms | undefined,
  { nowMs, replicas }: ScalingObservation,
): ScalingDecision {
  const answer = (to: number, words: string): ScalingDecision => {
    const bounded = Math.min(spec.maximum, Math.max(spec.minimum, to));
    const limited = bounded === to ? "" : `, limited by ${bounded < to ? "maximum" : "minimum"} ${bounded}`;
    return { replicas: bounded, reason: `Azure: ${words}, ${stepInWords(replicas, bounded)}${limited}` };
  };
  if (measured.length === 0) return answer(Math.max(replicas, spec.defaultCount), "no metric could be read");
  if (replicas < spec.minimum || replicas > spec.maximum) return answer(replicas, "out of bounds");

  const waited = ({ cooldownMs }: AzureRule): boolean => changedMs === undefined || nowMs - changedMs >= cooldownMs;
  const fired = measured.filter(({ rule, value }) => isBeyond(rule, value));
  const out = fired.filter(({ rule }) => rule.direction === "Increase");
  if (out.length > 0) {
    const ready = out.filter(({ rule }) => waited(rule));
    if (ready.length === 0) return answer(replicas, `${inWords(out)}, cooldown`);
    return answer(Math.max(...ready.map(({ rule }) => resultOf(rule, replicas))), inWords(ready));
  }
  const wanted = spec.rules.filter(({ direction }) => direction === "Decrease");
  const scaleIn = fired.filter(({ rule }) => rule.direction === "Decrease");
  if (scaleIn.length === 0 || scaleIn.length < wanted.length) return answer(replicas, "no rule applies");
  if (!scaleIn.every(({ rule }) => waited(rule))) return answer(replicas, `${inWords(scaleIn)}, cooldown`);
  const asked = Math.max(spec.minimum, ...scaleIn.map(({ rule }) => resultOf(rule, replicas)));
  const safe = withoutFlapping(measured, replicas, asked);
  const guard =
    safe === asked
      ? ""
      : `, ${safe === replicas ? "skipped" : `held at ${safe} instead of ${asked}`} to avoid flapping`;
  return answer(safe, `${inWords(scaleIn)}${guard}`);
}

/** The smallest count from `asked` up at which no scale-out rule would fire. */
function withoutFlapping(measured: readonly Measured[], replicas: number, asked: number): number {
  for (let count = Math.max(1, asked); count < replicas; count += 1) {
    const flaps = measured.some(
      ({ rule, value }) => rule.direction === "Increase" && isBeyond(rule, projected(rule, value, replicas, count)),
    );
    if (!flaps) return count;
  }
  return replicas;
}

/** A total stays what it is; an average over instances is shared by fewer. */
function projected(rule: AzureRule, value: number, from: number, to: number): number {
  return rule.signal.statistic === "sum" ? value : (value * from) / to;
}

function resultOf({ changeType, direction, value }: AzureRule, replicas: number): number {
  const sign = direction === "Increase" ? 1 : -1;
  switch (changeType) {
    case "ChangeCount":
      return replicas + sign * value;
    case "PercentChangeCount":
      return replicas + sign * Math.max(1, Math.trunc((replicas * value) / 100));
    case "ExactCount":
      return value;
    default:
      return assertNever(changeType);
  }
}

function aggregated({ timeAggregation }: AzureRule, values: readonly number[]): number {
  switch (timeAggregation) {
    case "Average":
      return values.reduce((sum, value) => sum + value, 0) / values.length;
    case "Minimum":
      return Math.min(...values);
    case "Maximum":
      return Math.max(...values);
    case "Last":
      return values.at(-1) ?? 0;
    default:
      return assertNever(timeAggregation);
  }
}

function isBeyond({ operator, threshold }: AzureRule, value: number): boolean {
  switch (operator) {
    case "GreaterThan":
      return value > threshold;
    case "GreaterThanOrEqual":
      return value >= threshold;
    case "LessThan":
      return value < threshold;
    case "LessThanOrEqual":
      return value <= threshold;
    default:
      return assertNever(operator);
  }
}

function inWords(fired: readonly Measured[]): string {
  return fired
    .map(({ rule, value }) => {
      const side = rule.direction === "Increase" ? "above" : "below";
      return `${signalInWords(rule.signal)} ${amountInWords(rule.signal.metric, value)} ${side} ${amountInWords(rule.signal.metric, rule.threshold)}`;
    })
    .join(" and ");
}
