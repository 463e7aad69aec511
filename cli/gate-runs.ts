/**
 * The runs that a gate judges: simulated once, or live as often as asked, with those of the baseline in between.
 *
 * Live runs of two versions alternate and the version that goes first alternates too (A B, B A, ...), so that a machine that grows
 * slower during the gate slows both alike.
 */
import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import path from "node:path";
import { invalidInput, usageError } from "../core/errors.ts";
import type { Run } from "../core/run.ts";
import { plural } from "../core/units.ts";
import { runFiles } from "../runs/folder.ts";
import { readRun } from "../runs/reader.ts";

/** Folders of a gate's own runs, under `--out`. */
export const gateFolders = { candidate: "candidate", baseline: "baseline" } as const;

/** Most runs a side. */
export const repeatsMax = 100;

/** Two versions of a scenario's world, each of which can be run. */
export interface Sides {
  readonly candidate: () => Promise<Run>;
  /** Undefined where there is none to run. */
  readonly baseline: (() => Promise<Run>) | undefined;
}

export interface GateRuns {
  readonly candidate: readonly Run[];
  readonly baseline: readonly Run[];
}

/** Runs both sides `repeat` times. A run that was not completed is the last one: the gate is then inconclusive, and what there is stays. */
export async function runSides({ candidate, baseline }: Sides, repeat: number): Promise<GateRuns> {
  const runs: { readonly candidate: Run[]; readonly baseline: Run[] } = { candidate: [], baseline: [] };
  for (let round = 0; round < repeat; round++) {
    const turns = [
      ...(baseline === undefined ? [] : [{ into: runs.baseline, play: baseline }]),
      { into: runs.candidate, play: candidate },
    ];
    for (const { into, play } of round % 2 === 0 ? turns : turns.toReversed()) {
      const run = await play();
      into.push(run);
      if (run.manifest.status !== "complete") return runs;
    }
  }
  return runs;
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
