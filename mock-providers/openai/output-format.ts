/**
 * The format that a request wants of the text: `response_format` of chat completions, `text.format` of responses.
 *
 * Both name a type; a schema stands in an object of its own in the one, and beside the type in the other. A strict schema is
 * checked as the service does (`strict-schema.ts`); its code is `invalid_json_schema` in the Responses API
 * (mavam/pi-web-providers #14) and null in chat completions (dottxt-ai/outlines #844).
 */
import { isAbsent, isObject, type Fields } from "../json-fields.ts";
import type { ContentAsk } from "./answer-content.ts";
import { type ApiError, invalidRequest } from "./errors.ts";
import { checkBoolean, invalidType, invalidValue, missingParameter } from "./parameters.ts";
import { schemaProblem } from "./strict-schema.ts";

const types = ["json_object", "json_schema", "text"];
const namePattern = /^[a-zA-Z0-9_-]+$/;

/** A format of chat completions, as the Responses API writes it. What is no object stays for `formatProblem` to find. */
export function chatFormat(written: unknown): Fields | undefined {
  if (isAbsent(written)) return undefined;
  if (!isObject(written)) return { type: written };
  const { type, json_schema: inner } = written;
  if (type !== "json_schema") return { type };
  return isObject(inner) ? { ...inner, type } : { type, missing: true };
}

/** `path` and `schemaPath`: what the API calls the format, and the object that holds the schema. */
export function formatProblem(format: Fields | undefined, path: string, schemaPath: string): ApiError | undefined {
  if (format === undefined) return undefined;
  const { type, name, schema, strict } = format;
  if (isAbsent(type)) return missingParameter(`${path}.type`);
  if (typeof type !== "string") return invalidType(path, "an object", type);
  if (!types.includes(type)) return invalidValue(`${path}.type`, type, types);
  if (type !== "json_schema") return undefined;
  if (format["missing"] === true) return missingParameter(schemaPath);
  if (isAbsent(name)) return missingParameter(`${schemaPath}.name`);
  if (typeof name !== "string") return invalidType(`${schemaPath}.name`, "a string", name);
  if (!namePattern.test(name)) {
    const message = `Invalid '${schemaPath}.name': string does not match pattern. Expected a string that matches the pattern '^[a-zA-Z0-9_-]+$'.`;
    return invalidRequest(message, `${schemaPath}.name`, "invalid_value");
  }
  const error = checkBoolean(format, "strict", `${schemaPath}.strict`);
  if (error !== undefined) return error;
  if (isAbsent(schema)) return missingParameter(`${schemaPath}.schema`);
  if (!isObject(schema)) return invalidType(`${schemaPath}.schema`, "an object", schema);
  const problem = schemaProblem(schema, strict === true);
  if (problem === undefined) return undefined;
  const message = `Invalid schema for response_format '${name.slice(0, 64)}': ${problem}`;
  return path === schemaPath
    ? invalidRequest(message, `${path}.schema`, "invalid_json_schema")
    : invalidRequest(message, path);
}

export function outputOf(format: Fields | undefined): ContentAsk["output"] {
  switch (format?.["type"]) {
    case "json_object":
      return { kind: "json", schema: undefined };
    case "json_schema":
      return { kind: "json", schema: format["schema"] };
    default:
      return { kind: "words" };
  }
}

/** Whoever wants any JSON object must say so to the model. */
export function mentionsJson(texts: readonly string[]): boolean {
  return texts.some((text) => /json/i.test(text));
}
