/** Everything that is wrong with one runbook, alone and with the scenario that it is drilled on. */
import path from "node:path";
import type { Problem } from "../../core/errors.ts";
import { lintForScenario } from "../../runbooks/engine/lint-names.ts";
import { readRunbook } from "../../runbooks/engine/parse.ts";
import { readAlertsOrDefaults } from "../alert-files.ts";
import { readInputFile } from "../input-file.ts";
import { readScenario } from "../scenario-input.ts";

/** Errors: those of a file that cannot be read, and of a scenario that cannot be used. */
export async function lintRunbookFile(file: string, scenarioFile: string | undefined): Promise<readonly Problem[]> {
  const { runbook, problems } = readRunbook(await readInputFile(file), path.basename(file));
  const drilledOn = runbook?.drill === undefined ? undefined : path.resolve(path.dirname(file), runbook.drill.scenario);
  const named = scenarioFile ?? drilledOn;
  if (runbook === undefined || named === undefined) return problems;
  const { scenario } = await readScenario(named);
  const { alerts } = await readAlertsOrDefaults(scenario, named);
  const all = [...problems, ...lintForScenario(runbook, scenario, alerts)];
  return all.toSorted((left, right) => (left.line ?? 0) - (right.line ?? 0));
}
