/** Fifty streams at once through each vendor's own SDK. */
import { describe, expect, it } from "vitest";
import { answerText } from "../../behavior/prompt.ts";
import { callers } from "./faults/callers.ts";

const streams = 50;

describe.each(Object.entries(callers))("fifty streams at once of %s", (_name, caller) => {
  it("are all whole, and none is mixed up with another", async () => {
    const { mock, stream } = await caller();
    const alone = await stream("alone");
    const keys = Array.from({ length: streams }, (_, index) => `p${index}`);
    const together = await Promise.all(keys.map((key) => stream(key)));
    expect(together.map(({ error }) => error)).toEqual(keys.map(() => undefined));
    expect(new Set(together.map(({ finish }) => finish))).toEqual(new Set([alone.finish]));
    expect(new Set(together.map(({ outputTokens }) => outputTokens))).toEqual(new Set([120]));
    expect(together.map(({ text }) => text)).toEqual(keys.map((key) => answerText(key)(0, 120)));
    const journal = await mock.journal();
    expect(journal.map(({ outcome }) => outcome)).toEqual(journal.map(() => "ok"));
    expect(journal.filter(({ outputTokens }) => outputTokens === 120)).toHaveLength(streams + 1);
  });
});
