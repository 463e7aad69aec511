/**
 * Is every file right that a scenario names? Whoever plays the scenario would find out; whoever checks it is told before, at the line
 * that names the file.
 */
import {
  alertsNamedBy,
  gatewayProfileNamedBy,
  type NamedFiles,
  traceRows,
  withFilePrices,
} from "../behavior/scenario-input.ts";
import { invalidInput, type Problem, SquallError } from "../core/errors.ts";
import type { Scenario } from "../core/scenario/scenario.ts";
import type { TraceLoad } from "../core/scenario/traffic-spec.ts";
import { type DocumentPath, readYaml, type YamlDocument } from "../core/scenario/yaml-document.ts";
import { plural } from "../core/units.ts";
import { filesBeside } from "./scenario-input.ts";
import { readScaling } from "./scaling-input.ts";

/**
 * Reads them all. Throws `named-file-invalid` with what is wrong with each; the signal's reason when it is aborted. Files of latency
 * profiles are part of the scenario itself, and were read with it.
 */
export async function assertNamedFiles(
  { scenario, text }: { readonly scenario: Scenario; readonly text: string },
  file: string,
  signal: AbortSignal,
): Promise<void> {
  const document = readYaml(text, file);
  const unusable: (readonly Problem[])[] = [];
  for (const { name, place, read } of namedBy(scenario, file, signal)) {
    try {
      await read();
    } catch (cause) {
      if (!(cause instanceof SquallError)) throw cause;
      unusable.push(problemsAt(place, name, cause, document));
    }
  }
  if (unusable.length === 0) return;
  throw invalidInput(`scenario ${file} names ${plural(unusable.length, "file")} that cannot be used`, {
    code: "named-file-invalid",
    problems: unusable.flat(),
  });
}

interface NamedFile {
  readonly name: string;
  /** Where the scenario names it. */
  readonly place: DocumentPath;
  /** Rejects with what is wrong with it. */
  readonly read: () => Promise<unknown>;
}

function namedBy(scenario: Scenario, file: string, signal: AbortSignal): readonly NamedFile[] {
  const files = filesBeside(file);
  const { alerts, priceFile, platform } = scenario;
  const { load } = scenario.traffic;
  const named: readonly MaybeNamed[] = [
    [alerts, ["alerts"], () => alertsNamedBy(scenario, files)],
    [priceFile, ["prices", "file"], (name) => withFilePrices(scenario, files, name)],
    [platform.gatewayProfileFile, ["platform", "gateway-profile"], () => gatewayProfileNamedBy(scenario, files)],
    [platform.scaling, ["platform", "scaling"], (name) => readScaling(file, name, undefined)],
    ...(load.kind === "trace" ? [traceOf(load, files, signal)] : []),
  ];
  return named.flatMap(([name, place, read]) => (name === undefined ? [] : [{ name, place, read: () => read(name) }]));
}

type MaybeNamed = readonly [name: string | undefined, place: DocumentPath, read: (name: string) => Promise<unknown>];

function traceOf({ file, format }: TraceLoad, files: NamedFiles, signal: AbortSignal): MaybeNamed {
  return [file, ["traffic", "trace", "file"], (name) => traceRows(name, format, files, signal)];
}

/** First that the file cannot be used, where it is named; then what is wrong with it, at its own places. */
function problemsAt(
  place: DocumentPath,
  name: string,
  { message, hint, problems }: SquallError,
  document: YamlDocument,
): readonly Problem[] {
  const within = problems.map((problem): Problem => {
    const { path, line } = problem;
    const where = [name, ...(line === undefined ? [] : [`line ${line}`]), ...(path === "" ? [] : [path])];
    return { path: where.join(", "), message: problem.message, ...hinted(problem.hint) };
  });
  const line = document.lineOf(place);
  return [{ path: place.join("."), line, message, ...hinted(hint) }, ...within];
}

function hinted(hint: string | undefined): Pick<Problem, "hint"> {
  return hint === undefined ? {} : { hint };
}
