/** `squall report`: the pages of finished runs, made again from their folders. */
import path from "node:path";
import { Command, Option } from "commander";
import { analyze } from "../../analyzers/analyze.ts";
import { compareRuns } from "../../analyzers/fidelity.ts";
import { type SquallError, usageError } from "../../core/errors.ts";
import { invariant } from "../../core/invariant.ts";
import type { Run } from "../../core/run.ts";
import { parseScenario } from "../../core/scenario/parse.ts";
import { renderReport } from "../../reports/html/page.ts";
import { renderMarkdown } from "../../reports/markdown.ts";
import { outcomeJson } from "../../reports/outcome-json.ts";
import { renderStrategies } from "../../reports/strategies/page.ts";
import { renderStrategyMarkdown, renderStrategyTable, strategyRow } from "../../reports/strategies/rows.ts";
import { renderRun } from "../../reports/terminal.ts";
import { readRun } from "../../runs/reader.ts";
import type { CommandContext } from "../context.ts";
import type { RunOutcome } from "../live-and-simulated.ts";
import { writeOutputFile } from "../output-file.ts";

interface ReportOptions {
  readonly out?: string;
  readonly markdown?: boolean;
  readonly json?: boolean;
}

export function reportCommand(context: CommandContext): Command {
  return new Command("report")
    .description("make the report of a run from its folder; of several, put beside each other")
    .argument(
      "<runs...>",
      "run folders: one; a live run and the simulation of the same scenario; or simulations of one scenario under several scaling configs",
    )
    .option("--out <file>", "where the page goes; report.html in the first folder unless given")
    .addOption(new Option("--markdown", "print a Markdown summary instead of the verdict").conflicts("json"))
    .option("--json", "print one JSON document: that of the run, and where the page is")
    .addHelpText(
      "after",
      `
Examples:
  $ squall report squall-runs/ten-users
  $ squall report squall-runs/ten-users squall-runs/ten-users/simulated --out ten-users.html
  $ squall report squall-runs/ten-users --markdown >> "$GITHUB_STEP_SUMMARY"
  $ squall report squall-runs/manual squall-runs/cpu squall-runs/tokens --out strategies.html

Ends with 0 once the page is made, whatever the verdict.`,
    )
    .action(async (folders: readonly string[], options: ReportOptions) => {
      const { terminal } = context;
      const runs = await Promise.all(folders.map((folder) => readRun(folder)));
      const { width, colour } = terminal;
      if (runs.length > 1 && runs.every(({ manifest }) => manifest.kind === "simulated")) {
        assertComparable(runs);
        const file = path.resolve(terminal.cwd, options.out ?? "strategies.html");
        await writeOutputFile(file, await renderStrategies(runs));
        if (options.json === true) terminal.out(JSON.stringify({ strategies: runs.map(strategyRow), report: file }));
        else if (options.markdown === true) terminal.out(renderStrategyMarkdown(runs));
        else terminal.out(`${renderStrategyTable(runs, width)}\n\n${file}`);
        return;
      }
      const outcome = outcomeOf(runs, folders);
      const reportPath = options.out ?? path.join(folders[0] ?? ".", "report.html");
      const file = path.resolve(terminal.cwd, reportPath);
      await writeOutputFile(file, await renderReport(outcome));
      if (options.json === true) terminal.out(JSON.stringify({ ...outcomeJson(outcome), report: file }));
      else if (options.markdown === true) terminal.out(renderMarkdown(outcome));
      else terminal.out(renderRun({ ...outcome, reportPath }, { width, colour }));
    });
}

function outcomeOf(runs: readonly Run[], folders: readonly string[]): RunOutcome {
  if (runs.length > 2) {
    throw usageError(`a live run has one simulation beside it, ${runs.length - 1} were given`, {
      code: "usage",
      hint: "give a live run's folder and that of its simulation, or simulations only",
    });
  }
  const [first, second] = runs;
  invariant(first !== undefined, "commander asks for at least one folder");
  const scenario = parseScenario(first.manifest.scenarioText, `${folders[0]}/manifest.json`);
  if (second === undefined) return { run: first, findings: analyze(first, scenario), scenario };
  const [live, simulated]: readonly [Run, Run] = first.manifest.kind === "live" ? [first, second] : [second, first];
  if (simulated.manifest.kind === "live") throw notComparable("both runs are live");
  assertComparable(runs);
  return {
    run: live,
    findings: analyze(live, scenario),
    scenario,
    compared: { run: simulated, findings: analyze(simulated, scenario), fidelity: compareRuns(live, simulated) },
  };
}

/** The same scenario with the same seed. */
function assertComparable(runs: readonly Run[]): void {
  const [first] = runs;
  for (const { manifest } of runs) {
    if (manifest.scenarioText !== first?.manifest.scenarioText) {
      throw notComparable(`their scenarios differ (${first?.manifest.scenario}, ${manifest.scenario})`);
    }
    if (manifest.seed !== first.manifest.seed) {
      throw notComparable(`their seeds differ (${first.manifest.seed}, ${manifest.seed})`);
    }
  }
}

function notComparable(why: string): SquallError {
  return usageError(`these runs cannot be put beside each other: ${why}`, {
    code: "usage",
    hint: "give runs of one scenario with one seed: a live run and its simulation, or simulations only",
  });
}
