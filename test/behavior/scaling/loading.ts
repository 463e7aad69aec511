/** Scaling configs from text, for tests. */
import { parse } from "yaml";
import { loadScaling } from "../../../behavior/scaling/formats/load.ts";
import type { LoadedScaling } from "../../../behavior/scaling/formats/loaded.ts";
import { SquallError } from "../../../core/errors.ts";
import { play, type Row } from "./timeline.ts";

export function load(yaml: string): LoadedScaling {
  return loadScaling(parse(yaml), "config.yaml");
}

/** What is wrong with it, each with its path; empty when it loads. */
export function problemsOf(yaml: string): readonly string[] {
  try {
    load(yaml);
  } catch (error) {
    if (error instanceof SquallError) return error.problems.map(({ message, path }) => `${path} ${message}`);
    throw error;
  }
  return [];
}

/** What it wishes for, row by row. */
export function counts(config: LoadedScaling, start: number, rows: readonly Row[]): readonly number[] {
  return play(config.create(), start, rows).map(({ replicas }) => replicas);
}
