/** `squall export prometheus`: a scenario's alerts as rules, with unit tests made of simulated incidents. */
import path from "node:path";
import { Command } from "commander";
import { stringify } from "yaml";
import { formatDuration } from "../../core/time.ts";
import { readAlertsOrDefaults } from "../alert-files.ts";
import type { CommandContext } from "../context.ts";
import { exportPrometheus, prometheusFiles, type PrometheusExport } from "../export/prometheus.ts";
import { writeOutputFile } from "../output-file.ts";
import { readScaling } from "../scaling-input.ts";
import { readScenarioInput } from "../scenario-input.ts";

interface PrometheusOptions {
  readonly out: string;
  readonly target: string;
  readonly json?: boolean;
}

export function exportPrometheusCommand({ terminal, interrupts }: CommandContext): Command {
  return new Command("prometheus")
    .description("recording and alerting rules, with promtool unit tests made of simulated incidents")
    .argument("<scenario>", "scenario file (YAML)")
    .requiredOption("--out <dir>", "folder for the rules, their unit tests and a configuration")
    .option("--target <host:port>", "what the configuration scrapes: squall run --metrics-port", "127.0.0.1:9464")
    .option("--json", "print one JSON document: what fired in which incident")
    .addHelpText(
      "after",
      `
Examples:
  $ squall export prometheus scenarios/launch-day.yaml --out monitoring
  $ promtool test rules monitoring/squall-rules.test.yaml
  $ prometheus --config.file monitoring/prometheus.yaml

The alerts are those that the scenario names, or else the ones that come with Squall.`,
    )
    .action(async (scenario: string, options: PrometheusOptions) => {
      const { signal, whileBlocking } = interrupts;
      const input = await readScenarioInput(scenario, {}, signal);
      const alerts = await readAlertsOrDefaults(input.scenario, scenario);
      const scaling = await readScaling(scenario, input.scenario.platform.scaling, undefined);
      const exported = whileBlocking(() => exportPrometheus(input, alerts, { scaling, target: options.target }));
      const folder = path.resolve(terminal.cwd, options.out);
      const about = `# made by squall export prometheus from ${path.basename(scenario)}\n`;
      for (const part of ["rules", "tests", "config"] as const) {
        const text = stringify(exported[part], { lineWidth: 0, aliasDuplicateObjects: false });
        await writeOutputFile(path.join(folder, prometheusFiles[part]), `${about}${text}`);
      }
      if (options.json === true) {
        terminal.out(JSON.stringify({ incidents: exported.incidents, neverFired: exported.neverFired }));
      } else terminal.out(inWords(exported, options.out));
    });
}

function inWords({ incidents, neverFired }: PrometheusExport, out: string): string {
  const lines = incidents.map(({ name, fired }) => {
    const alerts = fired.map(({ alert, atMs }) => `${alert} at ${formatDuration(atMs)}`);
    return `${name}: ${alerts.length === 0 ? "no alert fires" : alerts.join(", ")}`;
  });
  return [
    ...lines,
    ...(neverFired.length === 0
      ? []
      : [`fired by no incident, so only their silence is tested: ${neverFired.join(", ")}`]),
    `next: promtool test rules ${path.join(out, prometheusFiles.tests)}`,
  ].join("\n");
}
