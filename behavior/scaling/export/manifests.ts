/** HPA and ScaledObject as Kubernetes manifests: plain data, for a YAML writer. */
import type { HpaMetric, HpaSpec } from "../hpa/spec.ts";
import type { KedaSpec, KedaTrigger } from "../keda/spec.ts";

/** What is scaled: a Deployment, and the name of the scaler beside it. */
export interface Scaled {
  readonly deployment: string;
  /** Where KEDA asks for metrics. */
  readonly prometheus: string;
}

/** `autoscaling/v2`. */
export function hpaManifest({ minReplicas, maxReplicas, metrics, behavior }: HpaSpec, { deployment }: Scaled): object {
  return {
    apiVersion: "autoscaling/v2",
    kind: "HorizontalPodAutoscaler",
    metadata: { name: deployment },
    spec: {
      scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: deployment },
      ...(minReplicas === undefined ? {} : { minReplicas }),
      maxReplicas,
      metrics: metrics.map(metricManifest),
      ...(behavior === undefined ? {} : { behavior }),
    },
  };
}

/** `keda.sh/v1alpha1`. A trigger on anything but resources asks Prometheus for the metric of that name. */
export function scaledObjectManifest(spec: KedaSpec, { deployment, prometheus }: Scaled): object {
  const { behavior, fallback, triggers } = spec;
  return {
    apiVersion: "keda.sh/v1alpha1",
    kind: "ScaledObject",
    metadata: { name: deployment },
    spec: {
      scaleTargetRef: { name: deployment },
      ...given("pollingInterval", spec.pollingIntervalSeconds),
      ...given("cooldownPeriod", spec.cooldownPeriodSeconds),
      ...given("initialCooldownPeriod", spec.initialCooldownPeriodSeconds),
      ...given("idleReplicaCount", spec.idleReplicaCount),
      ...given("minReplicaCount", spec.minReplicaCount),
      ...given("maxReplicaCount", spec.maxReplicaCount),
      ...(fallback === undefined ? {} : { fallback }),
      ...(behavior === undefined ? {} : { advanced: { horizontalPodAutoscalerConfig: { behavior } } }),
      triggers: triggers.map((trigger) => triggerManifest(trigger, prometheus)),
    },
  };
}

function given(key: string, value: number | undefined): Readonly<Record<string, number>> {
  return value === undefined ? {} : { [key]: value };
}

function metricManifest(metric: HpaMetric): object {
  switch (metric.type) {
    case "Resource":
      return { type: metric.type, resource: { name: metric.resource, target: targetManifest(metric.target) } };
    case "ContainerResource":
      return {
        type: metric.type,
        containerResource: {
          name: metric.resource,
          container: metric.container,
          target: targetManifest(metric.target),
        },
      };
    case "Pods":
      return { type: metric.type, pods: { metric: { name: metric.metric }, target: targetManifest(metric.target) } };
    case "Object":
      return {
        type: metric.type,
        object: {
          describedObject: { apiVersion: "v1", kind: metric.kind, name: "gateway" },
          metric: { name: metric.metric },
          target: targetManifest(metric.target),
        },
      };
    case "External":
      return {
        type: metric.type,
        external: { metric: { name: metric.metric }, target: targetManifest(metric.target) },
      };
  }
}

function targetManifest(target: HpaMetric["target"]): object {
  switch (target.type) {
    case "Utilization":
      return { type: target.type, averageUtilization: target.averageUtilization };
    case "AverageValue":
      return { type: target.type, averageValue: quantity(target.averageValueMilli) };
    case "Value":
      return { type: target.type, value: quantity(target.valueMilli) };
  }
}

/** Kubernetes' own form: whole where it is whole, thousandths with `m` where not. */
function quantity(milli: number): string {
  return milli % 1_000 === 0 ? String(milli / 1_000) : `${milli}m`;
}

function triggerManifest(trigger: KedaTrigger, prometheus: string): object {
  if (trigger.kind === "resource") {
    return {
      type: trigger.resource,
      metricType: "Utilization",
      metadata: { value: String(trigger.utilizationPercent) },
    };
  }
  const { name, metricType, target, activationTarget } = trigger;
  return {
    type: "prometheus",
    name,
    metricType,
    metadata: {
      serverAddress: prometheus,
      query: name,
      threshold: String(target),
      ...(activationTarget === undefined ? {} : { activationThreshold: String(activationTarget) }),
    },
  };
}
