import { describe, expect, it } from "vitest";
import { ledgerBook } from "../../../behavior/provider-ledger.ts";
import type { UsageBin } from "../../../core/run.ts";
import { dayMs } from "../../../core/time.ts";

const call = { model: "gpt-4o", inputTokens: 100, cachedTokens: 40 };
const usage = { outputTokens: 20, wastedTokens: 5, completed: true };

describe("the provider's ledger", () => {
  it("puts what begins and what ends into the bins of their own instants", () => {
    const book = ledgerBook();
    book.begun(500, "served", 30);
    book.begun(1_000, "refused", 0);
    book.ended(2_999, call, usage, 7);
    expect(book.read(2_999)).toEqual({
      calls: 2,
      served: 1,
      refused: 1,
      failed: 0,
      inputTokens: 100,
      cachedTokens: 40,
      outputTokens: 20,
      wastedTokens: 5,
      cost: 7,
      unpricedModels: [],
      usage: [
        { startMs: 0, widthMs: 1_000, ...nothing, calls: 1, chargedTokens: 30 },
        { startMs: 1_000, widthMs: 1_000, ...nothing, calls: 1, refused: 1 },
        { startMs: 2_000, widthMs: 1_000, ...nothing, inputTokens: 100, outputTokens: 20, cost: 7 },
      ],
    });
  });

  it("lists the models that have no price, once each, and counts their tokens all the same", () => {
    const book = ledgerBook();
    for (const model of ["b", "a", "b"]) book.ended(0, { ...call, model }, usage, undefined);
    expect(book.read(0)).toMatchObject({ unpricedModels: ["a", "b"], cost: 0, outputTokens: 60 });
  });

  it("keeps at most 600 bins, however long the run, and loses nothing when bins merge", () => {
    const book = ledgerBook();
    for (let atMs = 0; atMs < dayMs; atMs += 7_000) {
      book.begun(atMs, atMs % 2_000 === 0 ? "refused" : "served", 10);
      book.ended(atMs, call, usage, 3);
      expect(book.read(atMs).usage.length).toBeLessThanOrEqual(600);
      atMs += atMs > 700_000 ? 100_000 : 0;
    }
    const { usage: bins, ...totals } = book.read(dayMs);
    expect(bins[0]?.widthMs).toBe(256_000);
    expect(bins.map((bin) => bin.startMs)).toEqual(bins.map((_, index) => index * 256_000));
    expect(sumOf(bins, "calls")).toBe(totals.calls);
    expect(sumOf(bins, "refused")).toBe(totals.refused);
    expect(sumOf(bins, "chargedTokens")).toBe(10 * totals.calls);
    expect(sumOf(bins, "inputTokens")).toBe(totals.inputTokens);
    expect(sumOf(bins, "outputTokens")).toBe(totals.outputTokens);
    expect(sumOf(bins, "cost")).toBe(totals.cost);
  });

  it("keeps a call in the bin of its own time when bins merge", () => {
    const book = ledgerBook();
    book.begun(599_999, "served", 0);
    book.begun(600_000, "served", 0);
    const busy = book.read(600_000).usage.filter((bin) => bin.calls > 0);
    expect(busy).toMatchObject([
      { startMs: 598_000, widthMs: 2_000, calls: 1 },
      { startMs: 600_000, widthMs: 2_000, calls: 1 },
    ]);
  });
});

const nothing = { calls: 0, refused: 0, chargedTokens: 0, inputTokens: 0, outputTokens: 0, cost: 0 };

function sumOf(bins: readonly UsageBin[], field: keyof typeof nothing): number {
  return bins.reduce((sum, bin) => sum + bin[field], 0);
}
