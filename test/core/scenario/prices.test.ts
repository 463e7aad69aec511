import { describe, expect, it } from "vitest";
import { parseScenario } from "../../../core/scenario/parse.ts";
import { parseTokenPrice, tokenPriceInWords } from "../../../core/scenario/price-schema.ts";
import type { Scenario } from "../../../core/scenario/scenario.ts";

describe("a price of tokens", () => {
  it.each([
    ["$2.50/M", 2_500_000],
    ["$0.01 / k", 10_000_000],
    ["$0.000001/M", 1],
    ["0", 0],
  ])("%s is %i pico-dollars a token", (text, pico) => {
    expect(parseTokenPrice(text)).toBe(pico);
  });

  it.each(["2.50/M", "$2.50", "$2.50/G", "$-1/M", "free", ""])("is not %s", (text) => {
    expect(parseTokenPrice(text)).toBeUndefined();
  });

  it.each([1, 999, 75_000, 2_500_000, 123_456_789])("of %i pico-dollars is written so that it can be read", (pico) => {
    expect(parseTokenPrice(tokenPriceInWords(pico))).toBe(pico);
  });
});

function scenarioWith(more: string, model = "{}"): Scenario {
  return parseScenario(
    `
scenario: prices
traffic:
  arrivals: [{ rate: 1/s, for: 10s }]
  requests: [{ model: gpt-4o, input: 1000, output: 100 }]
providers: { a: { dialect: openai, latency: instant, models: { gpt-4o: ${model} } } }
${more}
`,
    "prices.yaml",
  );
}

describe("the prices of a scenario", () => {
  it("go to every model of the name, reasoning and cache as input and output unless said", () => {
    const scenario = scenarioWith("prices: { gpt-4o: { input: $2.50/M, output: $10/M, cached: $1.25/M } }");
    expect(scenario.providers[0]?.models[0]?.price).toEqual({
      source: "scenario",
      tiers: [
        {
          aboveInputTokens: -1,
          input: 2_500_000,
          cached: 1_250_000,
          written: 2_500_000,
          writtenLong: 2_500_000,
          output: 10_000_000,
          reasoning: 10_000_000,
        },
      ],
    });
  });

  it("leave a model that has a price of its own alone", () => {
    const scenario = scenarioWith("prices: { gpt-4o: { input: $9/M } }", "{ price: { input: $1/M } }");
    expect(scenario.providers[0]?.models[0]?.price?.tiers[0]?.input).toBe(1_000_000);
  });

  it("can be a file", () => {
    expect(scenarioWith("prices: ./prices.json").priceFile).toBe("./prices.json");
  });

  it("are none unless written", () => {
    expect(scenarioWith("").providers[0]?.models[0]).not.toHaveProperty("price");
  });
});
