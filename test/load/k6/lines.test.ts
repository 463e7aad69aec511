import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { K6Record } from "../../../core/k6-plan.ts";
import { readLine, recordOf, splitLines } from "../../../load/k6/lines.ts";

const seen: K6Record = {
  key: "a0",
  phase: "load",
  tenant: "web",
  model: "m",
  stream: true,
  intendedMs: 10,
  sentMs: 10.5,
  firstTokenMs: 300.1234,
  endMs: 400,
  status: 200,
  outcome: "ok",
  reason: "",
  inputTokens: 9,
  cachedTokens: 0,
  outputTokens: 2,
  chunks: 2,
};

const line = (value: object): string => `squall ${JSON.stringify(value)}`;

describe("splitLines", () => {
  it("hands over the same lines however the bytes are cut, characters of several bytes included", () => {
    const text = 'squall {"a":"漢字"}\nsecond\n\nlast\n';
    const bytes = Buffer.from(text);
    fc.assert(
      fc.property(fc.array(fc.nat(bytes.length), { maxLength: 6 }), (cuts) => {
        const lines: string[] = [];
        const take = splitLines((each) => lines.push(each));
        const at = [0, ...cuts.toSorted((left, right) => left - right), bytes.length];
        for (const [index, from] of at.slice(0, -1).entries()) take(bytes.subarray(from, at[index + 1]));
        expect(lines).toEqual(text.split("\n").slice(0, -1));
      }),
      { seed: 3 },
    );
  });

  it("skips a line that never ends, and reads on behind it", () => {
    const lines: string[] = [];
    const take = splitLines((each) => lines.push(each));
    for (let piece = 0; piece < 100; piece++) take(Buffer.alloc(1_024, "x"));
    take(Buffer.from("\nnext\n"));
    expect(lines).toEqual(["next"]);
  });
});

describe("a line of k6", () => {
  it("is ours when it is marked, and read as what it says", () => {
    expect(readLine(line({ kind: "end", record: seen }))).toEqual({ kind: "end", record: seen });
    expect(readLine(line({ kind: "over", phase: "load" }))).toEqual({ kind: "over", phase: "load" });
    expect(readLine(line({ kind: "script-cut", user: 3 }))).toEqual({ kind: "script-cut", user: 3 });
    expect(readLine("Request Failed")).toBeUndefined();
    expect(readLine('someone said squall {"kind":"over"}')).toBeUndefined();
  });

  it.each([
    { why: "no JSON", text: 'squall {"kind":"end","rec' },
    { why: "an unknown kind", text: line({ kind: "else" }) },
    { why: "a record without its instants", text: line({ kind: "end", record: { ...seen, endMs: undefined } }) },
    { why: "an outcome that there is not", text: line({ kind: "end", record: { ...seen, outcome: "fine" } }) },
    { why: "a phase that there is not", text: line({ kind: "begin", record: { ...seen, phase: "cool" } }) },
    { why: "a first token that is a word", text: line({ kind: "end", record: { ...seen, firstTokenMs: "soon" } }) },
    { why: "no user", text: line({ kind: "script-cut" }) },
    { why: "no phase", text: line({ kind: "over" }) },
  ])("that is marked is damaged with $why", ({ text }) => {
    expect(readLine(text)).toBe("damaged");
  });

  it("becomes a record at its place in the run, empty where only the providers know", () => {
    expect(recordOf({ ...seen, clientTries: 2 }, 1_000)).toEqual({
      ...seen,
      provider: "",
      intendedMs: 1_010,
      sentMs: 1_010.5,
      firstTokenMs: 1_300.123,
      endMs: 1_400,
      gapMaxMs: 0,
      upstreamCalls: 0,
      cost: 0,
      wastedTokens: 0,
      clientTries: 2,
    });
    expect(recordOf({ ...seen, firstTokenMs: null }, 0)).toMatchObject({ firstTokenMs: null });
    expect(recordOf(seen, 0)).not.toHaveProperty("clientTries");
  });
});
