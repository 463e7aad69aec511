/** `squall export chaostoolkit`: a drill as an experiment of the Chaos Toolkit. */
import path from "node:path";
import { Command } from "commander";
import { experimentFrom } from "../../runbooks/engine/chaostoolkit-export.ts";
import { parseRunbook } from "../../runbooks/engine/parse.ts";
import type { CommandContext } from "../context.ts";
import { readInputFile } from "../input-file.ts";
import { writeOutputFile } from "../output-file.ts";

export function exportChaosToolkitCommand({ terminal }: CommandContext): Command {
  return new Command("chaostoolkit")
    .description("a runbook's drill as a Chaos Toolkit experiment")
    .argument("<runbook>", "runbook (Markdown)")
    .option("--out <file>", "write it here instead of standard output")
    .addHelpText(
      "after",
      `
Examples:
  $ squall export chaostoolkit runbooks/provider-outage.md --out experiment.json

What an experiment cannot say is named on standard error.`,
    )
    .action(async (file: string, options: { readonly out?: string }) => {
      const runbook = parseRunbook(await readInputFile(path.resolve(terminal.cwd, file)), file);
      const { experiment, lost } = experimentFrom(runbook, file);
      for (const what of lost) terminal.err(`squall: not carried over: ${what}`);
      const text = `${JSON.stringify(experiment, undefined, 2)}\n`;
      if (options.out === undefined) terminal.out(text.trimEnd());
      else await writeOutputFile(path.resolve(terminal.cwd, options.out), text);
    });
}
