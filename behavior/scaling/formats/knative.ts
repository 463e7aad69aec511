/**
 * A Knative Service (`serving.knative.dev/v1`) whose revisions the Knative pod autoscaler moves: the annotations of its
 * template, by their names and older spellings (`pkg/apis/autoscaling/register.go` of Knative Serving).
 *
 * `containerConcurrency` is a replica's hard limit, and caps the target (`ResolveMetricTarget` in
 * `pkg/reconciler/autoscaling/resources`).
 */
import { kpaPolicy } from "../kpa/policy.ts";
import { kpaDefaults, type KpaSpec } from "../kpa/spec.ts";
import type { FieldReader } from "./field-reader.ts";
import type { LoadedScaling } from "./loaded.ts";

const prefix = "autoscaling.knative.dev/";

/** Whether a document of kind Service is Knative's, and not Kubernetes' own. */
export function isKnativeService(document: FieldReader): boolean {
  return (
    document.text("kind") === "Service" && document.text("apiVersion")?.startsWith("serving.knative.dev/") === true
  );
}

export function loadKnativeService(document: FieldReader): Omit<LoadedScaling, "notes"> {
  document.ignore("apiVersion", "kind", "metadata", "status");
  const spec = document.requiredPart("spec");
  const template = spec.requiredPart("template");
  const metadata = template.part("metadata")?.ignore("name", "labels", "creationTimestamp");
  const container = template.part("spec")?.ignore("containers", "serviceAccountName", "timeoutSeconds", "volumes");
  const annotations = metadata?.part("annotations");
  const concurrency = container?.number("containerConcurrency", 0);
  const kpa = kpaSpecOf(annotations, concurrency);
  annotations?.done();
  metadata?.done();
  container?.done();
  template.done();
  spec.ignore("traffic").done();
  document.done();
  if (concurrency !== undefined && concurrency > 0) {
    document.note(
      `containerConcurrency ${concurrency} caps the target; platform.replicas.concurrency makes it a limit`,
    );
  }
  document.note("Knative: what is not annotated is as in the default ConfigMap config-autoscaler");
  return {
    format: "Knative Service",
    create: () => kpaPolicy(kpa),
    minReplicas: kpa.minScale ?? 0,
    maxReplicas: kpa.maxScale === 0 ? undefined : kpa.maxScale,
    initialReplicas: kpa.initialScale ?? kpaDefaults.initialScale,
    scaleDownDelayMs: (kpa.stableWindowMs ?? kpaDefaults.stableWindowMs) + (kpa.scaleDownDelayMs ?? 0),
    metrics: [kpa.metric],
    thresholds: [],
  };
}

function kpaSpecOf(annotations: FieldReader | undefined, concurrency: number | undefined): KpaSpec {
  const number = (name: string, older?: string): number | undefined =>
    annotations?.number(prefix + name, 0) ?? (older === undefined ? undefined : annotations?.number(prefix + older, 0));
  const duration = (name: string, older?: string): number | undefined =>
    annotations?.duration(prefix + name) ?? (older === undefined ? undefined : annotations?.duration(prefix + older));
  const kpaClass = "kpa.autoscaling.knative.dev";
  const className = annotations?.text(`${prefix}class`);
  if (className !== undefined && className !== kpaClass) {
    annotations?.problem(`${prefix}class`, `must be ${kpaClass}, is ${className}`, "give the HPA itself in its place");
  }
  const metric = annotations?.oneOf(`${prefix}metric`, ["concurrency", "rps"]) ?? "concurrency";
  const target = number("target");
  const limit = metric === "rps" || concurrency === 0 ? undefined : concurrency;
  const utilization = number("target-utilization-percentage", "targetUtilizationPercentage");
  const initialScale = number("initial-scale", "initialScale");
  const entries = {
    totalPerReplica: target === undefined ? limit : Math.min(target, limit ?? target),
    targetUtilization: utilization === undefined ? undefined : utilization / 100,
    minScale: number("min-scale", "minScale"),
    maxScale: number("max-scale", "maxScale"),
    initialScale,
    activationScale: number("activation-scale"),
    stableWindowMs: duration("window"),
    panicWindowPercentage: number("panic-window-percentage", "panicWindowPercentage"),
    panicThresholdPercentage: number("panic-threshold-percentage", "panicThresholdPercentage"),
    scaleDownDelayMs: duration("scale-down-delay", "scaleDownDelay"),
    targetBurstCapacity: number("target-burst-capacity", "targetBurstCapacity"),
    scaleToZeroPodRetentionMs: duration("scale-to-zero-pod-retention-period", "scaleToZeroPodRetentionPeriod"),
  };
  return { metric, ...withoutUndefined(entries) };
}

/** Fields that are written; `kpaPolicy` knows the defaults of the others. */
function withoutUndefined<T extends Readonly<Record<string, number | undefined>>>(
  fields: T,
): { readonly [Key in keyof T]?: number } {
  const written = Object.entries(fields).filter(([, value]) => value !== undefined);
  return Object.fromEntries(written) as { readonly [Key in keyof T]?: number }; // the undefined ones are gone
}
