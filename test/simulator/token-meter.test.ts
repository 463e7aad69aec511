import { describe, expect, it } from "vitest";
import type { ProviderAsk } from "../../behavior/provider.ts";
import type { ProviderLedger } from "../../core/run.ts";
import { TokenMeter } from "../../simulator/token-meter.ts";
import { answerAt10, scriptedProvider } from "./scripted-platform.ts";

const ask: ProviderAsk = {
  apiKey: "key",
  requestKey: "r",
  attempt: 1,
  model: "m",
  inputTokens: 30,
  cachedTokens: 0,
  promptCharacters: 120,
  maxOutputTokens: undefined,
  outputTokens: 5,
  stream: true,
};

function meterWith(...tokensPerMinute: readonly (number | null)[]): TokenMeter {
  const provider = scriptedProvider("p", [answerAt10]);
  const limits = tokensPerMinute.map((limit, index) => ({
    model: `m${index}`,
    requestsPerMinute: null,
    tokensPerMinute: limit,
  }));
  return new TokenMeter({ ...provider, ledger: (nowMs): ProviderLedger => ({ ...provider.ledger(nowMs), limits }) });
}

describe("the token meter", () => {
  it("counts the prompt when a call is served and the answer when it ends, and nothing of a refused call", () => {
    const meter = new TokenMeter(scriptedProvider("p", [answerAt10, { kind: "status", status: 503, afterMs: 0 }]));
    const decision = meter.begin(0, ask);
    expect(meter.tokens).toBe(30);
    if (decision.kind !== "serve") throw new Error("the first call is served");
    meter.finish(10, decision.ticket, { outputTokens: 4, wastedTokens: 1, completed: true });
    expect(meter.tokens).toBe(34);
    meter.begin(20, ask);
    expect(meter.tokens).toBe(34);
  });

  it.each([
    { limits: [1_000, 500], limit: 1_500 },
    { limits: [1_000, null], limit: undefined },
    { limits: [], limit: undefined },
  ])("knows the limit over all models, which is none where one is unlimited: $limits", ({ limits, limit }) => {
    expect(meterWith(...limits).limitPerMinute).toBe(limit);
  });
});
