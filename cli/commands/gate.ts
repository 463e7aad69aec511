/** `squall gate`: the judgement that lets a change pass or not. */
import { statSync } from "node:fs";
import path from "node:path";
import { Command, Option } from "commander";
import { analyze } from "../../analyzers/analyze.ts";
import { judgeGate } from "../../analyzers/gate.ts";
import { usageError } from "../../core/errors.ts";
import type { Setting } from "../../core/scenario/override.ts";
import type { Scenario } from "../../core/scenario/scenario.ts";
import type { CommandContext } from "../context.ts";
import { type GateOutput, presentGate } from "../gate-output.ts";
import {
  assertSameKind,
  gateFolders,
  type GateRuns,
  playRounds,
  readRuns,
  repeatsMax,
  runFoldersBeyond,
} from "../gate-runs.ts";
import { type GateSide, gateSide, type SideChoices } from "../gate-sides.ts";
import { engineNames } from "../load-engine.ts";
import { parseSetting } from "../plan/search-input.ts";
import { removeRun } from "../../runs/writer.ts";
import { parseCountFrom1, parseSeed, parseTimeScale, parseWindow } from "../options.ts";
import { assertOutWritable, writeRunFolder } from "../presentation.ts";
import { type Progress, startProgress } from "../progress.ts";

interface GateOptions extends GateOutput, SideChoices {
  readonly baseline?: string;
  readonly repeat?: number;
  readonly set?: readonly Setting[];
  readonly out?: string;
}

/** Live runs a side unless told otherwise: the fewest that decide a comparison. */
const repeatDefault = 5;

export function gateCommand(context: CommandContext): Command {
  return new Command("gate")
    .description("judge a change: objectives, and regression against a baseline; for CI")
    .argument("<scenario>", "scenario file (YAML)")
    .option("--baseline <dir|scenario>", "runs from before the change, or the scenario as it was, to be run beside")
    .option("--live", "run for real; simulated unless given")
    .option(
      "--set <path=value>",
      "a field of the scenario, not of the baseline, in place of what the file says",
      parseSetting,
    )
    .addOption(new Option("--engine <name>", "load engine of live runs").choices(engineNames))
    .option(
      "--repeat <n>",
      `live runs a side; ${repeatDefault} with a baseline, 1 without`,
      parseCountFrom1(repeatsMax),
    )
    .option("--gateway <name|url>", "gateway in place of the scenario's own")
    .option("--scaling <file>", "scaling config in place of the scenario's own; simulated only")
    .option("--trace <file>", "trace to replay, when the scenario asks for one")
    .option("--window <from..to>", "only this part of the trace, for example 0..5m", parseWindow)
    .option("--time-scale <factor>", "live: play the scenario's world this many times as fast", parseTimeScale, 1)
    .option("--seed <number>", "seed in place of the scenario's own", parseSeed)
    .option("--json", "print one JSON document on standard output, progress on standard error")
    .option("--junit <file>", "write JUnit XML: a test case for each objective and metric")
    .option("--report <file>", "write a page: what changed, each metric with its interval, and both distributions")
    .option("--summary <file>", "write a Markdown summary; $GITHUB_STEP_SUMMARY is added to")
    .option("--out <dir>", "keep the runs here: the baseline of the next gate")
    .addHelpText(
      "after",
      `
Examples:
  $ squall gate scenarios/ten-users.yaml
  $ squall gate scenarios/ten-users.yaml --out squall-runs/main
  $ squall gate scenarios/ten-users.yaml --baseline squall-runs/main --junit gate.xml --summary "$GITHUB_STEP_SUMMARY"
  $ squall gate scenarios/steady-open.yaml --baseline scenarios/steady-open.yaml --live --repeat 5
  $ squall gate scenarios/ten-users.yaml --baseline scenarios/ten-users.yaml --set providers.openai.latency.scale=0.6

A simulated gate is exact, takes a second and gives the same answer on every machine. A live one runs both sides in turn, A B B A.
Exit codes: 0 pass, 4 an objective is missed or something is worse than the baseline, 6 inconclusive.`,
    )
    .action(async (scenario: string, options: GateOptions) => {
      assertSensible(options);
      const progress = startProgress(context.terminal);
      const candidate = await gateSide(scenario, options, context, progress);
      const stored = options.baseline !== undefined && isFolder(options.baseline);
      const baseline =
        options.baseline === undefined || stored
          ? undefined
          : await gateSide(options.baseline, { ...options, set: [] }, context, progress);
      const before = stored ? await readRuns(options.baseline ?? "") : [];
      await assertFoldersWritable(context, options);
      const repeat =
        options.live === true ? (options.repeat ?? (options.baseline === undefined ? 1 : repeatDefault)) : 1;
      const played = await playBoth(candidate, baseline, repeat, progress);
      progress.done();
      const runs = stored ? { ...played, baseline: before } : played;
      if (runs.baseline.length > 0) assertSameKind(runs.baseline, runs.candidate);
      if (options.out !== undefined)
        await keep(path.resolve(context.terminal.cwd, options.out), played, candidate.scenario);
      const outcome = judgeGate(candidate.scenario, runs.candidate, runs.baseline);
      context.exit(await presentGate(context, options, outcome, scenario));
    });
}

/** Options that would have no effect are refused. */
function assertSensible({ live, repeat, timeScale, scaling, engine }: GateOptions): void {
  const stray =
    live === true
      ? [scaling === undefined ? "" : "--scaling"]
      : [
          repeat === undefined || repeat === 1 ? "" : "--repeat",
          timeScale === 1 ? "" : "--time-scale",
          engine === undefined ? "" : "--engine",
        ];
  const [given] = stray.filter((name) => name !== "");
  if (given === undefined) return;
  const why =
    live === true ? "scaling is simulated so far" : "a simulation is exact, one run decides, and nothing is sent";
  throw usageError(`${given} has no effect ${live === true ? "with" : "without"} --live: ${why}`, {
    code: "usage",
    hint: live === true ? "leave it out, or leave --live out" : "leave it out, or add --live",
  });
}

function isFolder(name: string): boolean {
  return statSync(name, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

/** The baseline, where it is to be run, goes first in the first round. */
async function playBoth(
  candidate: GateSide,
  baseline: GateSide | undefined,
  repeat: number,
  progress: Progress,
): Promise<GateRuns> {
  const sides = [
    ...(baseline === undefined ? [] : [{ name: "baseline", play: baseline.play }]),
    { name: "candidate", play: candidate.play },
  ];
  const again = (side: number, round: number, why: string): void =>
    progress.note(`run ${round + 1} of the ${sides[side]?.name ?? ""} is played again: ${why}`);
  const runs = await playRounds(
    sides.map(({ play }) => play),
    repeat,
    again,
  );
  return { candidate: runs.at(-1) ?? [], baseline: baseline === undefined ? [] : (runs[0] ?? []) };
}

async function assertFoldersWritable(context: CommandContext, { out }: GateOptions): Promise<void> {
  if (out !== undefined) await assertOutWritable(context, { out: path.join(out, gateFolders.candidate, "1") });
}

/** Writes the runs of both sides in place of those of an earlier gate. */
async function keep(folder: string, runs: GateRuns, scenario: Scenario): Promise<void> {
  for (const side of ["candidate", "baseline"] as const) {
    for (const [index, run] of runs[side].entries()) {
      const place = path.join(folder, gateFolders[side], String(index + 1));
      await writeRunFolder(place, { run, findings: analyze(run, scenario), scenario });
    }
    for (const old of await runFoldersBeyond(path.join(folder, gateFolders[side]), runs[side].length))
      await removeRun(old);
  }
}
