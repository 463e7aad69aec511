/** Any policy as the KEDA ScaledObject that comes nearest to it. KEDA scales through an HPA, so what an HPA cannot say it cannot either. */
import type { ScalingSpec } from "../formats/loaded.ts";
import type { HpaMetric } from "../hpa/spec.ts";
import type { KedaSpec, KedaTrigger } from "../keda/spec.ts";
import { hpaOf, type Translated } from "./hpa-of.ts";

export function kedaOf(scaling: ScalingSpec): Translated<KedaSpec> {
  if (scaling.kind === "keda") return { spec: scaling.keda, lost: [] };
  const { spec: hpa, lost } = hpaOf(scaling);
  const { minReplicas, maxReplicas, metrics, behavior } = hpa;
  const read = metrics.map(triggerOf);
  return {
    spec: {
      minReplicaCount: Math.max(1, minReplicas ?? 1),
      maxReplicaCount: maxReplicas,
      triggers: read.flatMap(({ trigger }) => trigger ?? []),
      ...(behavior === undefined ? {} : { behavior }),
    },
    lost: [...lost, ...read.flatMap(({ lost: what }) => what ?? [])],
  };
}

interface Read {
  readonly trigger?: KedaTrigger;
  readonly lost?: string;
}

function triggerOf(metric: HpaMetric): Read {
  if (metric.type === "ContainerResource") {
    return {
      lost: `${metric.resource} of the container ${metric.container} alone: KEDA's trigger takes the whole pod here`,
    };
  }
  if (metric.type === "Resource") {
    const { resource, target } = metric;
    if (target.type !== "Utilization" || (resource !== "cpu" && resource !== "memory")) {
      return { lost: `${resource} with an absolute target` };
    }
    return { trigger: { kind: "resource", resource, utilizationPercent: target.averageUtilization } };
  }
  const { target } = metric;
  const amount = target.type === "Value" ? target.valueMilli : target.averageValueMilli;
  return {
    trigger: { kind: "external", name: metric.metric, metricType: target.type, target: amount / 1_000 },
    ...(metric.type === "External"
      ? {}
      : { lost: `${metric.metric} as a ${metric.type.toLowerCase()} metric: KEDA asks Prometheus for it instead` }),
  };
}
