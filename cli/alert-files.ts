/** Files of alerts: the one that a scenario names, or those that come with Squall. */
import path from "node:path";
import { withAlertEvents } from "../analyzers/alerts/run-alerts.ts";
import { alertsNamedBy } from "../behavior/scenario-input.ts";
import { type AlertsSpec, parseAlerts } from "../core/scenario/alert-schema.ts";
import type { Run } from "../core/run.ts";
import type { Scenario } from "../core/scenario/scenario.ts";
import { readYaml } from "../core/scenario/yaml-document.ts";
import { isMapping } from "../core/raw-data.ts";
import { readInputFile } from "./input-file.ts";
import { packageFile } from "./package-root.ts";
import { filesBeside, type ScenarioInput } from "./scenario-input.ts";

/**
 * The alerts that a scenario names, or those that come with Squall where it names none. Errors: `file-unreadable`,
 * `file-too-large`, `alerts-invalid`, `slo-unknown`.
 */
export async function readAlertsOrDefaults(scenario: Scenario, scenarioFile: string): Promise<AlertsSpec> {
  return (await alertsNamedBy(scenario, filesBeside(scenarioFile))) ?? (await readAlertFile(defaultAlertFile()));
}

/** A file that may be of alerts or something else: undefined when it is something else. */
export async function readIfAlerts(file: string): Promise<AlertsSpec | undefined> {
  const { data } = readYaml(await readInputFile(file), file);
  return isMapping(data) && isMapping(data["alerts"]) ? await readAlertFile(file) : undefined;
}

/** The run with what its alerts did among its events; as it is, where the scenario names no alerts. */
export function withAlerts<Played extends Run>(run: Played, { scenario, alerts }: ScenarioInput): Played {
  return alerts === undefined ? run : withAlertEvents(run, scenario, alerts);
}

export function defaultAlertFile(): string {
  return packageFile("scenarios/alerts/defaults.yaml");
}

async function readAlertFile(file: string): Promise<AlertsSpec> {
  return parseAlerts(await readInputFile(file), path.basename(file));
}
