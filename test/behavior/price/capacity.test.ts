import { describe, expect, it } from "vitest";
import { createFaultSchedule } from "../../../behavior/faults/schedule.ts";
import { genaiPrices } from "../../../behavior/price/genai-prices.ts";
import type { Provider } from "../../../behavior/provider.ts";
import { createProvider } from "../../../behavior/provider-model.ts";
import { fromDollars } from "../../../core/money.ts";
import { randomStream } from "../../../core/random.ts";
import type { ModelSpec, ProviderSpec } from "../../../core/scenario/provider-spec.ts";

function provider(model: Partial<ModelSpec>, more: Partial<ProviderSpec>): Provider {
  const spec: ModelSpec = {
    model: "gpt-4.1",
    requestsPerMinute: undefined,
    tokensPerMinute: undefined,
    requestsPerDay: undefined,
    tokensPerDay: undefined,
    latencyProfile: "instant",
    latencyScale: 1,
    ...model,
  };
  return createProvider({
    spec: { name: "a", dialect: "azure-openai", models: [spec], sliceMs: 0, ...more },
    accounts: [{ apiKey: "k", organization: "o", state: "active" }],
    random: randomStream(1),
    prices: genaiPrices("openai"),
    faults: createFaultSchedule(),
    latencyScale: 1,
  });
}

function costOfCall(one: Provider, model = "gpt-4.1"): number {
  const call = {
    inputTokens: 1_000,
    cachedTokens: 0,
    promptCharacters: 4_000,
    maxOutputTokens: 100,
    outputTokens: 100,
  };
  const decision = one.begin(0, { apiKey: "k", requestKey: "r", attempt: 1, model, stream: false, ...call });
  if (decision.kind !== "serve") throw new Error(decision.kind);
  return one.finish(0, decision.ticket, { outputTokens: 100, wastedTokens: 0, completed: true });
}

describe("capacity paid by the hour", () => {
  it("serves calls that cost nothing more, and stands in the ledger with its published price", () => {
    const one = provider({ provisionedUnits: 50 }, {});
    expect(costOfCall(one)).toBe(0);
    expect(one.ledger(0)).toMatchObject({
      cost: 0,
      unpricedModels: [],
      capacity: [{ what: "gpt-4.1", unit: "PTU", units: 50, unitHourly: fromDollars(1) }],
    });
  });

  it("costs what the scenario says, where it says so", () => {
    const one = provider({ provisionedUnits: 50, unitHourly: fromDollars(0.8) }, {});
    expect(one.ledger(0).capacity).toMatchObject([{ unitHourly: fromDollars(0.8), source: "scenario" }]);
  });

  it("of Vertex AI covers what it serves, and leaves what goes beside it at its price", () => {
    const flash = { model: "gemini-2.5-flash", provisionedUnits: 1 };
    const one = provider(flash, { dialect: "vertex" });
    expect(costOfCall(one, "gemini-2.5-flash")).toBe(0);
    expect(one.ledger(0).capacity).toMatchObject([{ unit: "GSU", unitHourly: fromDollars(3.6986) }]);
  });

  it.each([
    [{ count: 2, type: "p5.48xlarge" }, fromDollars(55.04), /AWS/],
    [{ count: 2, type: "p5.48xlarge", hourly: fromDollars(20) }, fromDollars(20), /scenario/],
    [{ count: 2, type: "my-node" }, null, /no published price/],
  ])("of nodes %j is priced by type unless told", (nodes, unitHourly, source) => {
    const one = provider({}, { dialect: "openai", nodes });
    expect(costOfCall(one)).toBe(0);
    const [charge] = one.ledger(0).capacity ?? [];
    expect(charge).toMatchObject({ unit: "node", units: 2, unitHourly });
    expect(charge?.source).toMatch(source);
  });

  it("is absent from the ledger where all is paid as it is used", () => {
    const one = provider({}, { dialect: "openai" });
    expect(costOfCall(one)).toBeGreaterThan(0);
    expect(one.ledger(0)).not.toHaveProperty("capacity");
  });
});

describe("tokens that were thought", () => {
  it("cost what thinking costs, and no more of them than were generated", () => {
    const tier = {
      aboveInputTokens: -1,
      input: 0,
      cached: 0,
      written: 0,
      writtenLong: 0,
      output: 1_000,
      reasoning: 3_000,
    };
    const one = provider({ price: { source: "scenario", tiers: [tier] } }, { dialect: "openai" });
    const costOf = (generated: number): number => {
      const call = { inputTokens: 10, cachedTokens: 0, promptCharacters: 40, maxOutputTokens: 100, outputTokens: 100 };
      const ask = {
        apiKey: "k",
        requestKey: "r",
        attempt: 1,
        model: "gpt-4.1",
        stream: true,
        reasoningTokens: 40,
        ...call,
      };
      const decision = one.begin(0, ask);
      if (decision.kind !== "serve") throw new Error(decision.kind);
      return one.finish(0, decision.ticket, { outputTokens: generated, wastedTokens: 0, completed: true });
    };
    expect(costOf(100)).toBe(40 * 3 + 60);
    expect(costOf(30)).toBe(30 * 3);
  });
});
