/** `squall analyze`: questions about a scenario that take more than one run. */
import { Command, InvalidArgumentError } from "commander";
import type { LimitProposal } from "../../analyzers/alerts/proposals.ts";
import { dayMs, formatDuration, type Ms } from "../../core/time.ts";
import { formatShare, parseShare, plural } from "../../core/units.ts";
import { readAlertsOrDefaults } from "../alert-files.ts";
import { type AlertAnalysis, analyzeAlerts } from "../analyze/alerts.ts";
import type { CommandContext } from "../context.ts";
import { analyzeK6Command } from "./analyze-k6.ts";
import { analyzeRunCommand } from "./analyze-run.ts";
import { analyzeUslCommand } from "./analyze-usl.ts";
import { parseCountFrom1, parseSeed } from "../options.ts";
import { readScaling } from "../scaling-input.ts";
import { readScenarioInput } from "../scenario-input.ts";

interface AlertOptions {
  readonly months: number;
  readonly every: number;
  readonly night?: number;
  readonly seed?: number;
  readonly json?: boolean;
}

/** A month is thirty days, as the period of an error budget is. */
const monthMs: Ms = 30 * dayMs;

export function analyzeCommand(context: CommandContext): Command {
  return new Command("analyze")
    .description("ask more of a scenario than one run tells")
    .addCommand(alertsCommand(context))
    .addCommand(analyzeRunCommand(context))
    .addCommand(analyzeUslCommand(context))
    .addCommand(analyzeK6Command(context))
    .addHelpText(
      "after",
      `
Examples:
  $ squall analyze alerts scenarios/launch-day.yaml
  $ squall analyze run squall-runs/mine
  $ squall analyze usl scenarios/steady-open.yaml --out usl.html
  $ squall analyze k6 scenarios/ten-users.yaml summary.json`,
    );
}

function alertsCommand({ terminal, interrupts }: CommandContext): Command {
  return new Command("alerts")
    .description("alerts over simulated months: detection, lead, misses, false pages; proposes limits")
    .argument("<scenario>", "scenario file (YAML)")
    .option("--months <n>", "length of the simulated time", parseCountFrom1(12), 1)
    .option("--every <days>", "mean days between two incidents", parseCountFrom1(30), 3)
    .option(
      "--night <share>",
      "traffic at night, of the scenario's, which is then the day's; unless given, alike",
      parseNight,
    )
    .option("--seed <number>", "seed in place of the scenario's own", parseSeed)
    .option("--json", "print one JSON document")
    .addHelpText(
      "after",
      `
Examples:
  $ squall analyze alerts scenarios/launch-day.yaml
  $ squall analyze alerts scenarios/launch-day.yaml --months 3 --json | jq .quality
  $ squall analyze alerts scenarios/launch-day.yaml --night 20%

Healthy traffic and each kind of incident are simulated once; their minutes, drawn from the seed, make the months. Everything
is measured once a minute.`,
    )
    .action(async (scenario: string, options: AlertOptions) => {
      const input = await readScenarioInput(scenario, { seed: options.seed }, interrupts.signal);
      const alerts = await readAlertsOrDefaults(input.scenario, scenario);
      const scaling = await readScaling(scenario, input.scenario.platform.scaling, undefined);
      const lengthMs = options.months * monthMs;
      const analysis = interrupts.whileBlocking(() =>
        analyzeAlerts(input, alerts, { lengthMs, everyMs: options.every * dayMs, scaling, night: options.night }),
      );
      terminal.out(options.json === true ? JSON.stringify(analysis) : inWords(analysis));
    });
}

/** Less at night than by day, and something. */
function parseNight(text: string): number {
  const share = parseShare(text);
  if (share !== undefined && share > 0 && share <= 1) return share;
  throw new InvalidArgumentError("needed is a share above 0, such as 20%.");
}

function inWords({ lengthMs, quality, proposals }: AlertAnalysis): string {
  const kinds = quality.kinds.map(({ name, incidents, noticed, missed, detectionMs, leadMs, firstBy }) => {
    const found = detectionMs === undefined ? "never paged" : `paged after ${formatDuration(detectionMs)}`;
    const lead = leadMs === undefined ? "" : `, ${leadInWords(leadMs)}`;
    const by = firstBy.length === 0 ? "" : `, first by ${firstBy.join(", ")}`;
    return `  ${name}: ${plural(incidents, "time")}, noticed by users ${noticed}, missed ${missed}; ${found}${lead}${by}`;
  });
  const culprits = quality.falsePagesBy.map(({ alert, pages }) => `${alert} ${pages}`).join(", ");
  const perWeek = Number(quality.falsePagesPerWeek.toFixed(2));
  const share = formatShare(quality.falseShare);
  return [
    `${formatDuration(lengthMs)} of simulated time`,
    ...kinds,
    `  false pages: ${perWeek} a week, firing for ${share} of the time without an incident${culprits === "" ? "" : ` (${culprits})`}`,
    "Limits",
    ...proposals.map((proposal) => `  ${proposalInWords(proposal)}`),
  ].join("\n");
}

function leadInWords(leadMs: Ms): string {
  if (leadMs === 0) return "in the minute in which users noticed";
  const time = formatDuration(Math.abs(leadMs));
  return leadMs > 0 ? `${time} before users noticed` : `${time} after users did`;
}

function proposalInWords({ alert, signal, limit, healthyMost, incidentMost, proposed, why }: LimitProposal): string {
  const seen =
    healthyMost === undefined || incidentMost === undefined
      ? ""
      : `, healthy up to ${digits(healthyMost)}, in incidents up to ${digits(incidentMost)}`;
  const advice = proposed === undefined ? "keep" : `propose ${digits(proposed)}`;
  return `${alert}: ${signal} > ${digits(limit)}${seen}: ${advice}, ${why}`;
}

function digits(value: number): string {
  return String(Number(value.toPrecision(3)));
}
