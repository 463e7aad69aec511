/**
 * Ends a command that judged a run: writes the run folder, prints the verdict (or one JSON document), and answers the exit code.
 */
import path from "node:path";
import type { Command } from "commander";
import { exitCodes } from "../core/errors.ts";
import { verdictOf } from "../core/finding.ts";
import { buildTimeline } from "../core/timeline.ts";
import { renderReport } from "../reports/html/page.ts";
import { renderRun } from "../reports/terminal.ts";
import { openRunWriter } from "../runs/writer.ts";
import type { RunOutcome } from "./live-and-simulated.ts";
import type { Terminal } from "./terminal.ts";

export interface OutputChoices {
  readonly json?: boolean;
  readonly out?: string;
}

/** The options that every command with a result has. */
export function outputOptions(command: Command): Command {
  return command
    .option("--json", "print one JSON document on standard output, progress on standard error")
    .option("--out <dir>", "write the run folder (records, timeline, findings, report.html) here");
}

/** Writes, prints, and answers the exit code that the verdict asks for. */
export async function present(terminal: Terminal, choices: OutputChoices, outcome: RunOutcome): Promise<number> {
  const verdict = verdictOf(outcome.findings);
  if (choices.out !== undefined) await writeRunFolder(path.resolve(terminal.cwd, choices.out), outcome);
  if (choices.json === true) terminal.out(JSON.stringify(asJson(outcome)));
  else {
    terminal.out(
      renderRun(
        {
          ...outcome,
          ...(choices.out === undefined ? {} : { reportPath: path.join(choices.out, "report.html") }),
        },
        { width: terminal.width, colour: terminal.colour },
      ),
    );
  }
  if (outcome.run.manifest.status === "interrupted") return exitCodes.interrupted;
  return { pass: exitCodes.pass, fail: exitCodes.objectiveMissed, inconclusive: exitCodes.inconclusive }[verdict];
}

/** One document: what ran, the verdict, every finding, and the comparison where there is one. */
function asJson(outcome: RunOutcome): object {
  const { scenarioText: _scenarioText, ...manifest } = outcome.run.manifest;
  return {
    verdict: verdictOf(outcome.findings),
    findings: outcome.findings,
    run: manifest,
    events: outcome.run.events,
    ...(outcome.compared === undefined
      ? {}
      : {
          simulated: { verdict: verdictOf(outcome.compared.findings), findings: outcome.compared.findings },
          fidelity: outcome.compared.fidelity,
        }),
  };
}

/** Writes the folder of the run, and of the simulation beside it under `simulated/`. */
async function writeRunFolder(folder: string, outcome: RunOutcome): Promise<void> {
  if (outcome.compared !== undefined) {
    const { run, findings } = outcome.compared;
    await writeOne(path.join(folder, "simulated"), { run, findings, scenario: outcome.scenario });
  }
  await writeOne(folder, outcome);
}

async function writeOne(folder: string, outcome: RunOutcome): Promise<void> {
  const { run, findings } = outcome;
  const timeline = buildTimeline(run.records, run.manifest.durationMs);
  const reportHtml = await renderReport(outcome);
  const writer = await openRunWriter(folder, { overwrite: true });
  try {
    for (const record of run.records) await writer.record(record);
    for (const event of run.events) await writer.event(event);
    await writer.finish({ manifest: run.manifest, timeline, findings, reportHtml });
  } catch (cause) {
    await writer.abort(String(cause));
    throw cause;
  }
}
