/** The JSON Schema for editors. `npm run schema` writes docs/scenario.schema.json anew from here. */
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import * as z from "zod";
import { scenarioJsonSchema } from "../../../core/scenario/json-schema.ts";

const root = path.resolve(import.meta.dirname, "../../..");
const schema = scenarioJsonSchema();

type Json = Readonly<Record<string, unknown>>;

function isJson(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Every named property in the schema, by its path. */
function* propertiesOf(node: unknown, at: string): Generator<readonly [string, Json]> {
  if (Array.isArray(node)) for (const item of node) yield* propertiesOf(item, at);
  if (!isJson(node)) return;
  for (const [key, value] of Object.entries(node)) {
    if (key !== "properties" || !isJson(value)) {
      yield* propertiesOf(value, at);
      continue;
    }
    for (const [name, property] of Object.entries(value)) {
      if (isJson(property)) yield [`${at}.${name}`, property];
      yield* propertiesOf(property, `${at}.${name}`);
    }
  }
}

/** zod reads `oneOf: [{ required: ... }]` as a union of anything, so that all of them match: our own choices are left out. */
function withoutChoices(node: object): Parameters<typeof z.fromJSONSchema>[0] {
  const text = JSON.stringify(node, (key, value: unknown) => (key === "oneOf" && isChoice(value) ? undefined : value));
  return JSON.parse(text);
}

function isChoice(value: unknown): boolean {
  return Array.isArray(value) && value.every((each) => isJson(each) && Object.keys(each).join() === "required");
}

describe("the JSON Schema of scenarios", () => {
  it("is the one in docs: after a change of the schema, run npm run schema", async () => {
    await expect(`${JSON.stringify(schema, null, 2)}\n`).toMatchFileSnapshot(
      path.join(root, "docs/scenario.schema.json"),
    );
  });

  it("explains every field to whoever types it", () => {
    const properties = [...propertiesOf(schema, "scenario")];
    expect(properties.length).toBeGreaterThan(60);
    const silent = properties.filter(
      ([, property]) => property["description"] === undefined && property["const"] === undefined,
    );
    expect(silent.map(([at]) => at)).toEqual([]);
  });

  it("accepts the scenarios that come with Squall, and not one with a key too many", () => {
    const check = z.fromJSONSchema(withoutChoices(schema));
    const files = readdirSync(path.join(root, "scenarios")).filter((file) => file.endsWith(".yaml"));
    expect(files.length).toBeGreaterThan(0);
    for (const file of files) {
      const written: unknown = parse(readFileSync(path.join(root, "scenarios", file), "utf8"));
      expect(check.safeParse(written).error, file).toBeUndefined();
      expect(check.safeParse({ ...(isJson(written) ? written : {}), seeds: 7 }).success, file).toBe(false);
    }
  });
});
