/** `squall report`: the pages of finished runs, made again from their folders. */
import { writeFile } from "node:fs/promises";
import path from "node:path";
import { Command } from "commander";
import { analyze } from "../../analyzers/analyze.ts";
import { compareRuns } from "../../analyzers/fidelity.ts";
import { usageError } from "../../core/errors.ts";
import { verdictOf } from "../../core/finding.ts";
import type { Run } from "../../core/run.ts";
import { parseScenario } from "../../core/scenario/parse.ts";
import { renderReport } from "../../reports/html/page.ts";
import { renderMarkdown } from "../../reports/markdown.ts";
import { renderRun } from "../../reports/terminal.ts";
import { readRun } from "../../runs/reader.ts";
import type { CommandContext } from "../context.ts";
import type { RunOutcome } from "../live-and-simulated.ts";

interface ReportOptions {
  readonly out?: string;
  readonly markdown?: boolean;
  readonly json?: boolean;
}

export function reportCommand(context: CommandContext): Command {
  return new Command("report")
    .description("make the report of a run from its folder; with a second run, live beside simulated")
    .argument("<runs...>", "run folders: one, or a live run and the simulation of the same scenario")
    .option("--out <file>", "where the page goes; report.html in the first folder unless given")
    .option("--markdown", "print a Markdown summary instead of the verdict")
    .option("--json", "print the findings as one JSON document")
    .addHelpText(
      "after",
      `
Examples:
  $ squall report squall-runs/ten-users-live
  $ squall report squall-runs/ten-users-live squall-runs/ten-users-live/simulated --out ten-users.html
  $ squall report squall-runs/ten-users-live --markdown >> "$GITHUB_STEP_SUMMARY"`,
    )
    .action(async (folders: readonly string[], options: ReportOptions) => {
      const outcome = await readOutcome(folders);
      const verdict = verdictOf(outcome.findings);
      const file = path.resolve(context.terminal.cwd, options.out ?? path.join(folders[0] ?? ".", "report.html"));
      await writeFile(file, await renderReport(outcome));
      if (options.json === true) {
        context.terminal.out(
          JSON.stringify({ verdict, findings: outcome.findings, fidelity: outcome.compared?.fidelity, report: file }),
        );
      } else if (options.markdown === true) {
        context.terminal.out(renderMarkdown(outcome));
      } else {
        const { width, colour } = context.terminal;
        context.terminal.out(renderRun({ ...outcome, reportPath: file }, { width, colour }));
      }
    });
}

async function readOutcome(folders: readonly string[]): Promise<RunOutcome> {
  const [first, second, ...others] = await Promise.all(folders.map((folder) => readRun(folder)));
  if (first === undefined || others.length > 0) {
    throw usageError(`a report is about one run or two, ${folders.length} were given`, {
      code: "usage",
      hint: "give a run folder, or a live run's folder and that of its simulation",
    });
  }
  const scenario = parseScenario(first.manifest.scenarioText, `${folders[0]}/manifest.json`);
  const findings = analyze(first, scenario);
  if (second === undefined) return { run: first, findings, scenario };
  const [live, simulated]: readonly [Run, Run] = first.manifest.kind === "live" ? [first, second] : [second, first];
  if (live.manifest.kind === simulated.manifest.kind) {
    throw usageError(`both runs are ${live.manifest.kind}; live beside simulated needs one of each`, {
      code: "usage",
      hint: "give the folder of a live run and that of its simulation",
    });
  }
  return {
    run: live,
    findings: analyze(live, scenario),
    scenario,
    compared: { run: simulated, findings: analyze(simulated, scenario), fidelity: compareRuns(live, simulated) },
  };
}
