/**
 * Request bodies as Google's front end reads them: JSON written for protocol buffers.
 *
 * Names may be written in camelCase or in snake_case, numbers also as text, and one message where a list is meant; names that no
 * message has and values of another kind are refused, all of them at once and each with its path. Texts are those of bodies
 * quoted in public issues: "Cannot find field" (gera2ld/ai.nvim #13, zed-industries/zed #44875), "Proto field is not
 * repeating" (zed-industries/zed #53919); "Invalid value at" and "is already set" are recalled.
 */
import { type Fields, isAbsent, isObject } from "../json-fields.ts";

/** What a field may hold. `any` is not looked into. */
export type FieldKind =
  | "string"
  | "bool"
  | "int32"
  | "float"
  | "struct"
  | "any"
  | { readonly kind: "enum"; readonly type: string; readonly values: readonly string[] }
  | { readonly kind: "message"; readonly type: string; readonly fields: () => Message; readonly oneOf?: OneOf }
  | { readonly kind: "list"; readonly of: FieldKind }
  | { readonly kind: "map"; readonly of: FieldKind };

/** Fields of which a message has one at most, and what they are called together. */
export interface OneOf {
  readonly name: string;
  readonly fields: readonly string[];
}

/** Fields of a message by name in camelCase. */
export type Message = Readonly<Record<string, FieldKind>>;

/** What is wrong with one place of a body. */
export interface Violation {
  /** Path in snake_case; undefined for the body itself. */
  readonly field: string | undefined;
  readonly description: string;
}

export type ReadMessage =
  | { readonly ok: true; readonly fields: Fields }
  | { readonly ok: false; readonly violations: readonly Violation[] };

export function listOf(of: FieldKind): FieldKind {
  return { kind: "list", of };
}

/** `fields` is a function, because messages contain each other. */
export function messageOf(type: string, fields: () => Message, oneOf?: OneOf): FieldKind {
  return { kind: "message", type, fields, ...(oneOf && { oneOf }) };
}

/** Reads an object as a message: names in camelCase, numbers as numbers, lists as lists. Null means that a field is not there. */
export function readMessage(written: Fields, message: Message): ReadMessage {
  const violations: Violation[] = [];
  const fields = fieldsOf(written, message, "", violations);
  return violations.length === 0 ? { ok: true, fields } : { ok: false, violations: violations.slice(0, violationsMax) };
}

/** More are not told. */
const violationsMax = 100;

/** Google's parser goes no deeper (protocol buffers' limit on recursion). */
const depthMax = 100;

/** Whether a body is nested no deeper than Google's parser goes. Looks no deeper itself. */
export function isWithinDepth(value: unknown, depth: number = depthMax): boolean {
  if (typeof value !== "object" || value === null) return true;
  return depth > 0 && Object.values(value).every((item) => isWithinDepth(item, depth - 1));
}

function fieldsOf(written: Fields, message: Message, path: string, violations: Violation[]): Fields {
  const read: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(written)) {
    const known = camelCase(name);
    const kind = Object.hasOwn(message, known) ? message[known] : undefined;
    if (kind === undefined) violations.push(unknownName(name, path, "Cannot find field."));
    else if (value !== null)
      read[known] = valueOf(value, kind, { name, parent: path, path: joined(path, known) }, violations);
  }
  return read;
}

/** Where a value stands. */
interface Place {
  /** As written. */
  readonly name: string;
  readonly parent: string;
  readonly path: string;
}

function valueOf(value: unknown, kind: FieldKind, place: Place, violations: Violation[]): unknown {
  if (kind === "any") return value;
  if (typeof kind === "string") return scalarOf(value, kind, place, violations);
  switch (kind.kind) {
    case "list":
      if (!Array.isArray(value)) return [valueOf(value, kind.of, place, violations)];
      return value.map((item, index) =>
        valueOf(item, kind.of, { ...place, path: `${place.path}[${index}]` }, violations),
      );
    case "map":
      if (!isObject(value)) return refuse(value, "Map", place, violations);
      return Object.fromEntries(
        Object.entries(value).map(([name, item], index) => [
          name,
          valueOf(item, kind.of, { ...place, path: `${place.path}[${index}].value` }, violations),
        ]),
      );
    case "enum":
      if (typeof value === "string" && kind.values.includes(value.toUpperCase())) return value.toUpperCase();
      return refuse(value, kind.type, place, violations);
    case "message":
      if (!isObject(value)) return refuse(value, kind.type, place, violations);
      if (kind.oneOf !== undefined) checkOneOf(value, kind.oneOf, place.path, violations);
      return fieldsOf(value, kind.fields(), place.path, violations);
  }
}

function checkOneOf(written: Fields, { name, fields }: OneOf, path: string, violations: Violation[]): void {
  const given = Object.keys(written).filter((field) => !isAbsent(written[field]));
  const second = given.map(camelCase).filter((known) => fields.includes(known))[1];
  if (second === undefined) return;
  const field = snakeCase(path);
  const problem = `oneof field '${name}' is already set. Cannot set '${second}'`;
  violations.push({ field, description: `Invalid value at '${field}' (oneof), ${problem}` });
}

type Scalar = Exclude<Extract<FieldKind, string>, "any">;

const typeNames: Readonly<Record<Scalar, string>> = {
  string: "TYPE_STRING",
  bool: "TYPE_BOOL",
  int32: "TYPE_INT32",
  float: "TYPE_FLOAT",
  struct: "type.googleapis.com/google.protobuf.Struct",
};

function scalarOf(value: unknown, kind: Scalar, place: Place, violations: Violation[]): unknown {
  switch (kind) {
    case "string":
      return typeof value === "string" ? value : refuse(value, typeNames.string, place, violations);
    case "bool":
      return typeof value === "boolean" ? value : refuse(value, typeNames.bool, place, violations);
    case "struct":
      return isObject(value) ? value : refuse(value, typeNames.struct, place, violations);
    case "int32":
    case "float": {
      const number = typeof value === "string" && value.trim() !== "" ? Number(value) : value;
      const fits =
        typeof number === "number" && Number.isFinite(number) && (kind === "float" || Number.isInteger(number));
      return fits ? number : refuse(value, typeNames[kind], place, violations);
    }
  }
}

function refuse(value: unknown, type: string, { name, parent, path }: Place, violations: Violation[]): undefined {
  if (Array.isArray(value)) {
    violations.push(unknownName(name, parent, "Proto field is not repeating, cannot start list."));
  } else {
    const field = snakeCase(path);
    const shown = isObject(value) ? "{}" : shortened(JSON.stringify(value));
    violations.push({ field, description: `Invalid value at '${field}' (${type}), ${shown}` });
  }
}

function unknownName(name: string, parent: string, problem: string): Violation {
  const at = parent === "" ? "" : ` at '${snakeCase(parent)}'`;
  return {
    field: parent === "" ? undefined : snakeCase(parent),
    description: `Invalid JSON payload received. Unknown name "${shortened(name)}"${at}: ${problem}`,
  };
}

/** At most 64 characters of what was sent. */
function shortened(text: string): string {
  return text.length <= 64 ? text : `${text.slice(0, 64)}...`;
}

function joined(path: string, name: string): string {
  return path === "" ? name : `${path}.${name}`;
}

function camelCase(name: string): string {
  return name.includes("_") ? name.replaceAll(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase()) : name;
}

function snakeCase(path: string): string {
  return path.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
