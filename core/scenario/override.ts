/**
 * Sets fields of a YAML text by their path, for sweeps: `platform.replicas.max` to 8. What comes out is a text again, so that
 * it goes through the same schema, with the same errors, as if somebody had written it.
 */
import { isMap, isScalar, isSeq, type Node, parseDocument } from "yaml";
import { usageError } from "../errors.ts";
import { nearest } from "../nearest.ts";
import type { FieldValue } from "./search-schema.ts";

/** One field, set. */
export interface Setting {
  readonly path: string;
  readonly value: FieldValue;
}

/**
 * The text with every setting in place. Steps of a path are names, or positions in a list from 0; a name that holds dots
 * itself (`gpt-4.1`) is recognised where it stands in the file. Throws `setting-unknown` for a path that leads nowhere.
 */
export function withSettings(text: string, name: string, settings: readonly Setting[]): string {
  if (settings.length === 0) return text;
  const document = parseDocument(text);
  for (const setting of settings) document.setIn(placeOf(document.contents, setting, name), setting.value);
  return document.toString({ lineWidth: 0 });
}

/** Steps through what is there; only the last one may be new. */
function placeOf(root: Node | null, { path }: Setting, name: string): (string | number)[] {
  const place: (string | number)[] = [];
  let node: unknown = root;
  let rest = path.split(".");
  while (rest.length > 0) {
    const step = isMap(node)
      ? keyOf(
          node.items.map(({ key }) => nameOf(key)),
          rest,
        )
      : isSeq(node)
        ? indexOf(node.items.length, rest)
        : undefined;
    if (step === undefined) throw leadsNowhere(path, place, node, name);
    place.push(step.at);
    rest = rest.slice(step.taken);
    node = isMap(node) ? node.get(step.at, true) : isSeq(node) ? node.get(step.at, true) : undefined;
  }
  return place;
}

interface Step {
  readonly at: string | number;
  /** Parts of the path that it stands for. */
  readonly taken: number;
}

/** The key with the most dots that is there; a last part that is not there is a new field. */
function keyOf(keys: readonly string[], rest: readonly string[]): Step | undefined {
  for (let taken = rest.length; taken >= 1; taken--) {
    const key = rest.slice(0, taken).join(".");
    if (keys.includes(key)) return { at: key, taken };
  }
  return rest.length === 1 && rest[0] !== undefined && rest[0] !== "" ? { at: rest[0], taken: 1 } : undefined;
}

function indexOf(length: number, [first = ""]: readonly string[]): Step | undefined {
  return /^\d+$/.test(first) && Number(first) < length ? { at: Number(first), taken: 1 } : undefined;
}

function nameOf(key: unknown): string {
  return isScalar(key) ? String(key.value) : String(key);
}

function leadsNowhere(path: string, place: readonly (string | number)[], node: unknown, name: string): Error {
  const here = place.length === 0 ? name : `${place.join(".")} of ${name}`;
  if (isMap(node)) {
    const keys = node.items.map(({ key }) => nameOf(key));
    const missing = path.split(".")[place.length] ?? "";
    const { hint } = nearest(missing, keys);
    return usageError(`"${path}" cannot be set: ${here} has no "${missing}"; it has ${keys.join(", ")}`, {
      code: "setting-unknown",
      hint: hint ?? "write the field into the file first, so that there is something to vary",
    });
  }
  const what = isSeq(node)
    ? `a list of ${node.items.length}, counted from 0`
    : isScalar(node)
      ? `the value ${String(node.value)}`
      : "empty";
  return usageError(`"${path}" cannot be set: ${here} is ${what}`, {
    code: "setting-unknown",
    hint: "name every step, such as platform.replicas.max or traffic.arrivals.0.rate",
  });
}
