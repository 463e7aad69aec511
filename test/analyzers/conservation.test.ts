import { describe, expect, it } from "vitest";
import { conservationFindings } from "../../analyzers/conservation.ts";
import type { ProviderLedger } from "../../core/run.ts";
import { madeLedger, madeRecord, madeRun, refused } from "./made-run.ts";

describe("conservation", () => {
  const records = [
    madeRecord({ key: "a", phase: "warmup", cost: 5 }),
    madeRecord({ key: "b", upstreamCalls: 2, cost: 7, wastedTokens: 3 }),
    refused("c"),
  ];
  const ledger = madeLedger({
    calls: 4,
    served: 3,
    refused: 1,
    inputTokens: 150,
    outputTokens: 23,
    wastedTokens: 3,
    cost: 12,
    usage: [
      {
        startMs: 0,
        widthMs: 1_000,
        calls: 4,
        refused: 1,
        chargedTokens: 200,
        inputTokens: 150,
        outputTokens: 23,
        cost: 12,
      },
    ],
  });

  it("ties calls, tokens and money of all phases to the ledgers, as information", () => {
    const findings = conservationFindings(madeRun(records, { providers: [ledger] }));
    expect(findings).toMatchObject([{ id: "conservation", detail: "9 counts of calls, tokens and dollars agree" }]);
    expect(findings[0]?.judgement).toBeUndefined();
  });

  it.each([
    { id: "calls", change: { calls: 5, failed: 1, usage: [{ ...ledger.usage[0], calls: 5 }] } },
    { id: "cost", change: { cost: 13, usage: [{ ...ledger.usage[0], cost: 13 }] } },
    { id: "output-tokens", change: { outputTokens: 24, usage: [{ ...ledger.usage[0], outputTokens: 24 }] } },
    { id: "input-tokens", change: { inputTokens: 201, usage: [{ ...ledger.usage[0], inputTokens: 201 }] } },
    { id: "input-tokens", change: { inputTokens: 99, usage: [{ ...ledger.usage[0], inputTokens: 99 }] } },
    { id: "openai.fates", change: { failed: 1 } },
    { id: "openai.bins.calls", change: { usage: [{ ...ledger.usage[0], calls: 3 }] } },
    { id: "openai.bins.input", change: { usage: [{ ...ledger.usage[0], inputTokens: 149 }] } },
    { id: "openai.bins.output", change: { usage: [{ ...ledger.usage[0], outputTokens: 22 }] } },
    { id: "openai.bins.cost", change: { usage: [{ ...ledger.usage[0], cost: 11 }] } },
  ])("is inconclusive when one count is off: $id", ({ id, change }) => {
    const providers = [{ ...ledger, ...change } as ProviderLedger];
    const findings = conservationFindings(madeRun(records, { providers }));
    expect(findings.map((finding) => [finding.id, finding.judgement])).toEqual([
      [`conservation.${id}`, "inconclusive"],
    ]);
  });

  it("counts what the platform asked by itself, such as whether a model answers its health check", () => {
    const own = { calls: 2, inputTokens: 16, outputTokens: 2, cost: 5 };
    const [found] = madeRun([], { providers: [ledger] }).manifest.providers;
    const providers = found === undefined ? [] : [found];
    const [tied] = conservationFindings(madeRun(records, { providers }));
    const [untied] = conservationFindings(madeRun(records, { providers, ownCalls: own }));
    expect([tied?.id, untied?.id]).toEqual(["conservation", "conservation.calls"]);
  });

  it("says nothing about a run that lost its end, or that has no ledger", () => {
    expect(conservationFindings(madeRun(records, { providers: [madeLedger()], status: "interrupted" }))).toEqual([]);
    expect(conservationFindings(madeRun(records))).toEqual([]);
  });
});
