/**
 * What the service says about JSON schemas before it answers by them.
 *
 * Any must be of an object. A strict one must forbid other properties and require all that it names, in every object of it
 * (guides/structured-outputs, "Supported schemas"; texts liurenhao in lastmile-ai/openai-agents-mcp #2, miguelocarvajal in
 * moeru-ai/xsai #202, danthegoodman1 in vercel/ai #6484). The bounds on size and nesting are not checked.
 */
import { isObject } from "../json-fields.ts";

/** Deeper than the service itself allows (10 levels of nesting), so that no schema keeps us busy. */
const depthMax = 64;

/** The problem in the service's words, which follow `Invalid schema for ...: `. */
export function schemaProblem(schema: unknown, strict: boolean): string | undefined {
  if (!isObject(schema)) return "schema must be a JSON Schema of 'type: \"object\"', got 'type: \"None\"'.";
  const { type } = schema;
  // `{}` and a bare `properties` are taken for objects unless strict.
  if (type !== "object" && (strict || type !== undefined)) {
    const given = typeof type === "string" ? type : "None";
    return `schema must be a JSON Schema of 'type: "object"', got 'type: "${given.slice(0, 64)}"'.`;
  }
  return strict ? strictProblem(schema, [], 0) : undefined;
}

function strictProblem(schema: unknown, path: readonly string[], depth: number): string | undefined {
  if (!isObject(schema) || depth > depthMax) return undefined;
  const inner = (part: unknown, ...names: readonly string[]): string | undefined =>
    strictProblem(part, [...path, ...names], depth + 1);
  const own = schema["type"] === "object" ? objectProblem(schema, path) : undefined;
  if (own !== undefined) return own;
  for (const group of ["properties", "$defs", "definitions"]) {
    const parts = schema[group];
    if (!isObject(parts)) continue;
    for (const [name, part] of Object.entries(parts)) {
      const problem = inner(part, group, name);
      if (problem !== undefined) return problem;
    }
  }
  if (schema["items"] !== undefined) return inner(schema["items"], "items");
  const { anyOf } = schema;
  if (!Array.isArray(anyOf)) return undefined;
  for (const [index, part] of anyOf.entries()) {
    const problem = inner(part, "anyOf", String(index));
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function objectProblem(schema: Readonly<Record<string, unknown>>, path: readonly string[]): string | undefined {
  const context = `In context=${pythonTuple(path)}`;
  if (schema["additionalProperties"] !== false) {
    return `${context}, 'additionalProperties' is required to be supplied and to be false.`;
  }
  const { properties, required } = schema;
  const names = isObject(properties) ? Object.keys(properties) : [];
  const listed = Array.isArray(required) ? required : [];
  const missing = names.find((name) => !listed.includes(name));
  if (missing !== undefined) {
    return `${context}, 'required' is required to be supplied and to be an array including every key in properties. Missing '${missing.slice(0, 64)}'.`;
  }
  const extra = listed.map(String).find((name) => !names.includes(name));
  return extra === undefined
    ? undefined
    : `${context}, 'required' is required to be supplied and to be an array including every key in properties. Extra required key '${extra.slice(0, 64)}' supplied.`;
}

/** `()`, `('properties',)`, `('properties', 'a')`. */
function pythonTuple(path: readonly string[]): string {
  const listed = path.map((name) => `'${name.slice(0, 64)}'`).join(", ");
  return path.length === 1 ? `(${listed},)` : `(${listed})`;
}
