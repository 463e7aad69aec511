/**
 * `squall quickstart`, which is what `npm start` runs: the whole idea in one minute. Ten people chat through a real gateway, live;
 * then the same scenario in virtual time; then the verdict, the error between the two, the bill and the report.
 */
import path from "node:path";
import { Command } from "commander";
import type { CommandContext } from "../context.ts";
import { runAndCompare } from "../live-and-simulated.ts";
import { gatewayReadyMs } from "../live/run.ts";
import { packageFile } from "../package-root.ts";
import { assertOutWritable, type OutputChoices, present } from "../presentation.ts";
import { startProgress } from "../progress.ts";
import { readScenarioInput } from "../scenario-input.ts";

const scenarioFile = "scenarios/ten-users.yaml";
const outFolder = path.join("squall-runs", "ten-users");

export function quickstartCommand(context: CommandContext): Command {
  return new Command("quickstart")
    .description("ten users through a real gateway, live and simulated, with a verdict: the whole idea in a minute")
    .option("--json", "print one JSON document on standard output, progress on standard error")
    .option("--out <dir>", "write the run folder here, replacing a run", outFolder)
    .addHelpText(
      "after",
      `
Examples:
  $ squall quickstart
  $ npm start                  the same, from a fresh clone

It plays scenarios/ten-users.yaml.`,
    )
    .action(async (options: OutputChoices) => {
      const { terminal, interrupts } = context;
      const input = await readScenarioInput(packageFile(scenarioFile), {}, interrupts.signal);
      await assertOutWritable(context, options);
      const choices = { timeScale: 1, mockPort: 0, readyTimeout: gatewayReadyMs, simulation: true };
      const outcome = await runAndCompare(input, choices, context, startProgress(terminal));
      context.exit(await present(context, options, outcome));
      if (options.json !== true && !interrupts.signal.aborted) terminal.out(nextSteps(terminal.cwd));
    });
}

/** Three commands to try next, with the scenarios where they lie seen from here. */
function nextSteps(cwd: string): string {
  const steady = path.relative(cwd, packageFile("scenarios/steady-open.yaml"));
  const tenUsers = path.relative(cwd, packageFile(scenarioFile));
  const steps = [
    [`npx squall simulate ${steady}`, "another scenario, in virtual time"],
    [`npx squall run ${tenUsers} --gateway direct`, "the same ten people without a gateway"],
    ["npx squall mock --port 9100", "an OpenAI to develop against, without a bill"],
  ] as const;
  const width = Math.max(...steps.map(([command]) => command.length));
  return ["Try next:", ...steps.map(([command, why]) => `  ${command.padEnd(width)}  ${why}`)].join("\n");
}
