/**
 * The runs that a gate judges: simulated once, or live as often as asked, with those of the baseline in between.
 *
 * Live runs of two versions alternate and the version that goes first alternates too (A B, B A, ...), so that a machine that grows
 * slower during the gate slows both alike.
 */
import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import path from "node:path";
import { whyUntrusted } from "../analyzers/generator.ts";
import { invalidInput, usageError } from "../core/errors.ts";
import type { Run } from "../core/run.ts";
import { plural } from "../core/units.ts";
import { runFiles } from "../runs/folder.ts";
import { readRun } from "../runs/reader.ts";

/** Folders of a gate's own runs, under `--out`. */
export const gateFolders = { candidate: "candidate", baseline: "baseline" } as const;

/** Most runs a side. */
export const repeatsMax = 100;

/** Runs one version of a scenario's world, once. */
export type Play = () => Promise<Run>;

export interface GateRuns {
  readonly candidate: readonly Run[];
  readonly baseline: readonly Run[];
}

/** Told of a run that is played again: which side, which round, and why. */
export type OnReplay = (side: number, round: number, why: string) => void;

/** Told why a run is played again. */
export type OnLate = (why: string) => void;

/**
 * Runs every side `repeat` times, side by side; answers the runs of each. A run in which the load generator was too late to be
 * believed is thrown away and played again, as many times a side as it has runs at most: that says something about this machine, and nothing
 * about the version. A run that was not completed is the last one: the gate is then inconclusive, and what there is stays.
 */
export async function playRounds(
  sides: readonly Play[],
  repeat: number,
  onReplay: OnReplay = () => undefined,
): Promise<readonly (readonly Run[])[]> {
  const played = sides.map((play, side) => {
    const believed = playBelieved(repeat, (run: Run) => run);
    return { play: (onLate: OnLate) => believed(play, onLate), side, runs: new Array<Run>() };
  });
  for (let round = 0; round < repeat; round++) {
    for (const turn of round % 2 === 0 ? played : played.toReversed()) {
      const run = await turn.play((why) => onReplay(turn.side, round, why));
      turn.runs.push(run);
      if (run.manifest.status !== "complete") return played.map(({ runs }) => runs);
    }
  }
  return played.map(({ runs }) => runs);
}

/** Plays, and plays again while the load generator was late and there are spares, of which there are so many for all calls together. */
export function playBelieved<Played>(
  spares: number,
  runOf: (played: Played) => Run,
): (play: () => Promise<Played>, onLate: OnLate) => Promise<Played> {
  let left = spares;
  return async (play, onLate) => {
    let played = await play();
    for (; wasLate(runOf(played)) && left > 0; left--) {
      onLate(whyUntrusted(runOf(played)) ?? "");
      played = await play();
    }
    return played;
  };
}

function wasLate({ manifest }: Run): boolean {
  return manifest.status === "complete" && manifest.generator !== undefined && manifest.generator.overload !== "";
}

/**
 * Reads the runs of a baseline: a run folder, what a gate wrote with `--out` (its candidate is the baseline of the next), or
 * a folder of run folders. Errors: `not-a-run`, and those of `readRun`.
 */
export async function readRuns(folder: string): Promise<readonly Run[]> {
  if (existsSync(path.join(folder, runFiles.manifest))) return [await readRun(folder)];
  const ofGate = path.join(folder, gateFolders.candidate);
  const named = await readRunsByName(existsSync(ofGate) ? ofGate : folder);
  return named.map(({ run }) => run);
}

/** Reads the run folders in a folder, in the order of their names. Throws like `readRuns`. */
export async function readRunsByName(parent: string): Promise<readonly { readonly name: string; readonly run: Run }[]> {
  const entries = await readdir(parent, { withFileTypes: true }).catch(() => []);
  const names = entries
    .filter((entry) => entry.isDirectory() && existsSync(path.join(parent, entry.name, runFiles.manifest)))
    .map((entry) => entry.name)
    .toSorted((left, right) => left.localeCompare(right, "en", { numeric: true }));
  if (names.length === 0) {
    throw invalidInput(`${parent} holds no run: neither a manifest.json nor folders with one`, {
      code: "not-a-run",
      hint: "give a folder that squall run, simulate or gate wrote with --out",
    });
  }
  if (names.length > repeatsMax) {
    throw invalidInput(`${parent} holds ${plural(names.length, "run")}; allowed are ${repeatsMax}`, {
      code: "too-many-runs",
      hint: "give a folder with fewer of them",
    });
  }
  const runs: { readonly name: string; readonly run: Run }[] = [];
  for (const name of names) runs.push({ name, run: await readRun(path.join(parent, name)) });
  return runs;
}

/** Run folders `1`, `2`, ... under this one that are numbered above `count`: those of an earlier gate with more runs. */
export async function runFoldersBeyond(folder: string, count: number): Promise<readonly string[]> {
  const entries = await readdir(folder).catch(() => []);
  return entries.filter((name) => /^\d+$/.test(name) && Number(name) > count).map((name) => path.join(folder, name));
}

/** Throws `usage` when two sides cannot be compared: live with simulated, or other requests on either side. */
export function assertSameKind(baseline: readonly Run[], candidate: readonly Run[]): void {
  const kinds = (runs: readonly Run[]): string => [...new Set(runs.map(({ manifest }) => manifest.kind))].join(" and ");
  const seeds = (runs: readonly Run[]): string =>
    [...new Set(runs.map(({ manifest }) => String(manifest.seed)))].toSorted().join(" and ");
  const [kindBefore, kindNow] = [kinds(baseline), kinds(candidate)];
  if (kindBefore !== kindNow || kindNow.includes(" and ")) {
    throw usageError(`a comparison is of like with like: the baseline is ${kindBefore}, the candidate ${kindNow}`, {
      code: "usage",
      hint: "compare simulated with simulated runs, or live with live ones (squall gate --live)",
    });
  }
  if (seeds(baseline) === seeds(candidate)) return;
  throw usageError(`the runs ask different requests: seed ${seeds(baseline)} before, ${seeds(candidate)} now`, {
    code: "usage",
    hint: "run both with the same --seed",
  });
}
