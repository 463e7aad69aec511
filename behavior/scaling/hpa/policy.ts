/** The Kubernetes HPA as a scaling policy. */
import { perReplicaMetric } from "../metric-names.ts";
import { type MetricReading, readingTotal, type ScalingObservation, type ScalingPolicy } from "../policy.ts";
import { type HpaInput, type HpaState, newHpaState, syncHpa } from "./controller.ts";
import type { HpaReading } from "./proposal.ts";
import { hpaReason, targetInWords } from "./reason.ts";
import { defaultHpaFlags, defaultMinReplicas, type HpaFlags, type HpaMetric, type HpaSpec, metricKey } from "./spec.ts";

export function hpaPolicy(spec: HpaSpec, flags: HpaFlags = defaultHpaFlags): ScalingPolicy {
  let state: HpaState = newHpaState;
  return {
    describe: describeHpa(spec),
    syncMs: flags.syncMs,
    decide: (observation) => {
      const sync = syncHpa(spec, flags, state, hpaInput(spec, observation));
      ({ state } = sync);
      return { replicas: sync.replicas, reason: hpaReason(spec, flags, observation.replicas, sync) };
    },
  };
}

/** `HPA cpu 70 %, 2..50`. */
export function describeHpa(spec: HpaSpec): string {
  const targets = spec.metrics.map(targetInWords).join(", ");
  return `HPA ${targets}, ${spec.minReplicas ?? defaultMinReplicas}..${spec.maxReplicas}`;
}

/** What the controller would read from the scale target, the pod lister and the metrics API at this moment. */
export function hpaInput(spec: HpaSpec, observation: ScalingObservation): HpaInput {
  const { fleet, metrics, nowMs, replicas } = observation;
  const live = fleet.filter(({ deleting, phase }) => !deleting && phase !== "failed" && phase !== "succeeded");
  return {
    nowMs,
    specReplicas: replicas,
    statusReplicas: live.length,
    pods: fleet,
    readings: spec.metrics.map((metric) => hpaReading(metric, readingOf(metric, metrics))),
  };
}

/** A metric of type Pods is measured on each pod, even where the platform also offers it as a total. */
function readingOf(metric: HpaMetric, metrics: ScalingObservation["metrics"]): MetricReading | undefined {
  const reading = metrics.get(metricKey(metric));
  if (metric.type !== "Pods" || reading?.kind === "per-replica") return reading;
  return metrics.get(perReplicaMetric(metric.metric)) ?? reading;
}

/** As a whole number of thousandths, the nearest: what KEDA's `%.3f` and a custom metrics adapter hand over. */
export function milliOf(value: number): number {
  return Math.round(value * 1_000) + 0;
}

/** Metrics outside the pods are totals; a per-replica metric where a total is asked for is added up, not the other way round. */
function hpaReading(metric: HpaMetric, reading: MetricReading | undefined): HpaReading {
  if (metric.type === "Object" || metric.type === "External") {
    const total = readingTotal(reading);
    return total === undefined ? { kind: "unavailable" } : { kind: "values", valuesMilli: [milliOf(total)] };
  }
  if (reading?.kind !== "per-replica") return { kind: "unavailable" };
  const samples = reading.samples.map(({ replica, takenAtMs, value, windowMs }) => ({
    pod: replica,
    valueMilli: milliOf(value),
    takenAtMs,
    windowMs,
  }));
  return { kind: "samples", samples };
}
