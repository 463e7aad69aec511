/** The scaling config that is to be written as another tool's. */
import type { ScalingSpec } from "../../behavior/scaling/formats/loaded.ts";
import { invalidInput, usageError } from "../../core/errors.ts";
import { readScaling } from "../scaling-input.ts";
import { readScenario } from "../scenario-input.ts";

/** Throws `scaling-missing` without a config, `scaling-not-expressible` for one that has no counterpart. */
export async function readExportedScaling(
  scenarioFile: string,
  given: string | undefined,
): Promise<{ readonly spec: ScalingSpec; readonly file: string }> {
  const { scenario } = await readScenario(scenarioFile);
  const scaling = await readScaling(scenarioFile, scenario.platform.scaling, given);
  if (scaling === undefined) {
    throw usageError(`scenario "${scenario.name}" has no scaling config`, {
      code: "scaling-missing",
      hint: "give one with --scaling FILE, or as platform.scaling in the scenario",
    });
  }
  const { file, loaded } = scaling;
  if (loaded.spec !== undefined) return { spec: loaded.spec, file };
  throw invalidInput(`${file} (${loaded.format}) cannot be written as a Kubernetes config`, {
    code: "scaling-not-expressible",
    hint: "alarms and metric rules of a cloud have no counterpart there: compare it with squall plan, and write the other by hand",
  });
}
