/** Ends a gate: prints the verdict, writes what CI systems read, and answers the exit code. */
import { appendFile } from "node:fs/promises";
import path from "node:path";
import type { GateOutcome } from "../analyzers/gate.ts";
import { type ExitCode, exitCodes } from "../core/errors.ts";
import { githubAnnotations } from "../reports/gate/annotations.ts";
import { renderJunit } from "../reports/gate/junit.ts";
import { renderGateMarkdown } from "../reports/gate/markdown.ts";
import { renderGatePage } from "../reports/gate/page.ts";
import { renderGate } from "../reports/gate/terminal.ts";
import { topFacts } from "../reports/gate/words.ts";
import { asUserError } from "../runs/partial-file.ts";
import type { CommandContext } from "./context.ts";
import { writeOutputFile } from "./output-file.ts";
import { exitCodeOf } from "./presentation.ts";

export interface GateOutput {
  readonly json?: boolean;
  readonly junit?: string;
  readonly summary?: string;
  readonly report?: string;
}

/** `scenarioFile` is what JUnit and annotations point at. */
export async function presentGate(
  { terminal, interrupts }: CommandContext,
  output: GateOutput,
  outcome: GateOutcome,
  scenarioFile: string,
): Promise<ExitCode> {
  const { cwd, env, width, colour } = terminal;
  const file = path.relative(cwd, path.resolve(cwd, scenarioFile));
  if (output.json === true) terminal.out(JSON.stringify(gateJson(outcome)));
  else terminal.out(renderGate(outcome, { width, colour }));
  if (env["GITHUB_ACTIONS"] === "true") for (const line of githubAnnotations(outcome, file)) terminal.err(line);
  if (output.junit !== undefined) await writeOutputFile(path.resolve(cwd, output.junit), renderJunit(outcome, file));
  if (output.report !== undefined)
    await writeOutputFile(path.resolve(cwd, output.report), await renderGatePage(outcome));
  if (output.summary !== undefined)
    await writeSummary(path.resolve(cwd, output.summary), renderGateMarkdown(outcome), env);
  if (interrupts.signal.aborted) return exitCodes.interrupted;
  return exitCodeOf(outcome.verdict);
}

/** One document: the verdict, the facts behind it, every judgement. */
export function gateJson(outcome: GateOutcome): object {
  const { scenario, verdict, obstacles, objectives, comparisons, changed, candidate, baseline } = outcome;
  return {
    scenario,
    verdict,
    facts: verdict === "pass" ? [] : topFacts(outcome),
    changed,
    objectives: [...obstacles, ...objectives],
    comparisons,
    runs: {
      candidate: candidate.map(({ manifest }) => brief(manifest)),
      baseline: baseline.map(({ manifest }) => brief(manifest)),
    },
  };
}

function brief({
  kind,
  gateway,
  seed,
  durationMs,
  status,
  squallVersion,
}: GateOutcome["candidate"][number]["manifest"]): object {
  return { kind, gateway, seed, durationMs, status, squallVersion };
}

/** The summary of a GitHub step belongs to all commands of the step, so it is added to; any other file is replaced. */
async function writeSummary(file: string, text: string, env: CommandContext["terminal"]["env"]): Promise<void> {
  const step = env["GITHUB_STEP_SUMMARY"];
  if (step === undefined || path.resolve(step) !== file) return writeOutputFile(file, text);
  await appendFile(file, text).catch((cause: unknown) => {
    throw asUserError(cause, file, 0);
  });
}
