/** A scenario's alerts as files for Prometheus, tried on simulated incidents of that scenario. */
import { unitTestFile } from "../../analyzers/alerts/export/unit-test-file.ts";
import { rulesFile } from "../../analyzers/alerts/export/rules-file.ts";
import { stagedIncidents } from "../../analyzers/alerts/incidents.ts";
import { changesOver } from "../../analyzers/alerts/run-alerts.ts";
import { ruleGroups } from "../../analyzers/alerts/rule-groups.ts";
import { scrapesOf } from "../../analyzers/alerts/run-scrapes.ts";
import type { AlertsSpec } from "../../core/scenario/alert-schema.ts";
import type { Ms } from "../../core/time.ts";
import type { ScalingInput } from "../scaling-input.ts";
import type { ScenarioInput } from "../scenario-input.ts";
import { simulateScenario } from "../simulated-run.ts";

/** Names of the files. */
export const prometheusFiles = {
  rules: "squall-rules.yaml",
  tests: "squall-rules.test.yaml",
  config: "prometheus.yaml",
} as const;

export interface PrometheusExport {
  /** Contents, to be written as YAML. */
  readonly rules: object;
  readonly tests: object;
  readonly config: object;
  /** For each incident, the alerts that fired in it and when first. */
  readonly incidents: readonly {
    readonly name: string;
    readonly fired: readonly { readonly alert: string; readonly atMs: Ms }[];
  }[];
  /** Alerts that no incident made fire, so that their tests only say when they are silent. */
  readonly neverFired: readonly string[];
}

/** Simulates the incidents one after the other. */
export function exportPrometheus(
  input: ScenarioInput,
  alerts: AlertsSpec,
  choices: { readonly scaling: ScalingInput | undefined; readonly target: string },
): PrometheusExport {
  const slos = input.scenario.slo ?? [];
  const groups = ruleGroups(alerts, slos);
  const played = stagedIncidents(input.scenario).map(({ name, scenario }) => {
    const run = simulateScenario({ ...input, scenario }, { timeScale: 1, scaling: choices.scaling, explain: true });
    const scrapes = [...scrapesOf(run, scenario, alerts.scrapeMs)];
    const fires = changesOver(groups, scrapes, 3).filter(({ kind }) => kind === "fires");
    const names = [...new Set(fires.map(({ alert }) => alert))];
    const fired = names.flatMap((alert) => fires.find((each) => each.alert === alert) ?? []);
    return { name, scrapes, fired: fired.map(({ alert, atMs }) => ({ alert, atMs })) };
  });
  const fired = new Set(played.flatMap((incident) => incident.fired.map(({ alert }) => alert)));
  const names = [...new Set(groups.flatMap((group) => group.alerts.map(({ alert }) => alert)))];
  return {
    rules: rulesFile(groups),
    tests: unitTestFile(prometheusFiles.rules, alerts, slos, played),
    config: {
      global: { scrape_interval: "15s", evaluation_interval: "15s" },
      rule_files: [prometheusFiles.rules],
      scrape_configs: [{ job_name: "squall", static_configs: [{ targets: [choices.target] }] }],
    },
    incidents: played.map(({ name, fired: each }) => ({ name, fired: each })),
    neverFired: names.filter((name) => !fired.has(name)),
  };
}
