/**
 * Checks of single request fields, with the texts and codes of the real service's validation.
 *
 * Sources are bodies quoted in public issues: invalid_type pydantic/pydantic-ai #2653, integer_below_min_value OpenBMB/ChatDev #446,
 * missing_required_parameter SilasMarvin/lsp-ai #108, empty_array CopilotKit/CopilotKit #529. The texts for too large numbers,
 * long arrays and values outside a list follow the same pattern (recalled).
 */
import { type Fields, isAbsent, isObject, parseObject } from "../json-fields.ts";
import { type ApiError, invalidRequest } from "./errors.ts";

/** No model has a longer name; what a client sends beyond it is not kept. */
export const modelCharactersMax = 256;

/** The object that a body holds, with this model if one is given; undefined when it is not JSON or not an object. */
export function parseRequest(body: string, model?: string): Fields | undefined {
  const parsed = parseObject(body);
  return parsed === undefined || model === undefined ? parsed : { ...parsed, model };
}

/** irudnyts/openai #68 and many others: lower case, without param and code. */
export function modelProblem(model: unknown): ApiError | undefined {
  if (model === undefined || model === null || model === "")
    return invalidRequest("you must provide a model parameter");
  return typeof model === "string" ? undefined : invalidType("model", "a string", model);
}

export function missingParameter(path: string): ApiError {
  return invalidRequest(`Missing required parameter: '${path}'.`, path, "missing_required_parameter");
}

export function invalidType(path: string, expected: string, value: unknown): ApiError {
  const message = `Invalid type for '${path}': expected ${expected}, but got ${typeInWords(value)} instead.`;
  return invalidRequest(message, path, "invalid_type");
}

export function invalidValue(path: string, value: unknown, allowed: readonly string[]): ApiError {
  const message = `Invalid value: '${shown(value)}'. Supported values are: ${listInWords(allowed)}.`;
  return invalidRequest(message, path, "invalid_value");
}

/** `'a', 'b', and 'c'`. */
export function listInWords(names: readonly string[]): string {
  const quoted = names.map((name) => `'${name}'`);
  if (quoted.length < 3) return quoted.join(" and ");
  return `${quoted.slice(0, -1).join(", ")}, and ${quoted.at(-1)}`;
}

/** The first field that the service does not know. */
export function unknownField(fields: Fields, known: ReadonlySet<string>): string | undefined {
  for (const name in fields) if (!known.has(name)) return name;
  return undefined;
}

/** openai/openai-python #3008. */
export function unknownParameter(path: string): ApiError {
  return invalidRequest(`Unknown parameter: '${path.slice(0, 128)}'.`, path.slice(0, 128), "unknown_parameter");
}

/** One of a list of words; absent and null are fine. */
export function checkWord(
  fields: Fields,
  name: string,
  allowed: readonly string[],
  path: string = name,
): ApiError | undefined {
  const value = fields[name];
  if (isAbsent(value)) return undefined;
  if (typeof value !== "string") return invalidType(path, `one of ${listInWords(allowed)}`, value);
  return allowed.includes(value) ? undefined : invalidValue(path, value, allowed);
}

/** Absent and null are fine. */
export function checkString(fields: Fields, name: string, path: string = name): ApiError | undefined {
  const value = fields[name];
  return isAbsent(value) || typeof value === "string" ? undefined : invalidType(path, "a string", value);
}

/** API reference, `metadata`: 16 pairs, keys of 64 characters, values of 512. */
export function checkMetadata({ metadata }: Fields): ApiError | undefined {
  if (isAbsent(metadata)) return undefined;
  if (!isObject(metadata)) return invalidType("metadata", "an object", metadata);
  const pairs = Object.entries(metadata);
  if (pairs.length > 16) {
    const message = `Invalid 'metadata': too many properties. Expected an object with at most 16 properties, but got an object with ${pairs.length} properties instead.`;
    return invalidRequest(message, "metadata", "object_above_max_properties");
  }
  const wrong = pairs.find(([, value]) => typeof value !== "string");
  return wrong === undefined ? undefined : invalidType(`metadata.${wrong[0].slice(0, 64)}`, "a string", wrong[1]);
}

export function emptyArray(path: string): ApiError {
  const message = `Invalid '${path}': empty array. Expected an array with minimum length 1, but got an empty array instead.`;
  return invalidRequest(message, path, "empty_array");
}

export function arrayTooLong(path: string, longest: number, length: number): ApiError {
  const message = `Invalid '${path}': array too long. Expected an array with maximum length ${longest}, but got an array with length ${length} instead.`;
  return invalidRequest(message, path, "array_above_max_length");
}

export function checkBoolean(fields: Fields, name: string, path: string = name): ApiError | undefined {
  const value = fields[name];
  return value === undefined || value === null || typeof value === "boolean"
    ? undefined
    : invalidType(path, "a boolean", value);
}

/** A number between two bounds; absent and null are fine. */
export function checkNumber(fields: Fields, name: string, min: number, max: number): ApiError | undefined {
  const value = fields[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== "number") return invalidType(name, "a decimal", value);
  if (value < min) return outOfBounds(name, "decimal", "below minimum", ">=", min, value);
  return value > max ? outOfBounds(name, "decimal", "above maximum", "<=", max, value) : undefined;
}

/** A whole number, between bounds where there are any; absent and null are fine. */
export function checkInteger(fields: Fields, name: string, min?: number, max?: number): ApiError | undefined {
  const value = fields[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== "number" || !Number.isInteger(value)) return invalidType(name, "an integer", value);
  if (min !== undefined && value < min) return outOfBounds(name, "integer", "below minimum", ">=", min, value);
  if (max !== undefined && value > max) return outOfBounds(name, "integer", "above maximum", "<=", max, value);
  return undefined;
}

function outOfBounds(
  name: string,
  kind: "integer" | "decimal",
  where: "below minimum" | "above maximum",
  comparison: string,
  bound: number,
  value: number,
): ApiError {
  const message = `Invalid '${name}': ${kind} ${where} value. Expected a value ${comparison} ${bound}, but got ${value} instead.`;
  return invalidRequest(message, name, `${kind}_${where === "below minimum" ? "below_min" : "above_max"}_value`);
}

function typeInWords(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "an array";
  if (typeof value === "number") return Number.isInteger(value) ? "an integer" : "a decimal";
  return typeof value === "object" ? "an object" : `a ${typeof value}`;
}

/** What was sent, in at most 64 characters. */
function shown(value: unknown): string {
  return (typeof value === "string" ? value : JSON.stringify(value)).slice(0, 64);
}
