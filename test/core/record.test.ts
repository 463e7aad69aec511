import { describe, expect, it } from "vitest";
import { e2eMs, isOk, itlMs, latenessMs, type RequestRecord, ttftMs } from "../../core/record.ts";

const answered: RequestRecord = {
  key: "u0.s0.t0",
  phase: "load",
  tenant: "default",
  model: "gpt-4o-mini",
  provider: "openai",
  stream: true,
  intendedMs: 1_000,
  sentMs: 1_030,
  firstTokenMs: 1_500,
  endMs: 1_900,
  status: 200,
  outcome: "ok",
  reason: "",
  inputTokens: 100,
  cachedTokens: 0,
  outputTokens: 5,
  chunks: 5,
  gapMaxMs: 120,
  upstreamCalls: 1,
  cost: 1,
  wastedTokens: 0,
};

describe("the latencies of a record", () => {
  it("count from when the request was meant to be sent, not from when a late generator sent it", () => {
    expect([ttftMs(answered), e2eMs(answered), latenessMs(answered)]).toEqual([500, 900, 30]);
  });

  it("spread the time after the first token over the tokens that came after it", () => {
    expect(itlMs(answered)).toBe(100);
  });

  it.each([
    { why: "no token came", facts: { firstTokenMs: null } },
    { why: "a single token has nothing after it", facts: { outputTokens: 1 } },
    { why: "an answer that is not streamed comes at once", facts: { stream: false } },
  ])("know no inter-token latency where $why", ({ facts }) => {
    expect(itlMs({ ...answered, ...facts })).toBeUndefined();
  });

  it("know no time to first token when none came", () => {
    expect(ttftMs({ ...answered, firstTokenMs: null, outcome: "timeout" })).toBeUndefined();
    expect(isOk({ ...answered, outcome: "timeout" })).toBe(false);
  });

  it("never call a generator early", () => {
    expect(latenessMs({ ...answered, sentMs: 999 })).toBe(0);
  });
});
