/** A scaling config as a run takes it: its text, what it was loaded as, and what can be said of it before anything runs. */
import type { ScalingAccount } from "../../core/run.ts";
import { plainFleet } from "../../core/scenario/plain-fleet.ts";
import type { PlatformSpec } from "../../core/scenario/platform-spec.ts";
import { readYaml } from "../../core/scenario/yaml-document.ts";
import { loadScaling } from "./formats/load.ts";
import type { LoadedScaling } from "./formats/loaded.ts";
import { scalingWarnings } from "./formats/warnings.ts";
import type { ScalingPolicy } from "./policy.ts";

export interface ScalingInput {
  /** Name of the file, no path, and its text. */
  readonly file: string;
  readonly text: string;
  readonly loaded: LoadedScaling;
}

/**
 * Loads the text of a scaling config, whichever tool wrote it: YAML, of which JSON is a part. `file` is what to call it.
 * Throws `scaling-config-unknown` or `scaling-config-invalid`.
 */
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
