/** `squall run`: a scenario for real, against a real gateway and mocked providers, beside its own simulation. */
import { Command } from "commander";
import type { CommandContext } from "../context.ts";
import { runAndCompare } from "../live-and-simulated.ts";
import { parseSeed, parseTimeScale } from "../options.ts";
import { type OutputChoices, outputOptions, present } from "../presentation.ts";
import { startProgress } from "../progress.ts";
import { readScenarioInput } from "../scenario-input.ts";

interface RunOptions extends OutputChoices {
  readonly trace?: string;
  readonly window?: string;
  readonly seed?: number;
  readonly gateway?: string;
  readonly engine: string;
  readonly timeScale: number;
  readonly simulation: boolean;
}

export function runCommand(context: CommandContext): Command {
  const command = new Command("run")
    .description("play a scenario for real: real gateway, mocked providers, wall time")
    .argument("<scenario>", "scenario file (YAML)")
    .option(
      "--gateway <name|url>",
      "portkey, direct (no gateway) or the URL of any gateway; the scenario's own unless given",
    )
    .option("--engine <name>", "load engine: native", "native")
    .option("--trace <file>", "trace to replay, when the scenario asks for one")
    .option("--window <from..to>", "only this part of the trace, for example 0..5m")
    .option("--time-scale <factor>", "play the scenario's world this many times as fast", parseTimeScale, 1)
    .option("--seed <number>", "seed in place of the scenario's own", parseSeed)
    .option("--no-simulation", "do not simulate the same scenario beside it");
  return outputOptions(command)
    .addHelpText(
      "after",
      `
Examples:
  $ squall run scenarios/ten-users.yaml
  $ squall run scenarios/ten-users.yaml --gateway direct
  $ squall run scenarios/replay-azure.yaml --trace trace.csv --window 0..5m --time-scale 10

The providers are Squall's own mocks on this machine: no request leaves it and nothing is billed.`,
    )
    .action(async (scenario: string, options: RunOptions) => {
      const input = await readScenarioInput(scenario, options);
      const progress = startProgress(context.terminal);
      const outcome = await runAndCompare(input, options, context, progress);
      context.exit(await present(context.terminal, options, outcome));
    });
}
