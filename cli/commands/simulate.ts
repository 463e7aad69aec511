/** `squall simulate`: a scenario in virtual time. */
import { availableParallelism } from "node:os";
import { Command } from "commander";
import { analyze } from "../../analyzers/analyze.ts";
import { withCauses } from "../../analyzers/causes.ts";
import { warmUpFindings } from "../../analyzers/warm-up.ts";
import { usageError } from "../../core/errors.ts";
import type { Ms } from "../../core/time.ts";
import { renderTotals } from "../../reports/totals.ts";
import { renderReplications } from "../../reports/replications.ts";
import { withAlerts } from "../alert-files.ts";
import type { CommandContext } from "../context.ts";
import { parseCountFrom1, parsePrecision, parseSeed, parseWindow } from "../options.ts";
import { findingsOfReplications } from "../plan/replicated-run.ts";
import { assertOutWritable, type OutputChoices, outputOptions, present } from "../presentation.ts";
import { startProgress } from "../progress.ts";
import { readScaling } from "../scaling-input.ts";
import { readScenarioInput } from "../scenario-input.ts";
import { simulateScenario, simulateTotals } from "../simulated-run.ts";
import { keepYoungHeapSmall } from "../young-heap.ts";

interface SimulateOptions extends OutputChoices {
  readonly trace?: string;
  readonly window?: readonly [Ms, Ms];
  readonly seed?: number;
  readonly prices?: string;
  readonly gateway?: string;
  readonly scaling?: string;
  readonly replications?: number;
  readonly untilPrecise?: number;
  readonly totals?: boolean;
}

/** Replications that `--until-precise` may take, unless `--replications` says how many. */
const replicationsMost = 100;

export function simulateCommand(context: CommandContext): Command {
  const command = new Command("simulate")
    .description("play a scenario in virtual time, in a second")
    .argument("<scenario>", "scenario file (YAML)")
    .option("--trace <file>", "trace to replay, when the scenario asks for one")
    .option("--window <from..to>", "only this part of the trace, for example 0..5m", parseWindow)
    .option("--prices <file>", "prices in LiteLLM's format, in place of the scenario's file")
    .option("--seed <number>", "seed in place of the scenario's own", parseSeed)
    .option("--gateway <name>", "gateway whose profile is played, in place of the scenario's own")
    .option(
      "--scaling <file>",
      "scaling config of any tool (HPA, KEDA, AWS, Azure, ...), in place of the scenario's own",
    )
    .option(
      "--replications <n>",
      "simulate so many times, each with a seed of its own; figures get intervals",
      parseCountFrom1(1_000),
    )
    .option(
      "--until-precise <share>",
      "replicate until every headline figure is known this well, such as 2%",
      parsePrecision,
    )
    .option("--totals", "keep no records: totals and percentiles only, for runs of any length; nothing is judged");
  return outputOptions(command)
    .addHelpText(
      "after",
      `
Examples:
  $ squall simulate scenarios/ten-users.yaml
  $ squall simulate scenarios/replay-azure.yaml --trace trace.csv --json | jq .verdict
  $ squall simulate scenarios/ten-users.yaml --seed 8 --out squall-runs/seed-8
  $ squall simulate scenarios/launch-spike.yaml --scaling scenarios/scaling/token-hpa.yaml
  $ squall simulate scenarios/small-launch.yaml --until-precise 5%
  $ squall simulate scenarios/steady-open.yaml --totals

Same files and same seed: the same bytes, in --json and in every file of --out.`,
    )
    .action((scenario: string, options: SimulateOptions) => simulateAndPresent(context, scenario, options));
}

async function simulateAndPresent(context: CommandContext, scenario: string, options: SimulateOptions): Promise<void> {
  const { signal, whileBlocking } = context.interrupts;
  if (options.totals === true) assertTotalsOnly(options);
  const input = await readScenarioInput(scenario, options, signal);
  const scaling = await readScaling(scenario, input.scenario.platform.scaling, options.scaling);
  await assertOutWritable(context, options);
  signal.throwIfAborted();
  if (options.totals === true) {
    const choices = { gateway: options.gateway, timeScale: 1, scaling };
    keepYoungHeapSmall();
    printTotals(
      context,
      options,
      whileBlocking(() => simulateTotals(input, choices)),
    );
    return;
  }
  const run = whileBlocking(() => {
    const played = simulateScenario(input, { gateway: options.gateway, timeScale: 1, scaling, explain: true });
    return withCauses(withAlerts(played, input));
  });
  const first = analyze(run, input.scenario);
  const { replications, untilPrecise } = options;
  if (replications === undefined && untilPrecise === undefined) {
    context.exit(await present(context, options, { run, findings: first, scenario: input.scenario }));
    return;
  }
  const progress = startProgress(context.terminal);
  progress.step("replications");
  const findings = await findingsOfReplications(input, [...first, ...warmUpFindings(run)], {
    replications: replications ?? replicationsMost,
    precision: untilPrecise,
    gateway: options.gateway,
    scaling,
    workers: availableParallelism(),
    signal,
    onProgress: (done) => progress.detail(`${done} played`),
  });
  progress.done();
  const exitCode = await present(context, options, { run, findings, scenario: input.scenario });
  if (options.json !== true) context.terminal.out(renderReplications(findings, context.terminal));
  context.exit(exitCode);
}

/** Without records there is nothing to write to a folder, and nothing to replicate. */
function assertTotalsOnly({ out, replications, untilPrecise }: SimulateOptions): void {
  if (out === undefined && replications === undefined && untilPrecise === undefined) return;
  throw usageError(
    "--totals keeps no records, so --out, --replications and --until-precise have nothing to work with",
    {
      code: "totals-only",
      hint: "leave out --totals, or leave the others out and take --json",
    },
  );
}

function printTotals(
  { terminal }: CommandContext,
  { json }: SimulateOptions,
  { manifest, events, totals }: ReturnType<typeof simulateTotals>,
): void {
  const { scenarioText: _scenarioText, ...run } = manifest;
  if (json === true) terminal.out(JSON.stringify({ totals, run, events }));
  else terminal.out(renderTotals(manifest.scenario, manifest.durationMs, totals, terminal));
}
