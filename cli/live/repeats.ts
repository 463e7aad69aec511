/**
 * One scenario live, several times, each with another seed and its own simulation beside it: what one run says by luck shows in
 * how far the others are from it.
 */
import path from "node:path";
import { type FidelityOverRepeats, fidelityOverRepeats } from "../../analyzers/fidelity-repeats.ts";
import { type ExitCode, exitCodes } from "../../core/errors.ts";
import { renderRepeats, repeatsJson, worstVerdict } from "../../reports/repeats.ts";
import { removeRun } from "../../runs/writer.ts";
import { replicationSeed } from "../../simulator/sweep/replications.ts";
import type { CommandContext } from "../context.ts";
import { playBelieved, runFoldersBeyond } from "../gate-runs.ts";
import type { RunOutcome } from "../live-and-simulated.ts";
import {
  assertOutWritable,
  exitCodeOf,
  type OutputChoices,
  removeSimulation,
  writeFidelity,
  writeRunFolder,
} from "../presentation.ts";
import type { Progress } from "../progress.ts";
import type { ScenarioInput } from "../scenario-input.ts";

/** Throws what `assertOutWritable` does, for the folder of all runs and for that of each. */
export async function assertRepeatsWritable(
  context: CommandContext,
  { out }: OutputChoices,
  repeat: number,
): Promise<void> {
  if (out === undefined) return;
  await assertOutWritable(context, { out });
  for (let number = 1; number <= repeat; number++) {
    await assertOutWritable(context, { out: path.join(out, String(number)) });
  }
}

/**
 * Plays `input` so often; the first time with its own seed. Each run is written as soon as it is over. One in which the load
 * generator was late is played again (`playBelieved`); one that was not completed is the last.
 */
export async function playRepeats(
  input: ScenarioInput,
  repeat: number,
  play: (input: ScenarioInput) => Promise<RunOutcome>,
  {
    out,
    progress,
    signal,
  }: { readonly out: string | undefined; readonly progress: Progress; readonly signal: AbortSignal },
): Promise<readonly RunOutcome[]> {
  const believed = playBelieved(repeat, ({ run }: RunOutcome) => run);
  const outcomes: RunOutcome[] = [];
  while (outcomes.length < repeat) {
    const number = outcomes.length + 1;
    const seed = replicationSeed(input.scenario.seed, outcomes.length);
    progress.note(`run ${number} of ${repeat}, seed ${seed}`);
    const outcome = await believed(
      () => play({ ...input, scenario: { ...input.scenario, seed } }),
      (why) => progress.note(`run ${number} is played again: ${why}`),
    );
    outcomes.push(outcome);
    if (out !== undefined) {
      await removeSimulation(out); // an earlier comparison is about other runs
      await writeRunFolder(path.join(out, String(number)), outcome);
    }
    if (outcome.run.manifest.status !== "complete" || signal.aborted) break;
  }
  return outcomes;
}

/** Writes how far live and simulated are apart over all runs, prints, and answers the exit code of the worst verdict. */
export async function presentRepeats(
  { terminal, interrupts }: CommandContext,
  { out, json }: OutputChoices,
  repeats: readonly RunOutcome[],
): Promise<ExitCode> {
  const fidelity = compareRepeats(repeats);
  const { width, colour } = terminal;
  const shown = { repeats, fidelity, ...(out === undefined ? {} : { folder: out }) };
  if (json === true) terminal.out(JSON.stringify(repeatsJson(shown)));
  else terminal.out(renderRepeats(shown, { width, colour }));
  if (out !== undefined) await writeWhole(path.resolve(terminal.cwd, out), repeats.length, fidelity);
  return interrupts.signal.aborted ? exitCodes.interrupted : exitCodeOf(worstVerdict(repeats));
}

/** Undefined where nothing was simulated beside any of them. */
function compareRepeats(repeats: readonly RunOutcome[]): FidelityOverRepeats | undefined {
  return fidelityOverRepeats(
    repeats.flatMap(({ run: { manifest }, compared }) => {
      if (compared === undefined) return [];
      const { generator, machine } = manifest;
      const circumstances = { overload: generator?.overload ?? "", ...(machine === undefined ? {} : { machine }) };
      return [{ rows: compared.fidelity.rows, ...circumstances }];
    }),
  );
}

/** In place of what was in the folder: a single run, or more repeats. */
async function writeWhole(folder: string, count: number, fidelity: FidelityOverRepeats | undefined): Promise<void> {
  for (const old of [folder, ...(await runFoldersBeyond(folder, count))]) {
    await removeSimulation(old);
    await removeRun(old);
  }
  if (fidelity !== undefined) await writeFidelity(folder, fidelity);
}
