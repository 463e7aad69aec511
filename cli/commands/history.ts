/** `squall history`: how the metrics went from run to run, and where they moved for good. */
import path from "node:path";
import { Command } from "commander";
import { historyOf } from "../../analyzers/regression/history.ts";
import { renderHistory } from "../../reports/history.ts";
import type { CommandContext } from "../context.ts";
import { readRunsByName } from "../gate-runs.ts";

export function historyCommand(context: CommandContext): Command {
  return new Command("history")
    .description("how metrics went from run to run, and the runs with which they moved for good")
    .argument("<folder>", "folder of run folders; their names, in order, are the order of the runs")
    .option("--json", "print one JSON document on standard output")
    .addHelpText(
      "after",
      `
Examples:
  $ squall simulate scenarios/ten-users.yaml --out history/2026-11-21-4f2c1d
  $ squall history history
  $ squall history history --json | jq '.metrics[] | select(.changes != [])'

Change points are found by E-divisive with permutations, so one odd run is none: three runs on either side are the fewest.`,
    )
    .action(async (folder: string, options: { readonly json?: boolean }) => {
      const { terminal } = context;
      const named = await readRunsByName(path.resolve(terminal.cwd, folder));
      const names = named.map(({ name }) => name);
      const metrics = historyOf(named.map(({ run }) => run));
      if (options.json === true) terminal.out(JSON.stringify({ runs: names, metrics }));
      else terminal.out(renderHistory(metrics, names, { width: terminal.width, colour: terminal.colour }));
    });
}
