/**
 * The autoscaler of a Compute Engine managed instance group, as the Compute API has it (resource `autoscalers`, also what
 * `gcloud compute instance-groups managed describe` prints under `autoscaler`).
 */
import { secondMs } from "../../../core/time.ts";
import { gcpDefaults, gcpPolicy, type GcpScaleInControl, type GcpSignal, type GcpSpec } from "../gcp/policy.ts";
import { scalingMetricName } from "../metric-names.ts";
import type { FieldReader } from "./field-reader.ts";
import type { LoadedScaling } from "./loaded.ts";

export function loadGcp(document: FieldReader): Omit<LoadedScaling, "notes"> {
  document.ignore("creationTimestamp", "id", "kind", "name", "region", "selfLink", "status", "statusDetails", "target");
  document.ignore("zone", "description", "recommendedSize");
  const part = document.requiredPart("autoscalingPolicy");
  const mode = part.oneOf("mode", ["ON", "OFF", "ONLY_SCALE_OUT", "ONLY_UP"]);
  if (mode === "OFF") part.problem("mode", "is OFF: this autoscaler scales nothing");
  if (mode === "ONLY_SCALE_OUT" || mode === "ONLY_UP")
    part.note(`${part.path}.mode ${mode} is not modelled: it scales in too`);
  const signals = [...cpuSignal(part), ...part.list("customMetricUtilizations").flatMap(customSignal)];
  if (signals.length === 0) part.missing("cpuUtilization", "cpuUtilization or customMetricUtilizations");
  const initialization = part.number("coolDownPeriodSec", 0);
  const control = scaleInControlOf(part.part("scaleInControl"));
  const spec: GcpSpec = {
    minReplicas: part.requiredNumber("minNumReplicas", 0),
    maxReplicas: part.requiredNumber("maxNumReplicas", 1),
    signals,
    initializationMs: initialization === undefined ? gcpDefaults.initializationMs : initialization * secondMs,
    ...(control === undefined ? {} : { scaleInControl: control }),
  };
  part.done();
  document.done();
  document.note(
    "GCP: the group is sized once a minute, and keeps the peak of the last ten (our reading of its stabilization)",
  );
  return {
    format: "GCP managed instance group",
    create: () => gcpPolicy(spec),
    minReplicas: spec.minReplicas,
    maxReplicas: spec.maxReplicas,
    initialReplicas: undefined,
    scaleDownDelayMs: Math.max(gcpDefaults.stabilizationMs, control?.windowMs ?? 0),
    metrics: signals.map(({ signal }) => signal.metric),
    thresholds: [],
  };
}

/** A fraction of each instance's CPU: 0.6 is 60 percent. */
function cpuSignal(policy: FieldReader): readonly GcpSignal[] {
  const part = policy.part("cpuUtilization");
  if (part === undefined) return [];
  const target = part.requiredNumber("utilizationTarget", 0) * 100;
  const predictive = part.text("predictiveMethod");
  if (predictive !== undefined && predictive !== "NONE")
    part.note(`${part.path}.predictiveMethod ${predictive} is not modelled`);
  part.done();
  return [{ signal: { metric: "cpu_utilization", statistic: "average" }, target }];
}

/** Per instance, either way it is written; the platform measures such a metric for the group, which is the sum of them. */
function customSignal(part: FieldReader): readonly GcpSignal[] {
  const name = part.requiredText("metric").split("/").at(-1) ?? "";
  const assignment = part.number("singleInstanceAssignment", 0);
  const target = assignment ?? part.number("utilizationTarget", 0);
  part.ignore("utilizationTarget").done();
  if (target === undefined || target === 0) {
    part.missing("utilizationTarget", "utilizationTarget or singleInstanceAssignment, above 0");
    return [];
  }
  return [{ signal: { metric: scalingMetricName(name), statistic: "sum" }, target }];
}

function scaleInControlOf(part: FieldReader | undefined): GcpScaleInControl | undefined {
  if (part === undefined) return undefined;
  const most = part.requiredPart("maxScaledInReplicas").ignore("calculated");
  const fixed = most.number("fixed", 0);
  const percent = most.number("percent", 0);
  if (fixed === undefined && percent === undefined) most.missing("fixed", "fixed or percent");
  const windowMs = part.requiredNumber("timeWindowSec", 0) * secondMs;
  most.done();
  part.done();
  return { maxScaledIn: fixed === undefined ? { percent: percent ?? 0 } : { fixed }, windowMs };
}
