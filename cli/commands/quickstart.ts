/**
 * `squall quickstart`, which is what `npm start` runs: the whole idea in one minute. Ten people chat through a real gateway, live;
 * then the same scenario in virtual time; then the verdict, the error between the two, the bill and the report.
 */
import path from "node:path";
import { Command } from "commander";
import { runAndCompare } from "../live-and-simulated.ts";
import type { CommandContext } from "../context.ts";
import { packageFile } from "../package-root.ts";
import { present } from "../presentation.ts";
import { startProgress } from "../progress.ts";
import { readScenarioInput } from "../scenario-input.ts";

const scenarioFile = "scenarios/ten-users.yaml";
const outFolder = path.join("squall-runs", "ten-users");

export function quickstartCommand(context: CommandContext): Command {
  return new Command("quickstart")
    .description("ten users through a real gateway, live and simulated, with a verdict: the whole idea in a minute")
    .option("--json", "print one JSON document on standard output, progress on standard error")
    .addHelpText(
      "after",
      "\nExamples:\n  $ squall quickstart\n  $ npm start                  the same, from a fresh clone",
    )
    .action(async (options: { readonly json?: boolean }) => {
      const input = await readScenarioInput(packageFile(scenarioFile), {});
      const progress = startProgress(context.terminal);
      const outcome = await runAndCompare(
        input,
        { engine: "native", timeScale: 1, simulation: true },
        context,
        progress,
      );
      context.exit(await present(context.terminal, { ...options, out: outFolder }, outcome));
      if (options.json !== true && !context.interrupts.signal.aborted) context.terminal.out(nextSteps);
    });
}

const nextSteps = `
Try next:
  npx squall simulate scenarios/steady-open.yaml            another scenario, in virtual time
  npx squall run scenarios/ten-users.yaml --gateway direct  the same ten people without a gateway
  npx squall mock --port 9100                               an OpenAI to develop against, without a bill`;
