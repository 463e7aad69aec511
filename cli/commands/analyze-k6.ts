/** `squall analyze k6`: did a k6 that played a scenario meet its objectives? From the summary that it wrote. */
import path from "node:path";
import { Command } from "commander";
import { type Judgement, verdictOf } from "../../core/finding.ts";
import { type ExitCode, exitCodes } from "../../core/errors.ts";
import { readK6Summary } from "../../load/k6/summary.ts";
import { judgedLines, verdictLines } from "../../reports/judged-lines.ts";
import { paletteOf } from "../../reports/terminal-style.ts";
import { verdictInWords } from "../../reports/verdict.ts";
import { summaryFindings } from "../analyze/k6-summary.ts";
import type { CommandContext } from "../context.ts";
import { readInputFile } from "../input-file.ts";
import { readScenario } from "../scenario-input.ts";

const codes: Readonly<Record<Judgement, ExitCode>> = {
  pass: exitCodes.pass,
  fail: exitCodes.objectiveMissed,
  inconclusive: exitCodes.inconclusive,
};

export function analyzeK6Command(context: CommandContext): Command {
  return new Command("k6")
    .description("judge a scenario's objectives by the summary of a k6 that played it")
    .argument("<scenario>", "scenario that the k6 program was made from (YAML)")
    .argument("<summary>", "what k6 wrote: --summary-export FILE, or handleSummary")
    .option("--json", "print one JSON document")
    .addHelpText(
      "after",
      `
Examples:
  $ k6 run k6/ten-users.ts --summary-export summary.json -e SQUALL_TARGET=URL
  $ squall analyze k6 scenarios/ten-users.yaml summary.json

Both forms are read, the one of --new-machine-readable-summary too. What k6 does not measure by itself stays open; its log has
everything: squall import k6. Exit codes: 0 pass, 4 fail, 6 inconclusive.`,
    )
    .action(async (scenarioFile: string, summaryFile: string, options: { readonly json?: boolean }) => {
      const { terminal } = context;
      const { scenario } = await readScenario(scenarioFile);
      const summary = readK6Summary(await readInputFile(summaryFile), path.basename(summaryFile));
      const findings = summaryFindings(summary, scenario.objectives);
      const verdict = verdictOf(findings);
      if (options.json === true) {
        terminal.out(JSON.stringify({ verdict, scenario: scenario.name, k6: summary.version ?? null, findings }));
      } else {
        const { width } = terminal;
        const palette = paletteOf(terminal.colour);
        const lines = [...verdictLines(verdictInWords(findings), palette, width), ""];
        terminal.out([...lines, ...judgedLines(findings, palette, width)].join("\n"));
      }
      context.exit(codes[verdict]);
    });
}
