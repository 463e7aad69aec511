/**
 * Loads a scaling config, whichever tool wrote it: which one is told by the fields it has.
 *
 * Every format in the table loads as it is. What it says and we do not model is in `notes`; what is wrong is thrown, all of
 * it at once.
 */
import { invalidInput, type Problem } from "../../../core/errors.ts";
import { loadAws, loadAwsPolicy } from "./aws.ts";
import { loadAzure } from "./azure.ts";
import { FieldReader, type Report } from "./field-reader.ts";
import { loadGcp } from "./gcp.ts";
import { loadScaledObject } from "./keda.ts";
import { isKnativeService, loadKnativeService } from "./knative.ts";
import { loadHpa } from "./kubernetes.ts";
import { scalingMetrics } from "../metric-names.ts";
import type { LoadedScaling } from "./loaded.ts";
import { loadCapacityReservations, loadScheduledScaling } from "./schedule.ts";
import { loadAutoScaling, loadAutoScalingConfig, loadScalingPolicy } from "./team-formats.ts";

interface Format {
  readonly name: string;
  readonly fits: (document: FieldReader) => boolean;
  readonly load: (document: FieldReader) => Omit<LoadedScaling, "notes">;
}

const formats: readonly Format[] = [
  {
    name: "a Kubernetes HorizontalPodAutoscaler",
    fits: (document) => document.text("kind") === "HorizontalPodAutoscaler",
    load: loadHpa,
  },
  { name: "a KEDA ScaledObject", fits: (document) => document.text("kind") === "ScaledObject", load: loadScaledObject },
  { name: "a Knative Service", fits: isKnativeService, load: loadKnativeService },
  { name: "AWS ScalingPolicies", fits: (document) => document.has("ScalingPolicies"), load: loadAws },
  {
    name: "an Azure autoscale setting",
    fits: (document) => document.has("profiles") || document.part("properties")?.has("profiles") === true,
    load: loadAzure,
  },
  {
    name: "an AWS scaling policy",
    fits: (document) => document.has("PolicyType") || document.has("TargetValue"),
    load: loadAwsPolicy,
  },
  {
    name: "the autoscaler of a GCP instance group",
    fits: (document) => document.has("autoscalingPolicy"),
    load: loadGcp,
  },
  { name: "auto_scaling", fits: (document) => document.has("auto_scaling"), load: loadAutoScaling },
  { name: "scaling_policy", fits: (document) => document.has("scaling_policy"), load: loadScalingPolicy },
  { name: "auto_scaling_config", fits: (document) => document.has("auto_scaling_config"), load: loadAutoScalingConfig },
  { name: "scheduled_scaling", fits: (document) => document.has("scheduled_scaling"), load: loadScheduledScaling },
  {
    name: "capacity_reservations",
    fits: (document) => document.has("capacity_reservations"),
    load: loadCapacityReservations,
  },
];

/** Whether a document is, by the fields it has, a scaling config at all. */
export function isScalingConfig(document: unknown): boolean {
  return formatOf(document) !== undefined;
}

function formatOf(document: unknown): Format | undefined {
  return formats.find(({ fits }) => fits(new FieldReader(document, "", { problems: [], notes: [] })));
}

/**
 * `document` is a parsed YAML or JSON file, `name` what to call it in messages.
 * Throws `scaling-config-unknown` when no format fits, `scaling-config-invalid` with every problem otherwise.
 */
export function loadScaling(document: unknown, name: string): LoadedScaling {
  const format = formatOf(document);
  if (format === undefined) {
    throw invalidInput(`${name} is no scaling config that Squall knows`, {
      code: "scaling-config-unknown",
      hint: `known are ${formats.map((known) => known.name).join(", ")}`,
    });
  }
  const report: Report = { problems: [], notes: [] };
  const reader = new FieldReader(document, "", report);
  const loaded = format.load(reader);
  reader.done();
  const problems: readonly Problem[] = [...report.problems, ...boundsProblems(loaded)];
  if (problems.length > 0) {
    const count = problems.length === 1 ? "1 problem" : `${problems.length} problems`;
    throw invalidInput(`${name} cannot be used as ${format.name}: ${count}`, {
      code: "scaling-config-invalid",
      problems,
    });
  }
  return { ...loaded, notes: [...new Set([...report.notes, ...unknownMetrics(loaded)])] };
}

/** A metric of the user's own is allowed; it fails until somebody measures it. */
function unknownMetrics({ metrics }: Pick<LoadedScaling, "metrics">): readonly string[] {
  return metrics
    .filter((metric) => scalingMetrics[metric.split("/").at(-1) ?? metric] === undefined)
    .map((metric) => `metric ${metric} is none that a Squall platform measures by itself`);
}

function boundsProblems({
  maxReplicas,
  minReplicas,
}: Pick<LoadedScaling, "maxReplicas" | "minReplicas">): readonly Problem[] {
  if (maxReplicas === undefined || minReplicas <= maxReplicas) return [];
  return [{ path: "minimum and maximum", message: `the minimum ${minReplicas} is above the maximum ${maxReplicas}` }];
}
