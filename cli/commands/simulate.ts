/** `squall simulate`: a scenario in virtual time. */
import { Command } from "commander";
import { analyze } from "../../analyzers/analyze.ts";
import type { Ms } from "../../core/time.ts";
import type { CommandContext } from "../context.ts";
import { parseSeed, parseWindow } from "../options.ts";
import { assertOutWritable, type OutputChoices, outputOptions, present } from "../presentation.ts";
import { readScaling } from "../scaling-input.ts";
import { readScenarioInput } from "../scenario-input.ts";
import { simulateScenario } from "../simulated-run.ts";

interface SimulateOptions extends OutputChoices {
  readonly trace?: string;
  readonly window?: readonly [Ms, Ms];
  readonly seed?: number;
  readonly gateway?: string;
  readonly scaling?: string;
}

export function simulateCommand(context: CommandContext): Command {
  const command = new Command("simulate")
    .description("play a scenario in virtual time, in a second")
    .argument("<scenario>", "scenario file (YAML)")
    .option("--trace <file>", "trace to replay, when the scenario asks for one")
    .option("--window <from..to>", "only this part of the trace, for example 0..5m", parseWindow)
    .option("--seed <number>", "seed in place of the scenario's own", parseSeed)
    .option("--gateway <name>", "gateway whose profile is played, in place of the scenario's own")
    .option(
      "--scaling <file>",
      "scaling config of any tool (HPA, KEDA, AWS, Azure, ...), in place of the scenario's own",
    );
  return outputOptions(command)
    .addHelpText(
      "after",
      `
Examples:
  $ squall simulate scenarios/ten-users.yaml
  $ squall simulate scenarios/replay-azure.yaml --trace trace.csv --json | jq .verdict
  $ squall simulate scenarios/ten-users.yaml --seed 8 --out squall-runs/seed-8
  $ squall simulate scenarios/launch-spike.yaml --scaling scenarios/scaling/token-hpa.yaml

Same files and same seed: the same bytes, in --json and in every file of --out.`,
    )
    .action(async (scenario: string, options: SimulateOptions) => {
      const { signal, whileBlocking } = context.interrupts;
      const input = await readScenarioInput(scenario, options, signal);
      const scaling = await readScaling(scenario, input.scenario.platform.scaling, options.scaling);
      await assertOutWritable(context, options);
      signal.throwIfAborted();
      const run = whileBlocking(() => simulateScenario(input, { gateway: options.gateway, timeScale: 1, scaling }));
      const findings = analyze(run, input.scenario);
      context.exit(await present(context, options, { run, findings, scenario: input.scenario }));
    });
}
