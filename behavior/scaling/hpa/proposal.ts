/**
 * What all metrics of an HPA ask for together: the largest valid proposal, unless a failed metric makes that unsafe.
 *
 * Port of `computeReplicasForMetrics` and `computeReplicasForMetric` in `pkg/controller/podautoscaler/horizontal.go`
 * (Kubernetes v1.37).
 */
import { assertNever } from "../../../core/invariant.ts";
import {
  averagePerPod,
  type Calculation,
  type PodScope,
  resourceUtilization,
  totalPerPod,
  totalValue,
} from "./metrics.ts";
import type { PodSample } from "./pod-groups.ts";
import { type HpaMetric, metricKey } from "./spec.ts";

/** What the metrics API answered for one metric, in the order of the spec. */
export type HpaReading =
  | { readonly kind: "samples"; readonly samples: readonly PodSample[] }
  | { readonly kind: "values"; readonly valuesMilli: readonly number[] }
  | { readonly kind: "unavailable" };

export interface MetricProposal {
  readonly metric: HpaMetric;
  readonly calculation: Calculation;
}

export interface CombinedProposal {
  readonly proposals: readonly MetricProposal[];
  /** Undefined: nothing may be done, because every metric failed, or one did and the rest would scale down. */
  readonly replicas: number | undefined;
  /** The metric that won. */
  readonly winner: HpaMetric | undefined;
  /** The first metric that failed. */
  readonly failed: HpaMetric | undefined;
}

export function combineMetrics(
  metrics: readonly HpaMetric[],
  readings: readonly HpaReading[],
  scope: PodScope,
  statusReplicas: number,
): CombinedProposal {
  const proposals = metrics.map((metric, index): MetricProposal => {
    const reading = readings[index] ?? { kind: "unavailable" };
    return { metric, calculation: calculate(metric, reading, scope, statusReplicas) };
  });
  let replicas = 0;
  let winner: HpaMetric | undefined;
  for (const { metric, calculation } of proposals) {
    if (calculation.kind === "proposal" && (replicas === 0 || calculation.replicas > replicas)) {
      replicas = calculation.replicas;
      winner = metric;
    }
  }
  const failed = proposals.filter(({ calculation }) => calculation.kind === "error");
  const unsafe = failed.length === proposals.length || (failed.length > 0 && replicas < scope.currentReplicas);
  return { proposals, replicas: unsafe ? undefined : replicas, winner, failed: failed[0]?.metric };
}

function calculate(metric: HpaMetric, reading: HpaReading, scope: PodScope, statusReplicas: number): Calculation {
  const samples = reading.kind === "samples" ? reading.samples : undefined;
  const valuesMilli = reading.kind === "values" ? reading.valuesMilli : undefined;
  switch (metric.type) {
    case "Resource":
    case "ContainerResource":
      return metric.target.type === "Utilization"
        ? resourceUtilization(scope, samples, metric.resource, metricKey(metric), metric.target.averageUtilization)
        : averagePerPod(scope, samples, metric.resource, metric.target.averageValueMilli);
    case "Pods":
      return averagePerPod(scope, samples, undefined, metric.target.averageValueMilli);
    case "Object":
    case "External":
      return metric.target.type === "Value"
        ? totalValue(scope, valuesMilli, metric.target.valueMilli)
        : totalPerPod(statusReplicas, scope.tolerances, valuesMilli, metric.target.averageValueMilli);
    default:
      return assertNever(metric);
  }
}
