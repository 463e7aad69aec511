/** A Kubernetes HorizontalPodAutoscaler (`autoscaling/v2`) as its manifest has it. */
import { secondMs } from "../../../core/time.ts";
import { hpaPolicy } from "../hpa/policy.ts";
import {
  defaultHpaFlags,
  defaultHpaMetrics,
  defaultMinReplicas,
  fillBehavior,
  type HpaBehavior,
  type HpaMetric,
  type HpaScalingPolicy,
  type HpaScalingRules,
  type HpaSpec,
  metricKey,
} from "../hpa/spec.ts";
import type { FieldReader } from "./field-reader.ts";
import type { LoadedScaling } from "./loaded.ts";
import { parseQuantityMilli } from "./quantity.ts";

/** `pkg/apis/autoscaling/validation/validation.go`. */
const periodSecondsMax = 1_800;
const windowSecondsMax = 3_600;

export function loadHpa(document: FieldReader): Omit<LoadedScaling, "notes"> {
  document.ignore("apiVersion", "kind", "metadata", "status");
  const version = document.text("apiVersion");
  if (version !== "autoscaling/v2") {
    document.problem(
      "apiVersion",
      `must be autoscaling/v2, is ${version ?? "missing"}`,
      "kubectl get hpa.v2.autoscaling",
    );
  }
  const part = document.requiredPart("spec").ignore("scaleTargetRef");
  const spec = hpaSpecOf(part);
  part.done();
  document.done();
  part.note("HorizontalPodAutoscaler: controller flags (sync period, tolerance, ...) are Kubernetes' defaults");
  return {
    format: "Kubernetes HorizontalPodAutoscaler",
    create: () => hpaPolicy(spec),
    spec: { kind: "hpa", hpa: spec },
    minReplicas: spec.minReplicas ?? defaultMinReplicas,
    maxReplicas: spec.maxReplicas,
    initialReplicas: undefined,
    scaleDownDelayMs: hpaScaleDownDelayMs(spec.behavior),
    metrics: spec.metrics.map(metricKey),
    thresholds: [],
  };
}

export function hpaScaleDownDelayMs(behavior: HpaBehavior | undefined): number {
  return fillBehavior(behavior ?? {}, defaultHpaFlags).scaleDown.stabilizationWindowSeconds * secondMs;
}

function hpaSpecOf(part: FieldReader): HpaSpec {
  const minReplicas = part.number("minReplicas", 0);
  const maxReplicas = part.requiredNumber("maxReplicas", 1);
  if (minReplicas !== undefined && minReplicas > maxReplicas) {
    part.problem("maxReplicas", `must be at least minReplicas ${minReplicas}, is ${maxReplicas}`);
  }
  const metrics = part.list("metrics").flatMap(metricOf);
  const behavior = behaviorOf(part.part("behavior"));
  return {
    ...(minReplicas === undefined ? {} : { minReplicas }),
    maxReplicas,
    metrics: metrics.length === 0 ? defaultHpaMetrics : metrics,
    ...(behavior === undefined ? {} : { behavior }),
  };
}

export function behaviorOf(part: FieldReader | undefined): HpaBehavior | undefined {
  if (part === undefined) return undefined;
  const up = part.part("scaleUp");
  const down = part.part("scaleDown");
  const behavior = {
    ...(up === undefined ? {} : { scaleUp: rulesOf(up) }),
    ...(down === undefined ? {} : { scaleDown: rulesOf(down) }),
  };
  part.done();
  return behavior;
}

function rulesOf(part: FieldReader): HpaScalingRules {
  const windowSeconds = part.number("stabilizationWindowSeconds", 0);
  if (windowSeconds !== undefined && windowSeconds > windowSecondsMax) {
    part.problem("stabilizationWindowSeconds", `must be at most ${windowSecondsMax}, is ${windowSeconds}`);
  }
  const selectPolicy = part.oneOf("selectPolicy", ["Max", "Min", "Disabled"]);
  const toleranceMilli = part.parsed("tolerance", "a quantity such as 0.05", parseQuantityMilli);
  const hasPolicies = part.has("policies");
  const policies = part.list("policies").map(policyOf);
  if (hasPolicies && policies.length === 0) part.problem("policies", "must hold at least one policy");
  part.done();
  return {
    ...(windowSeconds === undefined ? {} : { stabilizationWindowSeconds: windowSeconds }),
    ...(selectPolicy === undefined ? {} : { selectPolicy }),
    ...(toleranceMilli === undefined ? {} : { tolerance: toleranceMilli / 1_000 }),
    ...(hasPolicies ? { policies } : {}),
  };
}

function policyOf(part: FieldReader): HpaScalingPolicy {
  const type = part.oneOf("type", ["Pods", "Percent"]);
  if (!part.has("type")) part.missing("type", "Pods or Percent");
  const value = part.requiredNumber("value", 1);
  const periodSeconds = part.requiredNumber("periodSeconds", 1);
  if (periodSeconds > periodSecondsMax) {
    part.problem("periodSeconds", `must be at most ${periodSecondsMax}, is ${periodSeconds}`);
  }
  part.done();
  return { type: type ?? "Pods", value, periodSeconds };
}

function metricOf(part: FieldReader): readonly HpaMetric[] {
  const type = part.oneOf("type", ["Resource", "ContainerResource", "Pods", "Object", "External"]);
  if (type === undefined) {
    if (!part.has("type")) part.missing("type", "Resource, ContainerResource, Pods, Object or External");
    return [];
  }
  const source = part.requiredPart(`${type.charAt(0).toLowerCase()}${type.slice(1)}`);
  const metric = sourceOf(type, source);
  source.done();
  part.done();
  return metric === undefined ? [] : [metric];
}

function sourceOf(type: HpaMetric["type"], source: FieldReader): HpaMetric | undefined {
  const target = targetOf(source.requiredPart("target"));
  if (target === undefined) return undefined;
  if (type === "Resource" || type === "ContainerResource") {
    const resource = source.requiredText("name");
    if (target.type === "Value") return wrongTarget(source, target.type, type);
    if (type === "Resource") return { type, resource, target };
    return { type, resource, container: source.requiredText("container"), target };
  }
  const name = source.requiredPart("metric");
  const metric = name.requiredText("name");
  name.done();
  if (target.type === "Utilization") return wrongTarget(source, target.type, type);
  if (type === "Object") {
    const described = source.part("describedObject")?.ignore("apiVersion", "name");
    const kind = described?.text("kind") ?? "Object";
    return { type, metric, kind, target };
  }
  if (type === "External") return { type, metric, target };
  return target.type === "AverageValue" ? { type, metric, target } : wrongTarget(source, target.type, type);
}

function wrongTarget(source: FieldReader, target: string, type: string): undefined {
  source.problem("target.type", `${target} is not allowed for a metric of type ${type}`);
  return undefined;
}

type Target =
  | { readonly type: "Utilization"; readonly averageUtilization: number }
  | { readonly type: "AverageValue"; readonly averageValueMilli: number }
  | { readonly type: "Value"; readonly valueMilli: number };

function targetOf(part: FieldReader): Target | undefined {
  const type = part.oneOf("type", ["Utilization", "AverageValue", "Value"]);
  if (!part.has("type")) part.missing("type", "Utilization, AverageValue or Value");
  const quantity = (key: string): number => {
    if (!part.has(key)) part.missing(key, "a quantity");
    return part.parsed(key, "a quantity such as 500m or 10k", parseQuantityMilli) ?? 0;
  };
  const read = (): Target | undefined => {
    if (type === "Utilization") return { type, averageUtilization: part.requiredNumber("averageUtilization", 1) };
    if (type === "AverageValue") return { type, averageValueMilli: quantity("averageValue") };
    return type === "Value" ? { type, valueMilli: quantity("value") } : undefined;
  };
  const target = read();
  part.done();
  return target;
}
