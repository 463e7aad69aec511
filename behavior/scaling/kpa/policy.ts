/**
 * The Knative pod autoscaler as a scaling policy.
 *
 * It wants to be asked every second, because its windows hold one value per second, and decides on every second question
 * (`tickInterval` 2 s). What it is told is the sum over all replicas, requests that wait in front of them included.
 */
import { type Ms, secondMs } from "../../../core/time.ts";
import { formatCount } from "../../../core/units.ts";
import { readingTotal, type ScalingObservation, type ScalingPolicy, stepInWords } from "../policy.ts";
import { MetricWindow } from "./buckets.ts";
import { decideKpa, type KpaDecision, type KpaState, newKpaState } from "./decider.ts";
import { type KpaRevision, type KpaScale, newRevision, reconcileKpa } from "./reconciler.ts";
import { deciderSpec, kpaDefaults, type KpaSpec } from "./spec.ts";

export function kpaPolicy(spec: KpaSpec): ScalingPolicy {
  const decider = deciderSpec(spec);
  const stable = windowOf(spec, decider.stableWindowMs);
  const panic = windowOf(spec, panicWindowMs(spec));
  let state: KpaState | undefined;
  let revision: KpaRevision | undefined;
  let nextTickMs: Ms = Number.NEGATIVE_INFINITY;
  return {
    describe: describeKpa(spec),
    syncMs: kpaDefaults.granularityMs,
    decide: (observation) => {
      const { nowMs, ready: readyPods, replicas } = observation;
      const value = readingTotal(observation.metrics.get(spec.metric));
      if (value !== undefined) {
        stable.record(nowMs, value);
        panic.record(nowMs, value);
      }
      state ??= newKpaState(decider, nowMs, readyPods);
      revision ??= newRevision(nowMs);
      if (nowMs < nextTickMs) return { replicas, reason: "KPA: between ticks" };
      nextTickMs = nowMs + kpaDefaults.tickMs;
      const averages = stable.isEmpty(nowMs)
        ? undefined
        : { stable: stable.average(nowMs), panic: panic.average(nowMs) };
      const decision = decideKpa(decider, state, { nowMs, averages, readyPods });
      ({ state } = decision);
      const scale = reconcileKpa(spec, revision, {
        nowMs,
        replicas,
        readyPods,
        desired: decision.valid ? decision.desired : undefined,
        excessBurstCapacity: decision.excessBurstCapacity,
      });
      ({ revision } = scale);
      return { replicas: scale.replicas, reason: reasonOf(spec, observation, averages, decision, scale) };
    },
  };
}

function windowOf(spec: KpaSpec, windowMs: Ms): MetricWindow {
  const weighting = spec.aggregation === "weighted-exponential" ? "exponential" : "linear";
  return new MetricWindow({ windowMs, granularityMs: kpaDefaults.granularityMs, weighting });
}

/** `MakeMetric` in `pkg/reconciler/autoscaling/resources/metric.go`: whole seconds, at least one bucket. */
function panicWindowMs(spec: KpaSpec): Ms {
  const stableWindowMs = spec.stableWindowMs ?? kpaDefaults.stableWindowMs;
  const share = (spec.panicWindowPercentage ?? kpaDefaults.panicWindowPercentage) / 100;
  return Math.max(kpaDefaults.granularityMs, Math.round((stableWindowMs * share) / secondMs) * secondMs);
}

function reasonOf(
  spec: KpaSpec,
  { replicas }: ScalingObservation,
  averages: { readonly stable: number; readonly panic: number } | undefined,
  decision: KpaDecision,
  scale: KpaScale,
): string {
  const step = stepInWords(replicas, scale.replicas);
  if (averages === undefined) return `KPA: no ${spec.metric} measured, ${step}`;
  const { stable, panic } = averages;
  const target = deciderSpec(spec).targetValue;
  const measured =
    decision.state.panicMs === undefined
      ? `${spec.metric} ${formatCount(stable)} stable`
      : `panic, ${spec.metric} ${formatCount(Math.max(stable, panic))}`;
  const wanted = decision.desired === scale.replicas ? "" : `, wanted ${decision.desired}`;
  const held = scale.held === undefined ? "" : `, ${scale.held}`;
  return `KPA: ${measured} of target ${formatCount(target)} per replica, ${step}${wanted}${held}`;
}

function describeKpa(spec: KpaSpec): string {
  const { maxScale = 0, minScale = 0 } = spec;
  const target = formatCount(deciderSpec(spec).targetValue);
  return `KPA ${spec.metric} ${target} per replica, ${minScale}..${maxScale === 0 ? "no limit" : maxScale}`;
}
