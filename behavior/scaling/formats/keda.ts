/** A KEDA ScaledObject (`keda.sh/v1alpha1`) as its manifest has it. */
import { secondMs } from "../../../core/time.ts";
import { hpaOfScaledObject } from "../keda/hpa.ts";
import { kedaPolicy } from "../keda/policy.ts";
import {
  type KedaAnnotations,
  kedaDefaults,
  type KedaFallback,
  type KedaSpec,
  type KedaTrigger,
} from "../keda/spec.ts";
import { metricKey } from "../hpa/spec.ts";
import { scalingMetricName } from "../metric-names.ts";
import type { FieldReader } from "./field-reader.ts";
import { behaviorOf, hpaScaleDownDelayMs } from "./kubernetes.ts";
import type { LoadedScaling } from "./loaded.ts";

/** Where each scaler of KEDA writes its target and its activation value; every other scaler is asked for `threshold`. */
const targetKeys: Readonly<Record<string, readonly [target: string, activation: string]>> = {
  prometheus: ["threshold", "activationThreshold"],
  "metrics-api": ["targetValue", "activationTargetValue"],
  "azure-servicebus": ["messageCount", "activationMessageCount"],
  "azure-queue": ["queueLength", "activationQueueLength"],
  "aws-sqs-queue": ["queueLength", "activationQueueLength"],
  "aws-cloudwatch": ["targetMetricValue", "activationTargetMetricValue"],
  rabbitmq: ["value", "activationValue"],
  kafka: ["lagThreshold", "activationLagThreshold"],
  redis: ["listLength", "activationListLength"],
  "gcp-pubsub": ["value", "activationValue"],
};

export function loadScaledObject(document: FieldReader): Omit<LoadedScaling, "notes"> {
  document.ignore("apiVersion", "kind", "status");
  const metadata = document.part("metadata")?.ignore("name", "namespace", "labels");
  const annotations = annotationsOf(metadata?.part("annotations"));
  const part = document.requiredPart("spec").ignore("scaleTargetRef");
  const advanced = part.part("advanced");
  const config = advanced?.part("horizontalPodAutoscalerConfig")?.ignore("name");
  const behavior = behaviorOf(config?.part("behavior"));
  const fallback = fallbackOf(part.part("fallback"));
  const triggers = part.list("triggers").flatMap(triggerOf);
  if (triggers.length === 0) part.missing("triggers", "at least one trigger that is modelled");
  const spec: KedaSpec = {
    ...whole(part, "pollingInterval", "pollingIntervalSeconds", 1),
    ...whole(part, "cooldownPeriod", "cooldownPeriodSeconds", 0),
    ...whole(part, "initialCooldownPeriod", "initialCooldownPeriodSeconds", 0),
    ...whole(part, "idleReplicaCount", "idleReplicaCount", 0),
    ...whole(part, "minReplicaCount", "minReplicaCount", 0),
    ...whole(part, "maxReplicaCount", "maxReplicaCount", 1),
    triggers,
    ...(fallback === undefined ? {} : { fallback }),
    ...(behavior === undefined ? {} : { behavior }),
    annotations,
  };
  checkIdle(part, spec);
  config?.done();
  advanced?.done();
  part.done();
  document.done();
  const hpa = hpaOfScaledObject(spec);
  return {
    format: "KEDA ScaledObject",
    create: () => kedaPolicy(spec),
    spec: { kind: "keda", keda: spec },
    minReplicas: spec.idleReplicaCount ?? spec.minReplicaCount ?? kedaDefaults.minReplicaCount,
    maxReplicas: hpa.maxReplicas,
    initialReplicas: undefined,
    scaleDownDelayMs: Math.min(
      hpaScaleDownDelayMs(behavior),
      (spec.cooldownPeriodSeconds ?? kedaDefaults.cooldownPeriodSeconds) * secondMs,
    ),
    metrics: hpa.metrics.map(metricKey),
    thresholds: [],
  };
}

function whole(part: FieldReader, key: string, name: string, atLeast: number): Readonly<Record<string, number>> {
  const value = part.number(key, atLeast);
  return value === undefined ? {} : { [name]: value };
}

/** Upstream's own check: without a written minimum it counts as 0, else as at least 1. */
function checkIdle(part: FieldReader, spec: KedaSpec): void {
  if (spec.idleReplicaCount === undefined) return;
  const minimum = spec.minReplicaCount === undefined ? 0 : Math.max(1, spec.minReplicaCount);
  if (spec.idleReplicaCount >= minimum) {
    part.problem("idleReplicaCount", `must be below minReplicaCount ${minimum}, is ${spec.idleReplicaCount}`);
  }
}

function annotationsOf(part: FieldReader | undefined): KedaAnnotations {
  if (part === undefined) return {};
  const prefix = "autoscaling.keda.sh/";
  // A value that is no truth value counts as true (`getBoolAnnotation`).
  const flag = (name: string): boolean => {
    const written = part.parsed(`${prefix}${name}`, "true or false", String);
    return written !== undefined && written !== "false";
  };
  const pausedReplicas = part.number(`${prefix}paused-replicas`, 0);
  return {
    paused: flag("paused"),
    pauseScaleIn: flag("paused-scale-in"),
    pauseScaleOut: flag("paused-scale-out"),
    forceActivation: flag("force-activation"),
    ...(pausedReplicas === undefined ? {} : { pausedReplicas }),
  };
}

function fallbackOf(part: FieldReader | undefined): KedaFallback | undefined {
  if (part === undefined) return undefined;
  const failureThreshold = part.requiredNumber("failureThreshold", 0);
  const replicas = part.requiredNumber("replicas", 0);
  const behaviors = ["static", "currentReplicas", "currentReplicasIfHigher", "currentReplicasIfLower"] as const;
  const behavior = part.oneOf("behavior", behaviors);
  part.done();
  return { failureThreshold, replicas, ...(behavior === undefined ? {} : { behavior }) };
}

function triggerOf(part: FieldReader): readonly KedaTrigger[] {
  const type = part.requiredText("type");
  const metadata = part.requiredPart("metadata");
  const metricType = part.oneOf("metricType", ["AverageValue", "Value", "Utilization"]) ?? "AverageValue";
  const name = part.text("name");
  if (type === "cpu" || type === "memory") {
    const utilizationPercent = metadata.requiredNumber("value", 1);
    metadata.ignore("type").done();
    part.done();
    return [{ kind: "resource", resource: type, utilizationPercent }];
  }
  if (type === "cron") {
    part.note(`${part.path}: the cron trigger is not modelled; wrap the policy in a schedule instead`);
    return [];
  }
  const [targetKey, activationKey] = targetKeys[type] ?? ["threshold", "activationThreshold"];
  const target = metadata.requiredNumber(targetKey, 0);
  const activationTarget = metadata.number(activationKey);
  const metric = metadata.text("metricName") ?? name ?? metadata.text("queueName") ?? type;
  metadata.ignore("query", "serverAddress", "queueName", "queueURL", "awsRegion", "topic", "consumerGroup").done();
  part.ignore("authenticationRef", "useCachedMetrics").done();
  if (metricType === "Utilization") part.problem("metricType", `Utilization is not allowed for a ${type} trigger`);
  return [
    {
      kind: "external",
      name: scalingMetricName(metric),
      metricType: metricType === "Value" ? "Value" : "AverageValue",
      target,
      ...(activationTarget === undefined ? {} : { activationTarget }),
    },
  ];
}
