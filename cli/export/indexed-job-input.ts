/** Reads what a plan's Job carries with it: the scenario, its scaling configs and its search, each by its name alone. */
import path from "node:path";
import { invalidInput, usageError } from "../../core/errors.ts";
import { readInputFile } from "../input-file.ts";
import { readScaling } from "../scaling-input.ts";
import { readScenario } from "../scenario-input.ts";
import { configMapBytesMax, type IndexedJob } from "./indexed-job.ts";

export interface IndexedJobChoices {
  readonly shards: number;
  readonly parallelism?: number;
  readonly image: string;
  readonly claim: string;
  readonly name?: string;
  readonly candidates?: readonly string[];
  readonly search?: string;
  readonly replications?: string;
}

/** Where the ConfigMap is mounted. */
const mounted = "/scenario";

/** Errors: those of the files; `job-not-portable` for what does not fit into a ConfigMap. */
export async function readIndexedJob(scenarioFile: string, choices: IndexedJobChoices): Promise<IndexedJob> {
  const { scenario, text } = await readScenario(scenarioFile);
  if (scenario.traffic.load.kind === "trace") {
    throw usageError(`scenario "${scenario.name}" replays a trace, which does not fit into a ConfigMap`, {
      code: "job-not-portable",
      hint: "put the trace on the volume and add --trace to the Job by hand",
    });
  }
  const { scaling: named } = scenario.platform;
  const scaling = await readScaling(scenarioFile, named, undefined);
  const given = [...(choices.candidates ?? []), ...(choices.search === undefined ? [] : [choices.search])];
  const files = new Map<string, string>();
  const put = (name: string, content: string): void => {
    if (files.has(name)) throw twice(name);
    files.set(name, content);
  };
  put("scenario.yaml", scaling === undefined || named === undefined ? text : text.replaceAll(named, scaling.file));
  for (const file of given) put(path.basename(file), await readInputFile(file));
  if (scaling !== undefined && !files.has(scaling.file)) put(scaling.file, scaling.text);
  assertSmall(files);
  const at = (file: string): string => `${mounted}/${path.basename(file)}`;
  return {
    name: choices.name ?? `squall-${scenario.name}`,
    image: choices.image,
    shards: choices.shards,
    parallelism: choices.parallelism ?? choices.shards,
    claim: choices.claim,
    files,
    args: [
      "plan",
      `${mounted}/scenario.yaml`,
      ...(choices.candidates === undefined ? [] : ["--candidates", ...choices.candidates.map(at)]),
      ...(choices.search === undefined ? [] : ["--search", at(choices.search)]),
      ...(choices.replications === undefined ? [] : ["--replications", choices.replications]),
    ],
  };
}

function twice(name: string): Error {
  return usageError(`two of the files are called ${name}`, { code: "job-not-portable", hint: "rename one of them" });
}

function assertSmall(files: ReadonlyMap<string, string>): void {
  const bytes = [...files.values()].reduce((sum, text) => sum + Buffer.byteLength(text), 0);
  if (bytes < configMapBytesMax) return;
  throw invalidInput(`the files have ${bytes} bytes; a ConfigMap takes ${configMapBytesMax}`, {
    code: "job-not-portable",
    hint: "put them on the volume instead",
  });
}
