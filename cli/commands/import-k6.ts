/** `squall import k6`: what k6 printed, on one machine or in many pods, as a run. */
import path from "node:path";
import { Command } from "commander";
import { analyze } from "../../analyzers/analyze.ts";
import type { Ms } from "../../core/time.ts";
import type { CommandContext } from "../context.ts";
import { runOfK6Logs } from "../k6-logs.ts";
import { parseSeed, parseTimeScale, parseWindow } from "../options.ts";
import { assertOutWritable, type OutputChoices, outputOptions, present } from "../presentation.ts";
import { readScenarioInput } from "../scenario-input.ts";

interface ImportK6Options extends OutputChoices {
  readonly trace?: string;
  readonly window?: readonly [Ms, Ms];
  readonly seed?: number;
  readonly timeScale: number;
  readonly gateway: string;
}

export function importK6Command(context: CommandContext): Command {
  const command = new Command("k6")
    .description("make a run of what k6 printed, on one machine or in many pods")
    .argument("<scenario>", "scenario file that the k6 program was made from (YAML)")
    .argument("<logs...>", "one log for each instance of k6")
    .option("--gateway <name>", "what the load went to, for the report", "unknown")
    .option("--trace <file>", "trace that was replayed")
    .option("--window <from..to>", "part of the trace that was replayed", parseWindow)
    .option("--time-scale <factor>", "time scale that the program was made with", parseTimeScale, 1)
    .option("--seed <number>", "seed that the program was made with", parseSeed);
  return outputOptions(command)
    .addHelpText(
      "after",
      `
Examples:
  $ SQUALL_LINES=on k6 run --log-format=raw --log-output=stdout k6/ten-users.ts -e SQUALL_TARGET=URL > k6.log
  $ squall import k6 scenarios/ten-users.yaml k6.log --out run
  $ squall import k6 scenarios/steady-open.yaml pods/*.log --out run

Costs and upstream calls are not in it: only the mocks know them. The merged logs are judged as one run.`,
    )
    .action(async (scenarioFile: string, logs: readonly string[], options: ImportK6Options) => {
      const { terminal, interrupts } = context;
      const input = await readScenarioInput(scenarioFile, options, interrupts.signal);
      await assertOutWritable(context, options);
      const files = logs.map((log) => path.resolve(terminal.cwd, log));
      const run = await runOfK6Logs(input, files, options, interrupts.signal);
      const { scenario } = input;
      context.exit(await present(context, options, { run, findings: analyze(run, scenario), scenario }));
    });
}
