import { describe, expect, it } from "vitest";
import { peakOfTokenLimit, quotaFindings, useByMinute } from "../../analyzers/quota.ts";
import type { ProviderLedger, UsageBin } from "../../core/run.ts";
import { madeLedger, madeRun } from "./made-run.ts";

describe("quota", () => {
  function bin(startMs: number, chargedTokens: number, widthMs = 10_000): UsageBin {
    return { startMs, widthMs, chargedTokens, calls: 1, refused: 0, inputTokens: 0, outputTokens: 0, cost: 0 };
  }

  it("adds up the bins of the last minute, by hand", () => {
    const usage = [0, 10_000, 20_000, 30_000, 40_000, 50_000, 60_000, 70_000].map((startMs) =>
      bin(startMs, startMs / 10_000),
    );
    // Six bins of ten seconds: the last is 2 + 3 + 4 + 5 + 6 + 7.
    expect(useByMinute(usage).map((use) => use.tokens)).toEqual([0, 1, 3, 6, 10, 15, 21, 27]);
  });

  it("does not scale a short run up to a minute, brings wide bins down to one, and sees gaps", () => {
    expect(useByMinute([bin(0, 500)]).map((use) => use.tokens)).toEqual([500]);
    expect(useByMinute([bin(0, 600, 120_000), bin(120_000, 100, 120_000)]).map((use) => use.tokens)).toEqual([300, 50]);
    expect(useByMinute([bin(0, 500), bin(300_000, 7)]).map((use) => use.tokens)).toEqual([500, 7]);
  });

  const limited = (tokensPerMinute: number | null): ProviderLedger["limits"][number] => ({
    model: "gpt-4o-mini",
    requestsPerMinute: null,
    tokensPerMinute,
  });

  it("finds the peak against the limits of all models together", () => {
    const ledger = madeLedger({
      usage: [bin(0, 900), bin(10_000, 600)],
      limits: [limited(1_000), limited(1_000)],
      refused: 4,
      calls: 9,
    });
    const run = madeRun([], { providers: [ledger] });
    expect(peakOfTokenLimit(run)).toBe(0.75);
    expect(quotaFindings(run)).toMatchObject([
      { measured: 1_500, detail: "75 % of the limit, the limits of 2 models together, in the minute up to 0:20" },
      { measured: 4, samples: 9 },
    ]);
  });

  it("has no share of a limit when a model is unlimited", () => {
    const ledger = madeLedger({ usage: [bin(0, 900)], limits: [limited(1_000), limited(null)] });
    expect(peakOfTokenLimit(madeRun([], { providers: [ledger] }))).toBeUndefined();
  });
});
