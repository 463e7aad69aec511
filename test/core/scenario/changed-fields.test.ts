import { describe, expect, it } from "vitest";
import { changedFields } from "../../../core/scenario/changed-fields.ts";

describe("the fields in which two scenarios differ", () => {
  it("are named by their paths, with what they were and are", () => {
    const before = "platform: { retries: { max: 1, on: [429] } }\nseed: 1\n";
    const after = "platform:\n  retries: { max: 2, on: [429, 5xx] }\nabout: now\n";
    expect(changedFields(before, after)).toEqual([
      { path: "platform.retries.max", before: "1", after: "2" },
      { path: "seed", before: "1", after: undefined },
      { path: "platform.retries.on.1", before: undefined, after: "5xx" },
      { path: "about", before: undefined, after: "now" },
    ]);
  });

  it("are none where only order, layout and comments differ", () => {
    expect(changedFields("a: 1\nb: { c: x }\n", "# why\nb:\n  c: x\na: 1\n")).toEqual([]);
  });

  it("tell that something empty came or went, and nothing of a text that cannot be read", () => {
    expect(changedFields("models: { a: {} }", "models: {}")).toEqual([
      { path: "models.a", before: "{}", after: undefined },
      { path: "models", before: undefined, after: "{}" },
    ]);
    expect(changedFields("a: [", "b: {")).toEqual([]);
  });
});
