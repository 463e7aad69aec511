/**
 * Ends a command that judged a run: writes the run folder, prints the verdict (or one JSON document), and answers the exit code.
 */
import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import path from "node:path";
import type { Command } from "commander";
import type { Fidelity } from "../analyzers/fidelity.ts";
import type { FidelityOverRepeats } from "../analyzers/fidelity-repeats.ts";
import { type ExitCode, exitCodes, usageError } from "../core/errors.ts";
import { type Judgement, verdictOf } from "../core/finding.ts";
import { buildTimeline } from "../core/timeline.ts";
import { renderReport } from "../reports/html/page.ts";
import { outcomeJson } from "../reports/outcome-json.ts";
import { renderRun } from "../reports/terminal.ts";
import { runFiles } from "../runs/folder.ts";
import { readManifest } from "../runs/reader.ts";
import { openRunWriter, removeRun } from "../runs/writer.ts";
import type { CommandContext } from "./context.ts";
import type { RunOutcome } from "./live-and-simulated.ts";
import { writeOutputFile } from "./output-file.ts";

export interface OutputChoices {
  readonly json?: boolean;
  readonly out?: string;
}

/** The options that every command with a result has. */
export function outputOptions(command: Command): Command {
  return command
    .option("--json", "print one JSON document on standard output, progress on standard error")
    .option("--out <dir>", "write the run folder (records, timeline, findings, report.html) here, replacing a run");
}

/**
 * Finds out before any work whether the run can be written where `--out` says. Errors: those of `openRunWriter`, and
 * `out-not-ours` for a folder whose manifest.json is somebody else's: a run replaces only a run.
 */
export async function assertOutWritable({ terminal }: CommandContext, choices: OutputChoices): Promise<void> {
  if (choices.out === undefined) return;
  const folder = path.resolve(terminal.cwd, choices.out);
  for (const each of [folder, folderBeside(folder)]) await assertOurs(each);
  const writer = await openRunWriter(folder, { overwrite: true });
  await writer.abort("it was only asked whether it could be");
}

async function assertOurs(folder: string): Promise<void> {
  const file = path.join(folder, runFiles.manifest);
  if (!existsSync(file)) return;
  await readManifest(folder).catch((cause: unknown) => {
    throw usageError(`${file} is not the manifest of a run that this Squall could replace`, {
      code: "out-not-ours",
      hint: "give another folder with --out",
      cause,
    });
  });
}

/** Where the simulation beside a live run lies. */
function folderBeside(folder: string): string {
  return path.join(folder, "simulated");
}

/** Writes, prints, and answers the exit code that the verdict asks for. A verdict that cannot be written is still printed. */
export async function present(
  { terminal, interrupts }: CommandContext,
  choices: OutputChoices,
  outcome: RunOutcome,
): Promise<ExitCode> {
  const { width, colour } = terminal;
  const print = (reportPath?: string): void =>
    terminal.out(renderRun({ ...outcome, ...(reportPath === undefined ? {} : { reportPath }) }, { width, colour }));
  try {
    if (choices.out !== undefined) await writeRunFolder(path.resolve(terminal.cwd, choices.out), outcome);
  } catch (cause) {
    if (choices.json !== true) print();
    throw cause;
  }
  if (choices.json === true) terminal.out(JSON.stringify(outcomeJson(outcome)));
  else print(choices.out === undefined ? undefined : path.join(choices.out, "report.html"));
  if (interrupts.signal.aborted) return exitCodes.interrupted;
  return exitCodeOf(verdictOf(outcome.findings));
}

/** The exit code that a verdict asks for. */
export function exitCodeOf(verdict: Judgement): ExitCode {
  return { pass: exitCodes.pass, fail: exitCodes.objectiveMissed, inconclusive: exitCodes.inconclusive }[verdict];
}

/** Writes the folder of the run, and of the simulation beside it under `simulated/`, with `fidelity.json`: how far the two are apart. */
export async function writeRunFolder(folder: string, outcome: RunOutcome): Promise<void> {
  const { compared, scenario } = outcome;
  await writeRun(folder, outcome);
  // Those of an earlier run must not stay beside this one.
  await removeSimulation(folder);
  if (compared === undefined) return;
  await writeRun(folderBeside(folder), { run: compared.run, findings: compared.findings, scenario });
  await writeFidelity(folder, compared.fidelity);
}

/** Writes how far a run, or several, and the simulation beside them are apart. */
export async function writeFidelity(folder: string, fidelity: Fidelity | FidelityOverRepeats): Promise<void> {
  await writeOutputFile(fidelityFileOf(folder), `${JSON.stringify(fidelity, null, 2)}\n`);
}

/** Removes the simulation beside a run, and how far the two are apart. */
export async function removeSimulation(folder: string): Promise<void> {
  await rm(fidelityFileOf(folder), { force: true });
  await removeRun(folderBeside(folder));
}

function fidelityFileOf(folder: string): string {
  return path.join(folderBeside(folder), "fidelity.json");
}

async function writeRun(folder: string, outcome: RunOutcome): Promise<void> {
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
