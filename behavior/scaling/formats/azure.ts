/**
 * An Azure Monitor autoscale setting (`Microsoft.Insights/autoscaleSettings`) as `az monitor autoscale show` prints it or a
 * template holds it (field names: Azure template reference, 2022-10-01).
 */
import { dayMs, hourMs, minuteMs, type Ms, secondMs } from "../../../core/time.ts";
import { azureDefaults, azurePolicy, type AzureRule, type AzureSpec } from "../azure/policy.ts";
import { scalingMetricName } from "../metric-names.ts";
import type { FieldReader } from "./field-reader.ts";
import type { LoadedScaling, ThresholdPair } from "./loaded.ts";

export function loadAzure(document: FieldReader): Omit<LoadedScaling, "notes"> {
  const setting = (document.part("properties") ?? document).ignore(
    "name",
    "targetResourceUri",
    "targetResourceLocation",
  );
  if (setting.boolean("enabled") === false) setting.problem("enabled", "is false: this setting scales nothing");
  const [profile, ...others] = setting.list("profiles");
  if (profile === undefined) setting.missing("profiles", "at least one profile");
  for (const other of others) {
    setting.note(`${other.path} is not modelled: the first profile holds all the time; wrap policies in a schedule`);
  }
  const capacity = profile?.requiredPart("capacity");
  const minimum = capacity?.requiredNumber("minimum", 0) ?? 0;
  const maximum = capacity?.requiredNumber("maximum", 1) ?? 1;
  const defaultCount = capacity?.number("default", 0) ?? minimum;
  const rules = profile?.list("rules").map(ruleOf) ?? [];
  if (rules.length === 0) profile?.missing("rules", "at least one rule");
  profile?.ignore("name").done();
  capacity?.done();
  setting.ignore("notifications").done();
  document.ignore("id", "name", "type", "apiVersion", "location", "tags", "systemData").done();
  const spec: AzureSpec = { minimum, maximum, defaultCount, rules, syncMs: azureDefaults.syncMs };
  const inward = rules.filter(({ direction }) => direction === "Decrease");
  return {
    format: "Azure Monitor autoscale",
    create: () => azurePolicy(spec),
    minReplicas: minimum,
    maxReplicas: maximum,
    initialReplicas: defaultCount,
    scaleDownDelayMs:
      inward.length === 0
        ? undefined
        : Math.min(...inward.map(({ cooldownMs, timeWindowMs }) => Math.max(cooldownMs, timeWindowMs))),
    metrics: [...new Set(rules.map(({ signal }) => signal.metric))],
    thresholds: pairsOf(rules, inward),
  };
}

/** `PT5M`, `PT1H30M`, `P1D`; minutes and longer are what Azure takes, seconds are read as well. */
export function parseIsoDuration(text: string): Ms | undefined {
  const match = /^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?$/.exec(text);
  if (match === null || !/\d/.test(text)) return undefined;
  const [days, hours, minutes, seconds] = match.slice(1).map((part) => Number(part ?? 0));
  return (days ?? 0) * dayMs + (hours ?? 0) * hourMs + (minutes ?? 0) * minuteMs + (seconds ?? 0) * secondMs;
}

function ruleOf(part: FieldReader): AzureRule {
  const trigger = part
    .requiredPart("metricTrigger")
    .ignore("metricResourceUri", "metricNamespace", "metricResourceLocation");
  const action = part.requiredPart("scaleAction");
  const perInstance = trigger.boolean("dividePerInstance") ?? false;
  const statistic = trigger.oneOf("statistic", ["Average", "Min", "Max", "Sum", "Count"]) ?? "Average";
  const aggregations = ["Average", "Minimum", "Maximum", "Last"] as const;
  const operators = ["GreaterThan", "GreaterThanOrEqual", "LessThan", "LessThanOrEqual"] as const;
  if (statistic === "Min" || statistic === "Count")
    trigger.note(`${trigger.path}.statistic ${statistic} is read as Average`);
  const rule: AzureRule = {
    signal: {
      metric: scalingMetricName(trigger.requiredText("metricName")),
      statistic: perInstance ? "per-replica" : statistics[statistic],
    },
    timeWindowMs: iso(trigger, "timeWindow") ?? azureDefaults.timeWindowMs,
    timeAggregation: trigger.oneOf("timeAggregation", aggregations) ?? "Average",
    operator: required(trigger, "operator", operators),
    threshold: trigger.requiredNumber("threshold"),
    direction: required(action, "direction", ["Increase", "Decrease"]),
    changeType: required(action, "type", ["ChangeCount", "PercentChangeCount", "ExactCount"]),
    value: action.number("value", 0) ?? 1,
    cooldownMs: iso(action, "cooldown") ?? azureDefaults.cooldownMs,
  };
  trigger.ignore("timeGrain").done();
  action.done();
  part.done();
  return rule;
}

const statistics = { Average: "average", Min: "average", Max: "maximum", Sum: "sum", Count: "average" } as const;

function required<const T extends string>(part: FieldReader, key: string, allowed: readonly [T, ...T[]]): T {
  if (!part.has(key)) part.missing(key, `one of ${allowed.join(", ")}`);
  return part.oneOf(key, allowed) ?? allowed[0];
}

function iso(part: FieldReader, key: string): Ms | undefined {
  return part.parsed(key, "an ISO 8601 duration such as PT5M", parseIsoDuration);
}

function pairsOf(rules: readonly AzureRule[], inward: readonly AzureRule[]): readonly ThresholdPair[] {
  const outward = rules.filter(({ direction }) => direction === "Increase");
  return outward.flatMap((out) =>
    inward
      .filter((rule) => rule.signal.metric === out.signal.metric && rule.changeType === "ChangeCount")
      .map((rule) => ({
        metric: out.signal.metric,
        scaleOutAt: out.threshold,
        scaleInAt: rule.threshold,
        scaleInStep: rule.value,
      })),
  );
}
