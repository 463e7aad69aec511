/** Reads a scaling config from the file that holds it. */
import path from "node:path";
import { isScalingConfig } from "../behavior/scaling/formats/load.ts";
import { scalingFrom, type ScalingInput } from "../behavior/scaling/scaling-input.ts";
import { readYaml } from "../core/scenario/yaml-document.ts";
import { readInputFile } from "./input-file.ts";

export {
  type PreparedScaling,
  prepareScaling,
  scalingFrom,
  type ScalingInput,
} from "../behavior/scaling/scaling-input.ts";

/**
 * The config that `--scaling` names, or else the one that stands in the scenario, beside it. YAML, of which JSON is a part.
 * Errors: `file-unreadable`, `file-too-large`, `scaling-config-unknown`, `scaling-config-invalid`.
 */
export async function readScaling(
  scenarioFile: string,
  named: string | undefined,
  given: string | undefined,
): Promise<ScalingInput | undefined> {
  const file = given ?? (named === undefined ? undefined : path.resolve(path.dirname(scenarioFile), named));
  if (file === undefined) return undefined;
  return scalingFrom(await readInputFile(file), path.basename(file));
}

/** The same of a file that may be a scaling config or something else: undefined when it is something else. */
export async function readIfScaling(file: string): Promise<ScalingInput | undefined> {
  const text = await readInputFile(file);
  const { data } = readYaml(text, file);
  return isScalingConfig(data) ? scalingFrom(text, file) : undefined;
}
