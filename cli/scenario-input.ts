/** Reads what a command is given from disk: the scenario file, and what it names beside it. */
import path from "node:path";
import {
  type NamedFiles,
  scenarioFrom as checkedScenario,
  scenarioInputFrom,
  type ScenarioChoices,
  type ScenarioInput,
} from "../behavior/scenario-input.ts";
import { type Setting, withSettings } from "../core/scenario/override.ts";
import type { Scenario } from "../core/scenario/scenario.ts";
import { readInputFile } from "./input-file.ts";
import { inputPieces } from "./input-lines.ts";

export { type ScenarioChoices, type ScenarioInput, workloadOf } from "../behavior/scenario-input.ts";

/**
 * Reads scenario and trace; `settings` are fields in place of those of the file. Files of the choices are
 * relative to where the command runs. Errors: those of
 * `scenarioInputFrom`, and `setting-unknown`.
 */
export async function readScenarioInput(
  file: string,
  choices: ScenarioChoices & { readonly settings?: readonly Setting[] | undefined },
  signal: AbortSignal,
): Promise<ScenarioInput> {
  const { trace, prices, settings = [] } = choices;
  const chosen = {
    ...choices,
    ...(trace === undefined ? {} : { trace: path.resolve(trace) }),
    ...(prices === undefined ? {} : { prices: path.resolve(prices) }),
  };
  const text = withSettings(await readInputFile(file), file, settings);
  return await scenarioInputFrom(text, file, filesBeside(file), chosen, signal);
}

/** Reads one scenario file and checks it. */
export async function readScenario(file: string): Promise<{ readonly scenario: Scenario; readonly text: string }> {
  const text = await readInputFile(file);
  return { scenario: await scenarioFrom(text, file), text };
}

/** Checks the text of a scenario that stands, or would stand, in a file: what it names lies beside that. */
export async function scenarioFrom(text: string, file: string): Promise<Scenario> {
  return await checkedScenario(text, file, filesBeside(file));
}

/** The disk, seen from the folder of a file. */
export function filesBeside(file: string): NamedFiles {
  const found = (name: string): string => path.resolve(path.dirname(file), name);
  return {
    text: (name, bytesMax) => readInputFile(found(name), bytesMax),
    pieces: (name, signal) => inputPieces(found(name), signal),
  };
}
