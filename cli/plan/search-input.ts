/** What a planner wants varied, from `--search FILE` and `--set path=v1,v2` together. */
import path from "node:path";
import { InvalidArgumentError } from "commander";
import { usageError } from "../../core/errors.ts";
import type { Setting } from "../../core/scenario/override.ts";
import { type Dimension, type FieldValue, parseSearch, type SearchSpec } from "../../core/scenario/search-schema.ts";
import { readInputFile } from "../input-file.ts";

/** Fields named on the command line are varied beside those of the file; none may be in both. */
export async function readSearch(file: string | undefined, set: readonly Dimension[]): Promise<SearchSpec> {
  const search: SearchSpec =
    file === undefined
      ? { method: "grid", samples: undefined, vary: [] }
      : parseSearch(await readInputFile(file), path.basename(file));
  const vary = [...search.vary, ...set];
  const twice = vary.find(({ path: field }, index) => vary.findIndex((other) => other.path === field) !== index);
  if (twice !== undefined) {
    throw usageError(`"${twice.path}" is varied twice`, { code: "usage", hint: "give all its values in one place" });
  }
  return { ...search, vary };
}

/** `platform.replicas.max=4,8,16`, once for each field. */
export function parseSet(text: string, before: readonly Dimension[] = []): readonly Dimension[] {
  const match = /^([^=\s]+)=(.+)$/.exec(text);
  if (match === null) {
    throw new InvalidArgumentError(
      "a setting is PATH=VALUE or PATH=VALUE,VALUE, such as platform.replicas.max=4,8,16.",
    );
  }
  const [, field = "", values = ""] = match;
  return [...before, { path: field, values: values.split(",").map((value) => scalarOf(value.trim())) }];
}

/** `platform.retries.max=2`, once for each field: one value each. */
export function parseSetting(text: string, before: readonly Setting[] = []): readonly Setting[] {
  const match = /^([^=\s]+)=(.+)$/.exec(text);
  if (match === null) throw new InvalidArgumentError("a setting is PATH=VALUE, such as platform.retries.max=2.");
  const [, field = "", value = ""] = match;
  return [...before, { path: field, value: scalarOf(value.trim()) }];
}

/** As YAML would read it: whole and decimal numbers, true and false; everything else is text. */
function scalarOf(text: string): FieldValue {
  if (text === "true" || text === "false") return text === "true";
  return /^-?\d+(?:\.\d+)?$/.test(text) ? Number(text) : text;
}
