import fc from "fast-check";
import { describe, expect, it } from "vitest";
import * as z from "zod";
import { randomStream } from "../../core/random.ts";
import { jsonSample } from "../../mock-providers/json-sample.ts";

const seed = 20_261_121;

/** Schemas as the vendors' guides show them, and the corners of each keyword. */
const schemas: Readonly<Record<string, Parameters<typeof z.fromJSONSchema>[0]>> = {
  "an object with required and optional properties": {
    type: "object",
    properties: {
      city: { type: "string" },
      days: { type: "integer", minimum: 1, maximum: 7 },
      note: { type: "string" },
    },
    required: ["city", "days"],
    additionalProperties: false,
  },
  "an enum, a constant and a nullable": {
    type: "object",
    properties: {
      unit: { enum: ["celsius", "fahrenheit"] },
      version: { const: 3 },
      hint: { type: ["string", "null"] },
      nothing: { type: "null" },
    },
    required: ["unit", "version", "hint", "nothing"],
  },
  "lists with bounds": {
    type: "array",
    items: { type: "number", exclusiveMinimum: 0, exclusiveMaximum: 1 },
    minItems: 2,
    maxItems: 3,
  },
  "strings with lengths and formats": {
    type: "object",
    properties: {
      code: { type: "string", minLength: 8, maxLength: 8 },
      long: { type: "string", minLength: 100 },
      when: { type: "string", format: "date-time" },
      day: { type: "string", format: "date" },
      mail: { type: "string", format: "email" },
      id: { type: "string", format: "uuid" },
      page: { type: "string", format: "uri" },
    },
    required: ["code", "long", "when", "day", "mail", "id", "page"],
  },
  "references and alternatives": {
    $defs: {
      point: { type: "object", properties: { x: { type: "number" }, y: { type: "number" } }, required: ["x", "y"] },
      circle: {
        type: "object",
        properties: { center: { $ref: "#/$defs/point" }, radius: { type: "number", minimum: 5, maximum: 6 } },
        required: ["center", "radius"],
      },
    },
    type: "object",
    properties: { shape: { anyOf: [{ $ref: "#/$defs/point" }, { $ref: "#/$defs/circle" }] } },
    required: ["shape"],
  },
  "negative bounds and steps": {
    type: "object",
    properties: {
      below: { type: "integer", maximum: -5 },
      even: { type: "integer", multipleOf: 2, minimum: 3 },
      tight: { type: "integer", minimum: 4, maximum: 4 },
      high: { type: "number", minimum: 1_000_000 },
    },
    required: ["below", "even", "tight", "high"],
  },
};

describe("a sample of a JSON schema", () => {
  it.each(Object.entries(schemas))("fits %s, whatever the seed", (_what, schema) => {
    const judge = z.fromJSONSchema(schema);
    fc.assert(
      fc.property(fc.integer(), (draw) => {
        const read = judge.safeParse(jsonSample(schema, randomStream(draw)));
        expect(read.error?.issues ?? []).toEqual([]);
      }),
      { seed, numRuns: 60 },
    );
  });

  it("is the same for the same seed and varies with it", () => {
    const schema = schemas["an object with required and optional properties"];
    const samples = Array.from({ length: 20 }, (_, draw) => JSON.stringify(jsonSample(schema, randomStream(draw))));
    expect(JSON.stringify(jsonSample(schema, randomStream(3)))).toBe(samples[3]);
    expect(new Set(samples).size).toBeGreaterThan(10);
    expect(samples.some((sample) => sample.includes("note"))).toBe(true);
    expect(samples.some((sample) => !sample.includes("note"))).toBe(true);
  });

  it("puts together what allOf says", () => {
    const schema = {
      allOf: [
        { type: "object", properties: { a: { const: 1 } }, required: ["a"] },
        { properties: { b: { const: 2 } }, required: ["b"] },
      ],
    };
    expect(jsonSample(schema, randomStream(1))).toEqual({ a: 1, b: 2 });
  });

  it("ends on a schema that refers to itself", () => {
    const tree = {
      $defs: {
        node: {
          type: "object",
          properties: { name: { const: "n" }, children: { type: "array", items: { $ref: "#/$defs/node" } } },
          required: ["name", "children"],
        },
      },
      $ref: "#/$defs/node",
    };
    for (let draw = 0; draw < 50; draw++) {
      expect(JSON.stringify(jsonSample(tree, randomStream(draw))).length).toBeLessThan(100_000);
    }
    const endless = { type: "object", properties: { self: { $ref: "#" } }, required: ["self"] };
    expect(JSON.stringify(jsonSample(endless, randomStream(1)))).toContain("self");
    expect(jsonSample({ $ref: "#" }, randomStream(1))).toBeTypeOf("string");
    expect(jsonSample({ allOf: [{ $ref: "#" }, { $ref: "#" }] }, randomStream(1))).toBeTypeOf("string");
  });

  it("makes something of any schema at all, and never fails", () => {
    const names = [
      "type",
      "enum",
      "items",
      "properties",
      "required",
      "minItems",
      "minimum",
      "anyOf",
      "allOf",
      "format",
      "$ref",
    ];
    fc.assert(
      fc.property(
        fc.dictionary(fc.constantFrom(...names), fc.jsonValue({ maxDepth: 3 })),
        fc.integer(),
        (schema, draw) => {
          expect(JSON.stringify(jsonSample(schema, randomStream(draw)))).toBeTypeOf("string");
        },
      ),
      { seed, numRuns: 300 },
    );
  });
});
