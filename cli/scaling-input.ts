/** Reads a scaling config, whichever tool wrote it, and says what can be said before anything runs. */
import path from "node:path";
import type { LoadedScaling } from "../behavior/scaling/formats/loaded.ts";
import { isScalingConfig, loadScaling } from "../behavior/scaling/formats/load.ts";
import { scalingWarnings } from "../behavior/scaling/formats/warnings.ts";
import type { ScalingPolicy } from "../behavior/scaling/policy.ts";
import type { ScalingAccount } from "../core/run.ts";
import { plainFleet } from "../core/scenario/plain-fleet.ts";
import type { PlatformSpec } from "../core/scenario/platform-spec.ts";
import { readYaml } from "../core/scenario/yaml-document.ts";
import { readInputFile } from "./input-file.ts";

export interface ScalingInput {
  /** Name of the file, no path, and its text. */
  readonly file: string;
  readonly text: string;
  readonly loaded: LoadedScaling;
}

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

/** Loads the text of a scaling config; `file` is what to call it. */
export function scalingFrom(text: string, file: string): ScalingInput {
  const { data } = readYaml(text, file, "scaling-config-invalid");
  return { file, text, loaded: loadScaling(data, file) };
}

/** A policy with an empty memory, the number of replicas it starts with, and what the run is to say of it. */
export interface PreparedScaling {
  readonly policy: ScalingPolicy;
  readonly start: number;
  readonly account: ScalingAccount;
}

export function prepareScaling({ file, text, loaded }: ScalingInput, platform: PlatformSpec): PreparedScaling {
  const policy = loaded.create();
  const { fleet, replicas } = platform;
  const isStartupAssumed = (fleet ?? plainFleet).startup === plainFleet.startup;
  return {
    policy,
    start: fleet?.start ?? Math.max(replicas, loaded.initialReplicas ?? loaded.minReplicas),
    account: {
      file,
      text,
      format: loaded.format,
      policy: policy.describe,
      minReplicas: loaded.minReplicas,
      maxReplicas: loaded.maxReplicas ?? null,
      notes: [
        ...loaded.notes,
        ...(isStartupAssumed
          ? ["how long a replica takes to start is assumed: platform.replicas.startup says it"]
          : []),
      ],
      warnings: scalingWarnings(loaded),
      scaleDownDelayMs: loaded.scaleDownDelayMs ?? 0,
      syncMs: policy.syncMs,
    },
  };
}
