/**
 * Checks of single request fields, with the texts of the real service's validation: the path, a colon, and what should be
 * there.
 *
 * The service validates with pydantic, whose texts public issues quote: "Extra inputs are not permitted" (autogen #3034,
 * amrit110/oli #7), "Field required", "Input should be a valid string"; ranges are worded "range: 0..1"
 * (anthropics/anthropic-sdk-python #893).
 */
import { type Fields, isAbsent } from "../json-fields.ts";
import { type ApiError, invalidRequest } from "./errors.ts";

/** No model has a longer name; what a client sends beyond it is not kept. */
export const modelCharactersMax = 256;

/** `messages.0.content: Field required`. */
export function problemAt(path: string, problem: string): ApiError {
  return invalidRequest(`${path}: ${problem}`);
}

export function required(path: string): ApiError {
  return problemAt(path, "Field required");
}

export function notA(
  kind: "string" | "list" | "dictionary" | "integer" | "number" | "boolean",
  path: string,
): ApiError {
  return problemAt(path, `Input should be a valid ${kind}`);
}

/** `'user' or 'assistant'`, as pydantic lists literals. */
export function notOneOf(path: string, allowed: readonly string[]): ApiError {
  const quoted = allowed.map((name) => `'${name}'`);
  return problemAt(path, `Input should be ${quoted.slice(0, -1).join(", ")} or ${quoted.at(-1)}`);
}

export function checkBoolean(fields: Fields, name: string): ApiError | undefined {
  const value = fields[name];
  return isAbsent(value) || typeof value === "boolean" ? undefined : notA("boolean", name);
}

/** A whole number of at least `min`; absent and null are fine. */
export function checkInteger(value: unknown, path: string, min: number): ApiError | undefined {
  if (isAbsent(value)) return undefined;
  if (typeof value !== "number" || !Number.isInteger(value)) return notA("integer", path);
  return value < min ? problemAt(path, `Input should be greater than or equal to ${min}`) : undefined;
}

/** A number from 0 to 1; absent and null are fine. */
export function checkFraction(fields: Fields, name: string): ApiError | undefined {
  const value = fields[name];
  if (isAbsent(value)) return undefined;
  if (typeof value !== "number") return notA("number", name);
  return value < 0 || value > 1 ? problemAt(name, "range: 0..1") : undefined;
}

/** Fields that the service does not know. */
export function extraField(fields: Fields, known: ReadonlySet<string>, path = ""): ApiError | undefined {
  const extra = Object.keys(fields).find((name) => !known.has(name));
  return extra === undefined ? undefined : problemAt(`${path}${extra.slice(0, 64)}`, "Extra inputs are not permitted");
}
