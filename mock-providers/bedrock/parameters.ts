/**
 * Checks of single fields of a Converse request, in the words of the service: those of its framework for values out of bounds ("1
 * validation error detected: ..."), its own for what is of the wrong kind (public error texts; that for other kinds than JSON
 * objects follows the pattern).
 */
import { isAbsent } from "../json-fields.ts";
import { type ApiError, validationError } from "./errors.ts";

export function required(path: string): ApiError {
  return constraint("null", path, "Member must not be null");
}

export function notA(kind: "list" | "string" | "number" | "json object", path: string): ApiError {
  return validationError(
    `The format of the value at ${path} is invalid. Provide a ${kind} for the field and try again.`,
  );
}

export function notOneOf(value: unknown, path: string, allowed: readonly string[]): ApiError {
  return violated(value, path, `Member must satisfy enum value set: [${allowed.join(", ")}]`);
}

/** Bounds are inclusive; absent is fine. */
export function checkNumber(value: unknown, path: string, min: number, max: number): ApiError | undefined {
  if (isAbsent(value)) return undefined;
  if (typeof value !== "number") return notA("number", path);
  if (value < min) return violated(value, path, `Member must have value greater than or equal to ${min}`);
  return value > max ? violated(value, path, `Member must have value less than or equal to ${max}`) : undefined;
}

/** A value of the right kind that breaks a rule. */
export function violated(value: unknown, path: string, rule: string): ApiError {
  const shown = typeof value === "string" ? value : JSON.stringify(value);
  return constraint(`'${shown.slice(0, 64)}'`, path, rule);
}

function constraint(value: string, path: string, rule: string): ApiError {
  return validationError(
    `1 validation error detected: Value ${value} at '${path}' failed to satisfy constraint: ${rule}`,
  );
}
