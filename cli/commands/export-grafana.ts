/** `squall export grafana`: a dashboard over the metrics of a run, with the scenario's objectives drawn in. */
import path from "node:path";
import { Command } from "commander";
import { dashboardOf } from "../../analyzers/alerts/export/dashboard.ts";
import { readAlertsOrDefaults } from "../alert-files.ts";
import type { CommandContext } from "../context.ts";
import { writeOutputFile } from "../output-file.ts";
import { readScenarioInput } from "../scenario-input.ts";

export function exportGrafanaCommand({ terminal, interrupts }: CommandContext): Command {
  return new Command("grafana")
    .description("a dashboard: objectives, traffic, latency, limits, money, fleet, and the alerts that fire")
    .argument("<scenario>", "scenario file (YAML)")
    .option("--out <file>", "write it here instead of standard output")
    .addHelpText(
      "after",
      `
Examples:
  $ squall export grafana scenarios/launch-day.yaml --out dashboard.json
  $ squall run scenarios/ten-users.yaml --metrics-port 9464

Import the file in Grafana, or put it where Grafana is provisioned from; it asks which Prometheus to read. The queries are
those of squall export prometheus.`,
    )
    .action(async (scenario: string, options: { readonly out?: string }) => {
      const { scenario: spec } = await readScenarioInput(scenario, {}, interrupts.signal);
      const text = `${JSON.stringify(dashboardOf(spec, await readAlertsOrDefaults(spec, scenario)), undefined, 2)}\n`;
      if (options.out === undefined) terminal.out(text.trimEnd());
      else await writeOutputFile(path.resolve(terminal.cwd, options.out), text);
    });
}
