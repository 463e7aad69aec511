/** What differs between two sets of runs beside what was measured: versions, prices, profiles, and fields of the scenario. */
import type { Run, RunManifest } from "../core/run.ts";
import { changedFields } from "../core/scenario/changed-fields.ts";

export interface Difference {
  /** `gateway`, `prices`, or `scenario platform.retries.max`. */
  readonly what: string;
  /** As written; `none` where there was nothing. */
  readonly before: string;
  readonly after: string;
}

const facts: readonly (readonly [what: string, of: (manifest: RunManifest) => string])[] = [
  ["gateway", ({ gateway }) => gateway],
  ["Squall", ({ squallVersion }) => squallVersion],
  ["load engine", ({ engine }) => engine],
  ["prices", ({ prices }) => prices],
  ["latency profiles", ({ profiles }) => profiles.map(({ name, status }) => `${name} (${status})`).join(", ")],
  ["time scale", ({ timeScale }) => String(timeScale)],
  ["trace", ({ trace }) => (trace === undefined ? "" : `${trace.name}, ${trace.rows} rows`)],
];

/** Of the first run of each side: a gate plays the same thing again and again. Empty without a baseline. */
export function whatChanged(baseline: readonly Run[], candidate: readonly Run[]): readonly Difference[] {
  const [before, after] = [baseline[0]?.manifest, candidate[0]?.manifest];
  if (before === undefined || after === undefined) return [];
  return [
    ...facts.map(([what, of]) => ({ what, before: of(before), after: of(after) })),
    ...changedFields(before.scenarioText, after.scenarioText).map((field) => ({
      what: `scenario ${field.path}`,
      before: field.before ?? "",
      after: field.after ?? "",
    })),
  ]
    .filter((one) => one.before !== one.after)
    .map((one) => ({ what: one.what, before: one.before || "none", after: one.after || "none" }));
}
