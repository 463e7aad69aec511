/**
 * Checks that parsed JSON has the fields a type asks for. The table of kinds is typed by the type itself, so a field that is
 * added there and not here does not compile. Fields that no table knows are kept: a newer Squall wrote them.
 */
import { isMapping } from "../core/raw-data.ts";

/** Numbers are finite: JSON has no others. */
export type FieldKind = "string" | "number" | "boolean" | "array" | "number or null";

/** A kind for every required field of T. */
export type FieldKinds<T> = {
  readonly [Key in keyof T as object extends Pick<T, Key> ? never : Key]: FieldKind;
};

/** What is wrong with `value`, in words; undefined when every field is of its kind. */
export function fieldProblem<T>(value: unknown, kinds: FieldKinds<T>): string | undefined {
  if (!isMapping(value)) return "it is not an object";
  const table: Readonly<Record<string, FieldKind>> = kinds;
  for (const name in table) {
    const kind = table[name];
    const field = value[name];
    if (kind !== undefined && !isOfKind(field, kind)) return `"${name}" is ${shown(field)}; it must be a ${kind}`;
  }
  return undefined;
}

function shown(field: unknown): string {
  if (field === undefined) return "missing";
  return typeof field === "number" ? String(field) : JSON.stringify(field);
}

function isOfKind(value: unknown, kind: FieldKind): boolean {
  if (kind === "array") return Array.isArray(value);
  if (kind === "number or null") return value === null || Number.isFinite(value);
  return kind === "number" ? Number.isFinite(value) : typeof value === kind;
}
