/** `squall report`: the pages of finished runs, made again from their folders. */
import path from "node:path";
import { Command, Option } from "commander";
import { analyze } from "../../analyzers/analyze.ts";
import { compareRuns } from "../../analyzers/fidelity.ts";
import { usageError } from "../../core/errors.ts";
import { invariant } from "../../core/invariant.ts";
import type { Run } from "../../core/run.ts";
import { parseScenario } from "../../core/scenario/parse.ts";
import { renderReport } from "../../reports/html/page.ts";
import { renderMarkdown } from "../../reports/markdown.ts";
import { renderRun } from "../../reports/terminal.ts";
import { readRun } from "../../runs/reader.ts";
import type { CommandContext } from "../context.ts";
import type { RunOutcome } from "../live-and-simulated.ts";
import { writeOutputFile } from "../output-file.ts";
import { outcomeJson } from "../presentation.ts";

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
    .addOption(new Option("--markdown", "print a Markdown summary instead of the verdict").conflicts("json"))
    .option("--json", "print one JSON document: that of the run, and where the page is")
    .addHelpText(
      "after",
      `
Examples:
  $ squall report squall-runs/ten-users
  $ squall report squall-runs/ten-users squall-runs/ten-users/simulated --out ten-users.html
  $ squall report squall-runs/ten-users --markdown >> "$GITHUB_STEP_SUMMARY"

Ends with 0 once the page is made, whatever the verdict.`,
    )
    .action(async (folders: readonly string[], options: ReportOptions) => {
      const { terminal } = context;
      const outcome = await readOutcome(folders);
      const reportPath = options.out ?? path.join(folders[0] ?? ".", "report.html");
      const file = path.resolve(terminal.cwd, reportPath);
      await writeOutputFile(file, await renderReport(outcome));
      const { width, colour } = terminal;
      if (options.json === true) terminal.out(JSON.stringify({ ...outcomeJson(outcome), report: file }));
      else if (options.markdown === true) terminal.out(renderMarkdown(outcome));
      else terminal.out(renderRun({ ...outcome, reportPath }, { width, colour }));
    });
}

async function readOutcome(folders: readonly string[]): Promise<RunOutcome> {
  if (folders.length > 2) {
    throw usageError(`a report is about one run or two, ${folders.length} were given`, {
      code: "usage",
      hint: "give a run folder, or a live run's folder and that of its simulation",
    });
  }
  const [first, second] = await Promise.all(folders.map((folder) => readRun(folder)));
  invariant(first !== undefined, "commander asks for at least one folder");
  const scenario = parseScenario(first.manifest.scenarioText, `${folders[0]}/manifest.json`);
  if (second === undefined) return { run: first, findings: analyze(first, scenario), scenario };
  const [live, simulated]: readonly [Run, Run] = first.manifest.kind === "live" ? [first, second] : [second, first];
  assertComparable(live, simulated);
  return {
    run: live,
    findings: analyze(live, scenario),
    scenario,
    compared: { run: simulated, findings: analyze(simulated, scenario), fidelity: compareRuns(live, simulated) },
  };
}

function assertComparable(live: Run, simulated: Run): void {
  const [one, other] = [live.manifest, simulated.manifest];
  const difference =
    one.kind === other.kind
      ? `both runs are ${one.kind}`
      : one.scenarioText !== other.scenarioText
        ? `their scenarios differ (${one.scenario}, ${other.scenario})`
        : one.seed !== other.seed
          ? `their seeds differ (${one.seed}, ${other.seed})`
          : undefined;
  if (difference === undefined) return;
  throw usageError(`these runs cannot be put beside each other: ${difference}`, {
    code: "usage",
    hint: "give the folder of a live run and that of its simulation, same scenario and seed",
  });
}
