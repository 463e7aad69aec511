/**
 * A value that is valid against a JSON Schema, drawn from a seed: what a model answers whose output is held to a schema, and
 * what it calls a tool with.
 *
 * Understands what the vendors' structured outputs allow, and a little more: types, enums, constants, required and optional
 * properties, references within the schema, alternatives, and the bounds on numbers, lengths and counts. It always ends: past
 * `depthMax` only what is required is made. Patterns are not followed, and of contradictory bounds the lower one wins.
 */
import { answerText } from "../behavior/prompt.ts";
import type { RandomStream } from "../core/random.ts";

type Schema = Readonly<Record<string, unknown>>;

/** Deeper values get no optional properties and no list items that need not be. */
const depthMax = 6;
/** Not even what is required goes deeper, for schemas that no finite value fits. */
const depthLimit = 24;

export function jsonSample(schema: unknown, random: RandomStream): unknown {
  return sample({ root: schema, random, depth: 0 }, schema);
}

/** Where a value is being made. */
interface Place {
  /** The whole schema, for references. */
  readonly root: unknown;
  readonly random: RandomStream;
  readonly depth: number;
}

function sample(place: Place, written: unknown): unknown {
  const schema = resolved(place, written);
  if (schema === undefined || place.depth > depthLimit) return null;
  if ("const" in schema) return schema["const"];
  const { enum: values, anyOf, oneOf } = schema;
  if (isNonEmptyList(values)) return values[place.random.integer(values.length)];
  const alternatives = isNonEmptyList(anyOf) ? anyOf : oneOf;
  if (isNonEmptyList(alternatives)) return sample(place, alternative(place, alternatives));
  switch (typeOf(schema)) {
    case "object":
      return objectSample(place, schema);
    case "array":
      return arraySample(place, schema);
    case "integer":
      return numberSample(place, schema, true);
    case "number":
      return numberSample(place, schema, false);
    case "boolean":
      return place.random.integer(2) === 1;
    case "null":
      return null;
    default:
      return stringSample(place, schema);
  }
}

/** Too deep, the simplest one; else any. */
function alternative({ random, depth }: Place, alternatives: readonly unknown[]): unknown {
  if (depth < depthMax) return alternatives[random.integer(alternatives.length)];
  const simple = alternatives.find((one) => isSchema(one) && one["type"] !== "object" && !("$ref" in one));
  return simple ?? alternatives[0];
}

/** The schema with its reference followed and its `allOf` put together, a few deep; undefined for what is no schema. */
function resolved(place: Place, written: unknown, depth = 0): Schema | undefined {
  let schema = written;
  for (let step = 0; step < depthLimit && isSchema(schema) && typeof schema["$ref"] === "string"; step++) {
    schema = referred(place.root, schema["$ref"]);
  }
  if (schema === true) return {};
  if (!isSchema(schema)) return undefined;
  const { allOf } = schema;
  if (!isNonEmptyList(allOf) || depth > depthMax) return schema;
  const parts = [{ ...schema, allOf: undefined }, ...allOf.map((part) => resolved(place, part, depth + 1) ?? {})];
  return parts.reduce<Schema>(merged, {});
}

/** `#`, `#/$defs/node`, `#/properties/a/items`. */
function referred(root: unknown, reference: string): unknown {
  let found = root;
  for (const part of reference.replace(/^#\/?/, "").split("/")) {
    if (part === "") continue;
    found = isSchema(found) ? found[part.replaceAll("~1", "/").replaceAll("~0", "~")] : undefined;
  }
  return found;
}

function merged(left: Schema, right: Schema): Schema {
  const properties = { ...objectOf(left["properties"]), ...objectOf(right["properties"]) };
  const required = [...listOf(left["required"]), ...listOf(right["required"])];
  return { ...left, ...right, properties, required };
}

function typeOf({ type, properties, items }: Schema): string {
  const types = listOf(type).filter((one) => one !== "null");
  if (types.length > 0) return String(types[0]);
  if (typeof type === "string") return type;
  if (Array.isArray(type)) return "null";
  if (properties !== undefined && Object.keys(objectOf(properties)).length > 0) return "object";
  return items === undefined ? "string" : "array";
}

function objectSample(place: Place, schema: Schema): Record<string, unknown> {
  const required = new Set(listOf(schema["required"]).map(String));
  const value: Record<string, unknown> = {};
  for (const [name, property] of Object.entries(objectOf(schema["properties"]))) {
    const random = place.random.split(name);
    const wanted = required.has(name) || (place.depth < depthMax && random.integer(2) === 1);
    if (wanted) value[name] = sample({ ...place, random: random.split("value"), depth: place.depth + 1 }, property);
    required.delete(name);
  }
  // Required and described nowhere: anything will do.
  for (const name of required) value[name] = words(place.random.split(name), 8);
  return value;
}

/** A list is as short as it may be, plus up to two. */
function arraySample(place: Place, { items, prefixItems, minItems, maxItems }: Schema): readonly unknown[] {
  const fixed = listOf(prefixItems);
  const least = Math.max(numberOf(minItems, 0), fixed.length);
  const more = place.depth < depthMax && items !== false ? place.random.integer(3) : 0;
  const length = Math.min(
    Math.max(least, Math.min(least + more, numberOf(maxItems, Number.POSITIVE_INFINITY))),
    itemsMax,
  );
  return Array.from({ length }, (_, index) => {
    const random = place.random.split(index);
    return sample({ ...place, random, depth: place.depth + 1 }, fixed[index] ?? items ?? true);
  });
}

/** A schema that wants more is not followed. */
const itemsMax = 1_000;
const charactersMax = 10_000;

function numberSample({ random }: Place, schema: Schema, whole: boolean): number {
  const step = numberOf(schema["multipleOf"], whole ? 1 : 0.01);
  const above = bound(schema["minimum"], schema["exclusiveMinimum"], step);
  const below = bound(schema["maximum"], schema["exclusiveMaximum"], -step);
  const least = Math.ceil((above ?? Math.min(0, below ?? 0)) / step);
  const most = Math.floor((below ?? Math.max(least * step, 0) + 100 * step) / step);
  const drawn = least + random.integer(Math.max(1, Math.min(most - least + 1, 1_000)));
  return whole ? drawn * step : Number((drawn * step).toFixed(9));
}

/** An exclusive bound (a number since draft 6) is met one step further in. */
function bound(inclusive: unknown, exclusive: unknown, step: number): number | undefined {
  if (typeof exclusive === "number") return exclusive + step;
  return typeof inclusive === "number" ? inclusive : undefined;
}

function stringSample({ random }: Place, { format, minLength, maxLength }: Schema): string {
  const formatted = typeof format === "string" ? formats[format]?.(random) : undefined;
  if (formatted !== undefined) return formatted;
  const least = numberOf(minLength, 1);
  const drawn = least + random.integer(24);
  return words(random, Math.min(Math.max(least, Math.min(drawn, numberOf(maxLength, drawn))), charactersMax));
}

const twoDigits = (value: number): string => String(value).padStart(2, "0");
const day = (random: RandomStream): string =>
  `2026-${twoDigits(1 + random.integer(12))}-${twoDigits(1 + random.integer(28))}`;
const time = (random: RandomStream): string => `${twoDigits(random.integer(24))}:${twoDigits(random.integer(60))}:00Z`;
const hex = (random: RandomStream, digits: number): string =>
  Array.from({ length: digits }, () => random.integer(16).toString(16)).join("");

/** Formats that structured outputs name (OpenAI's and Anthropic's guides). */
const formats: Readonly<Record<string, (random: RandomStream) => string>> = {
  date: day,
  time,
  "date-time": (random) => `${day(random)}T${time(random)}`,
  duration: (random) => `PT${1 + random.integer(59)}M`,
  email: (random) => `user${random.integer(1_000)}@example.com`,
  hostname: (random) => `host${random.integer(1_000)}.example.com`,
  ipv4: (random) => `192.0.2.${random.integer(256)}`,
  ipv6: (random) => `2001:db8::${hex(random, 4).replace(/^0+(?=.)/, "")}`,
  uri: (random) => `https://example.com/${random.integer(1_000)}`,
  uuid: (random) => `${hex(random, 8)}-${hex(random, 4)}-4${hex(random, 3)}-8${hex(random, 3)}-${hex(random, 12)}`,
};

/** Plain words of exactly this many characters, none of them a space at an end. */
function words(random: RandomStream, characters: number): string {
  const tokens = Math.ceil(characters / 4);
  const text = answerText(String(random.integer(2 ** 32)))(0, tokens).slice(0, characters);
  return text.endsWith(" ") ? `${text.slice(0, -1)}s` : text;
}

function isSchema(value: unknown): value is Schema {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isNonEmptyList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value) && value.length > 0;
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function objectOf(value: unknown): Schema {
  return isSchema(value) ? value : {};
}

function numberOf(value: unknown, otherwise: number): number {
  return typeof value === "number" && Number.isFinite(value) && value >= 0 ? value : otherwise;
}
