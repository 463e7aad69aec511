/**
 * The fields in which two scenario files differ, by their paths: `platform.retries.max: 1 -> 2`. The order of keys, comments and
 * layout make no difference.
 */
import { parse } from "yaml";

/** A field that is there in one text only has `undefined` in the other. Values are as JSON has them. */
export interface ChangedField {
  readonly path: string;
  readonly before: string | undefined;
  readonly after: string | undefined;
}

/** Empty where a text is no YAML: then it is not known what changed. In the order of the text before, then what is new. */
export function changedFields(before: string, after: string): readonly ChangedField[] {
  const [left, right] = [leaves(before), leaves(after)];
  const paths = [...new Set([...left.keys(), ...right.keys()])];
  return paths
    .map((path) => ({ path, before: left.get(path), after: right.get(path) }))
    .filter((field) => field.before !== field.after);
}

function leaves(text: string): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  try {
    collect(parse(text), "", found);
  } catch {
    // Runs of old may hold anything: a text that cannot be read has no fields.
  }
  return found;
}

function collect(value: unknown, path: string, found: Map<string, string>): void {
  if (typeof value !== "object" || value === null || Object.keys(value).length === 0) {
    if (path !== "") found.set(path, typeof value === "string" ? value : JSON.stringify(value));
    return;
  }
  for (const [key, part] of Object.entries(value)) collect(part, path === "" ? key : `${path}.${key}`, found);
}
