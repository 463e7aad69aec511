/**
 * The few numbers of a scenario that people turn first: how much traffic, how many replicas, what scales them, how much the providers
 * allow. Turning one changes the text, so that the text stays the whole truth and can be copied as it is.
 */
import { entries, isMapping } from "../../core/raw-data.ts";
import { type Setting, withSettings } from "../../core/scenario/override.ts";
import { readYaml } from "../../core/scenario/yaml-document.ts";
import { parseCount } from "../../core/units.ts";

export interface Knob {
  /** Unique within a candidate: `traffic`, `scenario platform.replicas.max`. */
  readonly id: string;
  readonly label: string;
  /** Which of the two texts it changes. */
  readonly of: "scenario" | "scaling";
  /** As it is written. */
  readonly value: number;
  readonly min: number;
  readonly max: number;
  readonly step: number;
  /** `times`: a multiple of what is written. */
  readonly shown: "number" | "times";
  readonly settings: (value: number) => readonly Setting[];
}

/** What can be turned in a candidate; nothing in a text that is no readable YAML. */
export function knobsOf(scenarioText: string, scalingText: string | undefined): readonly Knob[] {
  const scenario = dataOf(scenarioText);
  const scaling = scalingText === undefined ? undefined : dataOf(scalingText);
  return [...trafficKnobs(scenario), ...quotaKnobs(scenario), ...replicaKnobs(scenario), ...scalingKnobs(scaling)];
}

/** The text with every knob where it was turned to; one that stands as written changes nothing. */
export function turned(
  text: string,
  of: Knob["of"],
  knobs: readonly Knob[],
  values: ReadonlyMap<string, number>,
): string {
  const settings = knobs.flatMap((knob) => {
    const value = values.get(knob.id);
    return knob.of !== of || value === undefined || value === knob.value ? [] : knob.settings(value);
  });
  return withSettings(text, of, settings);
}

type Found = readonly { readonly path: string; readonly value: unknown }[];

function trafficKnobs(scenario: unknown): readonly Knob[] {
  const found = leaves(scenario, "traffic");
  const users = numberAt(found, "traffic.users.count") ?? numberAt(found, "traffic.users");
  if (users !== undefined) return [counted("People at once", "scenario", users.path, users.value, 1)];
  const rates = found.filter(
    ({ path, value }) => /^traffic\.arrivals\..*\b(?:rate|ramp|daily|burst)$/.test(path) && typeof value === "string",
  );
  return timesKnob("traffic", "Traffic", rates, (value, factor) => scaledRates(String(value), factor));
}

const limits = /^providers\..*\.(?:rpm|tpm|rpd|tpd|rp10s|itpm|otpm|ptu|gsu)$/;

function quotaKnobs(scenario: unknown): readonly Knob[] {
  const found = leaves(scenario, "providers").filter(
    ({ path, value }) => limits.test(path) && countOf(value) !== undefined,
  );
  return timesKnob("quota", "Provider limits", found, (value, factor) =>
    Math.max(1, Math.round((countOf(value) ?? 1) * factor)),
  );
}

const replicaLabels: Readonly<Record<string, string>> = {
  "platform.replicas": "Replicas",
  "platform.replicas.start": "Replicas at first",
  "platform.replicas.min": "Replicas, least",
  "platform.replicas.max": "Replicas, most",
};

function replicaKnobs(scenario: unknown): readonly Knob[] {
  const found = leaves(scenario, "platform");
  return Object.entries(replicaLabels).flatMap(([path, label]) => {
    const at = numberAt(found, path);
    return at === undefined ? [] : [counted(label, "scenario", path, at.value, path.endsWith(".min") ? 0 : 1)];
  });
}

const scalingLabels: Readonly<Record<string, string>> = {
  minReplicas: "Scaler, least",
  maxReplicas: "Scaler, most",
  minReplicaCount: "Scaler, least",
  maxReplicaCount: "Scaler, most",
  averageUtilization: "Scaler's target, %",
  averageValue: "Scaler's target",
};

/** Of Kubernetes' and KEDA's files; others are edited as text. */
function scalingKnobs(scaling: unknown): readonly Knob[] {
  return leaves(scaling, "spec").flatMap(({ path, value }) => {
    const label = scalingLabels[path.split(".").at(-1) ?? ""];
    const count = countOf(value);
    if (label === undefined || count === undefined) return [];
    const metric = metricBeside(scaling, path);
    return [counted(metric === undefined ? label : `${label}, ${metric}`, "scaling", path, count, 1)];
  });
}

/** Name of the metric that a target is of. */
function metricBeside(scaling: unknown, path: string): string | undefined {
  const above = path.split(".").slice(0, -2).join(".");
  const name = leaves(scaling, "spec").find(
    (leaf) => leaf.path === `${above}.name` || leaf.path === `${above}.metric.name`,
  );
  return typeof name?.value === "string" ? name.value.replaceAll("_", " ") : undefined;
}

function counted(label: string, of: Knob["of"], path: string, value: number, min: number): Knob {
  const max = Math.max(10, value * 4);
  const step = max > 1_000 ? 10 ** Math.floor(Math.log10(max) - 2) : 1;
  return {
    id: `${of} ${path}`,
    label,
    of,
    value,
    min,
    max,
    step,
    shown: "number",
    settings: (turnedTo) => [{ path, value: turnedTo }],
  };
}

function timesKnob(
  id: string,
  label: string,
  found: Found,
  scaled: (value: unknown, factor: number) => string | number,
): readonly Knob[] {
  if (found.length === 0) return [];
  const settings = (factor: number): readonly Setting[] =>
    found.map(({ path, value }) => ({ path, value: scaled(value, factor) }));
  return [{ id, label, of: "scenario", value: 1, min: 0.25, max: 4, step: 0.05, shown: "times", settings }];
}

/** `100/s .. 1.5k/m`, twice: `200/s .. 3000/m`. */
function scaledRates(text: string, factor: number): string {
  return text.replaceAll(/(\d[\d.,_]*\s*[kKMGB]?)\s*(?=\/)/g, (count: string) => {
    const value = parseCount(count.trim());
    return value === undefined ? count : String(Number((value * factor).toPrecision(6)));
  });
}

function countOf(value: unknown): number | undefined {
  if (typeof value === "number") return value;
  return typeof value === "string" ? parseCount(value) : undefined;
}

function numberAt(found: Found, path: string): { readonly path: string; readonly value: number } | undefined {
  const value = countOf(found.find((leaf) => leaf.path === path)?.value);
  return value === undefined ? undefined : { path, value };
}

/** Everything that is no mapping and no list below a field, by its path. */
function leaves(data: unknown, field: string): Found {
  return isMapping(data) ? below(data[field], field) : [];
}

function below(value: unknown, path: string): Found {
  if (Array.isArray(value)) return value.flatMap((item, index) => below(item, `${path}.${index}`));
  if (isMapping(value)) return entries(value).flatMap(([name, inner]) => below(inner, `${path}.${name}`));
  return [{ path, value }];
}

function dataOf(text: string): unknown {
  try {
    return readYaml(text, "").data;
  } catch {
    return undefined; // the list of problems says what is wrong with it
  }
}
