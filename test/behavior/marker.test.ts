import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatMarker, markerLengthMax, parseMarker } from "../../behavior/marker.ts";
import type { PhaseName } from "../../core/record.ts";
import { planned } from "../load/planned.ts";

const tokens = fc.integer({ min: 0, max: 999_999_999 });
const marked = fc.record({
  key: fc.stringMatching(/^[A-Za-z0-9_.-]{1,64}$/),
  inputTokens: tokens,
  cachedTokens: tokens,
  outputTokens: tokens,
});
const phases = fc.constantFrom<PhaseName>("warmup", "baseline", "load");

describe("the marker", () => {
  it("reads as people would write it", () => {
    const request = planned({ key: "u3.s0.t2", inputTokens: 118, outputTokens: 24 });
    expect(formatMarker("load", request)).toBe("[sq l u3.s0.t2 in=118 cached=0 out=24] ");
  });

  it("comes back from the head of any text, and says where the text goes on", () => {
    fc.assert(
      fc.property(phases, marked, fc.string(), (phase, facts, prompt) => {
        const text = formatMarker(phase, planned(facts)) + prompt;
        const marker = parseMarker(text);
        expect(marker).toEqual({ phase, ...facts, length: text.length - prompt.length });
        expect(marker?.length).toBeLessThanOrEqual(markerLengthMax);
      }),
      { seed: 1 },
    );
  });

  it("ends where its first closing bracket is, so a prompt that quotes a marker changes nothing", () => {
    const head = formatMarker("baseline", planned({ key: "w0" }));
    expect(parseMarker(`${head}${formatMarker("load", planned({ key: "w1" }))}`)?.key).toBe("w0");
  });

  it.each([
    ["a foreign prompt", "Hello"],
    ["a marker that does not come first", " [sq l a0 in=1 cached=0 out=1] hi"],
    ["an unknown phase", "[sq x a0 in=1 cached=0 out=1] hi"],
    ["a key of other characters", "[sq l a/0 in=1 cached=0 out=1] hi"],
    ["a key that is too long", `[sq l ${"a".repeat(65)} in=1 cached=0 out=1] hi`],
    ["a negative count", "[sq l a0 in=-1 cached=0 out=1] hi"],
    ["a count with leading zeros", "[sq l a0 in=01 cached=0 out=1] hi"],
    ["a count that is too large", "[sq l a0 in=1000000000 cached=0 out=1] hi"],
    ["fields in another order", "[sq l a0 out=1 cached=0 in=1] hi"],
    ["no space at the end", "[sq l a0 in=1 cached=0 out=1]hi"],
    ["a marker cut short", "[sq l a0 in=1 cached=0 out=1"],
    ["an empty text", ""],
  ])("is not seen in %s", (_, text) => {
    expect(parseMarker(text)).toBeUndefined();
  });

  it.each([
    ["a key with a space", { key: "a 0" }],
    ["a key with a bracket", { key: "a]" }],
    ["an empty key", { key: "" }],
    ["half a token", { inputTokens: 0.5 }],
    ["a negative count", { outputTokens: -1 }],
  ])("is never written for %s", (_, facts) => {
    expect(() => formatMarker("load", planned(facts))).toThrow(/request key|no token count/);
  });
});
