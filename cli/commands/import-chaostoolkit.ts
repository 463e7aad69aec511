/** `squall import chaostoolkit`: an experiment of the Chaos Toolkit as a runbook. */
import path from "node:path";
import { Command } from "commander";
import { readYaml } from "../../core/scenario/yaml-document.ts";
import { runbookFromExperiment } from "../../runbooks/engine/chaostoolkit-import.ts";
import type { CommandContext } from "../context.ts";
import { readInputFile } from "../input-file.ts";
import { writeOutputFile } from "../output-file.ts";

export function importChaosToolkitCommand({ terminal }: CommandContext): Command {
  return new Command("chaostoolkit")
    .description("a Chaos Toolkit experiment as a runbook")
    .argument("<file>", "experiment (JSON or YAML)")
    .option("--out <file>", "write it here instead of standard output")
    .addHelpText(
      "after",
      `
Examples:
  $ squall import chaostoolkit experiment.json --out runbooks/imported.md

What could not be carried over is named on standard error.`,
    )
    .action(async (file: string, options: { readonly out?: string }) => {
      const { data } = readYaml(await readInputFile(path.resolve(terminal.cwd, file)), file);
      const { markdown, lost } = runbookFromExperiment(data, file);
      for (const what of lost) terminal.err(`squall: not carried over: ${what}`);
      if (options.out === undefined) terminal.out(markdown.trimEnd());
      else await writeOutputFile(path.resolve(terminal.cwd, options.out), markdown);
    });
}
