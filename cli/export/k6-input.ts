/** Reads a scenario and writes its plan for k6, to be taken elsewhere. */
import path from "node:path";
import { readFileSync, existsSync } from "node:fs";
import { type ExportedProgram, exportedFiles } from "../../load/k6/export.ts";
import { writePlan } from "../../load/k6/plan.ts";
import { thresholdsOf } from "../../load/k6/thresholds.ts";
import { packageFile } from "../package-root.ts";
import { readScenarioInput, type ScenarioChoices, workloadOf } from "../scenario-input.ts";

export interface K6ExportChoices extends ScenarioChoices {
  readonly timeScale: number;
  /** Virtual users in an open phase at most. */
  readonly vusMax: number;
  /** Instances of k6 that will share the plan: each needs a virtual user. */
  readonly instances?: number;
}

/** Errors: those of the scenario and its trace; `plan-too-large`. */
export async function readK6Program(
  scenarioFile: string,
  choices: K6ExportChoices,
  signal: AbortSignal,
): Promise<ExportedProgram> {
  const input = await readScenarioInput(scenarioFile, choices, signal);
  const { scenario } = input;
  const workload = workloadOf(input);
  const before = workload.phases.filter(({ name }) => name !== "load").map(({ name }) => name);
  const { lost } = thresholdsOf(scenario.objectives);
  return {
    name: scenario.name,
    about: scenario.about,
    from: path.basename(scenarioFile),
    plan: writePlan({
      scenario: scenario.name,
      workload,
      objectives: scenario.objectives,
      timeScale: choices.timeScale,
      vusMax: choices.vusMax,
      ...(choices.instances === undefined ? {} : { vusMin: choices.instances }),
    }),
    lost: [
      ...before.map((phase) => `phase ${phase} is not played before the load; -e SQUALL_PHASE=${phase} plays it alone`),
      ...lost.map((objective) => `objective ${objective}`),
      ...(scenario.timeline.length === 0 ? [] : ["the timeline: faults are the mock's, set them there"]),
    ],
  };
}

/** Every file of the program, by name. */
export function k6ProgramFiles(program: ExportedProgram): ReadonlyMap<string, string> {
  return exportedFiles(program, (name) => {
    const file = packageFile(name);
    return existsSync(file) ? readFileSync(file, "utf8") : undefined;
  });
}
