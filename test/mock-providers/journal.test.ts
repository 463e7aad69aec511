import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Journal, type JournalRecord } from "../../mock-providers/journal.ts";

function record(key: number): JournalRecord {
  return {
    key: `r${key}`,
    phase: "load",
    tenant: "org",
    model: "m",
    provider: "p",
    stream: false,
    intendedMs: 0,
    sentMs: 0,
    firstTokenMs: null,
    endMs: 0,
    status: 200,
    outcome: "ok",
    reason: "",
    inputTokens: 0,
    tokensBy: "marker",
    cachedTokens: 0,
    outputTokens: 0,
    chunks: 0,
    gapMaxMs: 0,
    upstreamCalls: 1,
    cost: 0,
    wastedTokens: 0,
  };
}

describe("Journal", () => {
  it("hands out, in order, what came after a number, as far back as it reaches", () => {
    const ask = fc.record({
      capacity: fc.integer({ min: 1, max: 20 }),
      written: fc.integer({ min: 0, max: 60 }),
      after: fc.integer({ min: 0, max: 70 }),
      limit: fc.integer({ min: 1, max: 70 }),
    });
    fc.assert(
      fc.property(ask, ({ capacity, written, after, limit }) => {
        const journal = new Journal(capacity);
        for (let number = 1; number <= written; number++) journal.write(record(number));
        const all = Array.from({ length: written }, (_, index) => index + 1).slice(-capacity);
        const expected = all.filter((number) => number > after).slice(0, limit);
        const entries = journal.read(after, limit);
        expect(entries.map((entry) => entry.seq)).toEqual(expected);
        expect(entries.map((entry) => entry.key)).toEqual(expected.map((number) => `r${number}`));
        expect(journal.lastSeq).toBe(written);
        expect(journal.firstSeq).toBe(all[0] ?? 1);
      }),
      { seed: 11 },
    );
  });
});
