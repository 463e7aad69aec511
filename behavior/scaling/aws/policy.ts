/**
 * AWS Application Auto Scaling as a scaling policy: step and target tracking, from alarms over one-minute datapoints.
 *
 * Rules from the API reference (StepScalingPolicyConfiguration.Cooldown) and the user guide:
 * * The scale-out cooldown is a credit, not a block: what the activity that started it added counts toward the next one,
 *   so +2 and then +3 add 3 in all. Larger activities in an unbroken cooldown share the first one's base (our reading).
 * * The scale-in cooldown blocks scale-in; any scale-out ends it at once.
 * * A cooldown starts when the activity is complete: when as many replicas are ready as were wished for.
 * * Several policies: the one that gives the largest capacity wins, in both directions. Target tracking scales in only if
 *   every tracking policy agrees.
 */
import { assertNever } from "../../../core/invariant.ts";
import type { Ms } from "../../../core/time.ts";
import { amountInWords } from "../metric-names.ts";
import { type ScalingDecision, type ScalingObservation, type ScalingPolicy, stepInWords } from "../policy.ts";
import { keepRecent, type Sample, signalInWords, signalValue } from "../signal.ts";
import { alarmBreach } from "./alarm.ts";
import { adjustedCapacity, stepFor } from "./steps.ts";
import { type AwsAlarm, awsDefaults, type AwsScalingPolicy, type AwsSpec } from "./spec.ts";

export function awsPolicy(spec: AwsSpec): ScalingPolicy {
  const history = new Map<AwsScalingPolicy, readonly Sample[]>();
  let activity: Activity | undefined;
  return {
    describe: `AWS ${spec.policies.map(({ name }) => name).join(", ")}, ${spec.minCapacity}..${spec.maxCapacity}`,
    syncMs: awsDefaults.datapointMs,
    decide: (observation) => {
      recordDatapoints(spec, history, observation);
      activity = completed(activity, observation);
      const wish = wishOf(spec, history, activity, observation);
      const { nowMs, replicas } = observation;
      const to = Math.min(spec.maxCapacity, Math.max(spec.minCapacity, wish?.capacity ?? replicas));
      if (wish !== undefined && to !== replicas) activity = nextActivity(activity, wish, replicas, to, nowMs);
      return answer(observation, wish, to);
    },
  };
}

/** The scaling activity whose cooldown may still run. */
interface Activity {
  readonly direction: "out" | "in";
  /** Capacity before it, or before the first of an unbroken row of scale-outs. */
  readonly base: number;
  readonly to: number;
  readonly cooldownMs: Ms;
  /** Undefined: not complete yet. */
  readonly completedMs: Ms | undefined;
}

interface Wish {
  readonly capacity: number;
  readonly cooldownMs: Ms;
  readonly words: string;
}

function recordDatapoints(
  spec: AwsSpec,
  history: Map<AwsScalingPolicy, readonly Sample[]>,
  observation: ScalingObservation,
): void {
  for (const policy of spec.policies) {
    const value = signalValue(
      policy.signal,
      observation,
      ({ startedAtMs }) => startedAtMs !== undefined && observation.nowMs - startedAtMs >= spec.warmupMs,
    );
    if (value === undefined) continue;
    const latest = { atMs: observation.nowMs, value };
    history.set(policy, keepRecent(history.get(policy) ?? [], latest, keepMs(policy)));
  }
}

function keepMs(policy: AwsScalingPolicy): Ms {
  return policy.kind === "step"
    ? policy.alarm.evaluationPeriods * policy.alarm.periodMs
    : awsDefaults.scaleInDatapoints * awsDefaults.datapointMs;
}

function completed(activity: Activity | undefined, { nowMs, ready }: ScalingObservation): Activity | undefined {
  if (activity === undefined) return undefined;
  const isComplete = activity.direction === "out" ? ready >= activity.to : ready <= activity.to;
  const completedMs = activity.completedMs ?? (isComplete ? nowMs : undefined);
  const isOver = completedMs !== undefined && nowMs - completedMs >= activity.cooldownMs;
  return isOver ? undefined : { ...activity, completedMs };
}

function wishOf(
  spec: AwsSpec,
  history: ReadonlyMap<AwsScalingPolicy, readonly Sample[]>,
  activity: Activity | undefined,
  observation: ScalingObservation,
): Wish | undefined {
  const { nowMs, replicas } = observation;
  const base = activity?.direction === "out" ? activity.base : replicas;
  const wishes = spec.policies.map((policy) => ({
    policy,
    wish: policyWish(policy, history.get(policy) ?? [], base, replicas, nowMs),
  }));
  const out = largest(wishes.map(({ wish }) => wish).filter((wish) => wish !== undefined && wish.capacity > replicas));
  if (out !== undefined) return out;
  const trackingAgrees = wishes.every(
    ({ policy, wish }) =>
      policy.kind === "step" || policy.disableScaleIn || (wish !== undefined && wish.capacity < replicas),
  );
  const inWishes = wishes.filter(
    ({ policy, wish }) => wish !== undefined && (policy.kind === "step" || trackingAgrees),
  );
  const scaleIn = largest(inWishes.map(({ wish }) => wish));
  if (scaleIn === undefined || scaleIn.capacity >= replicas) return undefined;
  const isWarming = observation.fleet.some(
    ({ startedAtMs }) => startedAtMs === undefined || nowMs - startedAtMs < spec.warmupMs,
  );
  if (spec.warmupMs > 0 && isWarming) return { ...scaleIn, capacity: replicas, words: `${scaleIn.words}, warming up` };
  return activity?.direction === "in"
    ? { ...scaleIn, capacity: replicas, words: `${scaleIn.words}, blocked by the scale-in cooldown` }
    : scaleIn;
}

function policyWish(
  policy: AwsScalingPolicy,
  samples: readonly Sample[],
  base: number,
  replicas: number,
  nowMs: Ms,
): Wish | undefined {
  switch (policy.kind) {
    case "step": {
      const value = alarmBreach(policy.alarm, samples, nowMs);
      const step = value === undefined ? undefined : stepFor(policy, value - policy.alarm.threshold);
      if (value === undefined || step === undefined) return undefined;
      const capacity = adjustedCapacity(policy, step, step.adjustment > 0 ? base : replicas);
      // During a cooldown the credit may make a repeated scale-out smaller than what runs; it is never a scale-in.
      const isRepeat = step.adjustment > 0 && policy.adjustmentType !== "ExactCapacity" && capacity < replicas;
      return {
        capacity: isRepeat ? replicas : capacity,
        cooldownMs: policy.cooldownMs,
        words: `${policy.name} ${signalInWords(policy.signal)} ${amountInWords(policy.signal.metric, value)}`,
      };
    }
    case "target-tracking":
      return trackingWish(policy, samples, base, replicas, nowMs);
    default:
      return assertNever(policy);
  }
}

function trackingWish(
  policy: Extract<AwsScalingPolicy, { kind: "target-tracking" }>,
  samples: readonly Sample[],
  base: number,
  replicas: number,
  nowMs: Ms,
): Wish | undefined {
  const alarm = (threshold: number, comparison: AwsAlarm["comparison"], points: number): number | undefined =>
    alarmBreach(
      {
        threshold,
        comparison,
        evaluationPeriods: points,
        datapointsToAlarm: points,
        periodMs: awsDefaults.datapointMs,
      },
      samples,
      nowMs,
    );
  const words = (value: number): string =>
    `${policy.name} ${signalInWords(policy.signal)} ${amountInWords(policy.signal.metric, value)} of target ${amountInWords(policy.signal.metric, policy.targetValue)}`;
  const high = alarm(policy.targetValue, "above", awsDefaults.scaleOutDatapoints);
  if (high !== undefined) {
    // In a cooldown the metric is taken to be what the capacity before it would show: the credit of what was added since.
    const capacity = Math.max(replicas, Math.ceil((base * high) / policy.targetValue));
    return { capacity, cooldownMs: policy.scaleOutCooldownMs, words: words(high) };
  }
  if (policy.disableScaleIn) return undefined;
  const low = alarm(policy.targetValue * awsDefaults.scaleInMargin, "below", awsDefaults.scaleInDatapoints);
  if (low === undefined) return undefined;
  const capacity = Math.ceil((replicas * low) / policy.targetValue);
  return { capacity, cooldownMs: policy.scaleInCooldownMs, words: words(low) };
}

function largest(wishes: readonly (Wish | undefined)[]): Wish | undefined {
  return wishes.reduce(
    (best, wish) => (wish !== undefined && wish.capacity > (best?.capacity ?? -1) ? wish : best),
    undefined,
  );
}

function nextActivity(activity: Activity | undefined, wish: Wish, from: number, to: number, nowMs: Ms): Activity {
  const direction = to > from ? "out" : "in";
  const base = direction === "out" && activity?.direction === "out" ? activity.base : from;
  return { direction, base, to, cooldownMs: wish.cooldownMs, completedMs: direction === "in" ? nowMs : undefined };
}

function answer({ replicas }: ScalingObservation, wish: Wish | undefined, to: number): ScalingDecision {
  const step = stepInWords(replicas, to);
  if (wish === undefined) return { replicas: to, reason: `AWS: no alarm, ${step}` };
  const limited = to === wish.capacity ? "" : `, wanted ${wish.capacity}`;
  return { replicas: to, reason: `AWS: ${wish.words}, ${step}${limited}` };
}
