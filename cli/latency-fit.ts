/** From a file of calls to a profile: reads it line by line, fits, and writes what came out. */
import path from "node:path";
import { InvalidArgumentError } from "commander";
import { stringify } from "yaml";
import { fitProfile, type LatencyFit } from "../behavior/latency/fit/fit-profile.ts";
import type { LatencyLog } from "../behavior/latency/fit/sample.ts";
import {
  latencyLogParser,
  type LatencyLogOptions,
  logLineCharactersMax,
} from "../behavior/latency/logs/log-formats.ts";
import { invalidInput } from "../core/errors.ts";
import { latencyProfileInWords } from "../core/scenario/latency-profile-schema.ts";
import { readInputLines } from "./input-lines.ts";
import { writeOutputFile } from "./output-file.ts";

export interface FittedLog {
  /** Name of the file, no path. */
  readonly source: string;
  readonly log: LatencyLog;
  readonly fit: LatencyFit;
  /** The profile, as a file has it. */
  readonly words: Readonly<Record<string, unknown>>;
}

/** Errors: `file-unreadable`, `latency-log-unreadable`, `too-few-calls`; the signal's reason when it is aborted. */
export async function fitLog(
  file: string,
  options: LatencyLogOptions & { readonly name?: string },
  signal: AbortSignal,
): Promise<FittedLog> {
  const source = path.basename(file);
  const parser = latencyLogParser(source, options);
  const bound = { charactersMax: logLineCharactersMax, tooLong: (line: number): Error => lineTooLong(source, line) };
  await readInputLines(file, bound, signal, parser.line);
  const log = parser.finish();
  const fit = fitProfile(log, { name: options.name ?? profileNameOf(source), source });
  return { source, log, fit, words: latencyProfileInWords(fit.profile) };
}

/** As JSON where the file is called so, as YAML otherwise. */
export async function writeProfile(file: string, words: FittedLog["words"]): Promise<void> {
  const isJson = path.extname(file) === ".json";
  await writeOutputFile(file, isJson ? `${JSON.stringify(words, null, 2)}\n` : stringify(words));
}

const profileName = /^[A-Za-z0-9][\w.-]{0,63}$/;

/** Throws what commander prints as a usage error. */
export function parseProfileName(text: string): string {
  if (profileName.test(text)) return text;
  throw new InvalidArgumentError("a profile's name has 1 to 64 letters, digits, - _ and .");
}

/** The file's own name, without what a name cannot have. */
function profileNameOf(source: string): string {
  const name = source.replace(/\.[^.]*$/, "").replaceAll(/[^\w.-]+/g, "-");
  return profileName.test(name) ? name : "imported";
}

function lineTooLong(source: string, line: number): Error {
  return invalidInput(`${source}:${line} is longer than ${logLineCharactersMax} characters`, {
    code: "latency-log-unreadable",
    hint: "write one call per line: jq -c '.[]' FILE",
  });
}
