import { describe, expect, it } from "vitest";
import { importedPrice, litellmPrices } from "../../../behavior/price/litellm.ts";
import { SquallError } from "../../../core/errors.ts";

/** Rows as LiteLLM 1.109.1 has them, shortened. */
const list = JSON.stringify({
  sample_spec: { input_cost_per_token: 0.000_000_1 },
  "gpt-5.5": {
    input_cost_per_token: 5e-6,
    output_cost_per_token: 3e-5,
    cache_read_input_token_cost: 5e-7,
    input_cost_per_token_batches: 2.5e-6,
    output_cost_per_token_batches: 1.5e-5,
    input_cost_per_token_above_272k_tokens: 1e-5,
    output_cost_per_token_above_272k_tokens: 4.5e-5,
    cache_read_input_token_cost_above_272k_tokens: 1e-6,
  },
  "claude-opus-5-5": {
    input_cost_per_token: 4e-6,
    output_cost_per_token: 2e-5,
    cache_read_input_token_cost: 2e-7,
    cache_creation_input_token_cost: 5e-6,
    cache_creation_input_token_cost_above_1hr: 8e-6,
  },
  served: {
    input_cost_per_token: 2e-6,
    output_cost_per_token: 8e-6,
    input_cost_per_token_flex: 1e-6,
    output_cost_per_token_flex: 4e-6,
    input_cost_per_token_priority: 3.5e-6,
    output_cost_per_token_priority: 1.4e-5,
    cache_read_input_token_cost_priority: 8.75e-7,
  },
  thinker: { input_cost_per_token: 1e-6, output_cost_per_token: 2e-6, output_cost_per_reasoning_token: 3e-6 },
  "text-embedding-3-small": { input_cost_per_token: 2e-8, output_cost_per_token: 0 },
  "azure/gpt-5.5": { input_cost_per_token: 6e-6, output_cost_per_token: 3e-5 },
  "chatgpt/gpt-5.5": { litellm_provider: "chatgpt" },
  "free-model": { input_cost_per_token: 0, output_cost_per_token: 0 },
});

const imported = litellmPrices(list, "prices.json");

describe("prices in LiteLLM's format", () => {
  it("are dollars per token, kept as whole pico-dollars", () => {
    expect(imported.models.get("gpt-5.5")).toEqual({
      source: "litellm prices.json",
      tiers: [
        { aboveInputTokens: -1, input: 5e6, cached: 5e5, written: 5e6, writtenLong: 5e6, output: 3e7, reasoning: 3e7 },
        {
          aboveInputTokens: 272_000,
          input: 1e7,
          cached: 1e6,
          written: 5e6,
          writtenLong: 5e6,
          output: 4.5e7,
          reasoning: 4.5e7,
        },
      ],
      batch: [
        {
          aboveInputTokens: -1,
          input: 2.5e6,
          cached: 2.5e6,
          written: 2.5e6,
          writtenLong: 2.5e6,
          output: 1.5e7,
          reasoning: 1.5e7,
        },
      ],
    });
  });

  it("tell apart what may take its time and what comes first", () => {
    const price = imported.models.get("served");
    expect(price).not.toHaveProperty("batch");
    expect(price?.flex).toMatchObject([{ input: 1e6, cached: 1e6, output: 4e6 }]);
    expect(price?.priority).toMatchObject([{ input: 3.5e6, cached: 8.75e5, output: 1.4e7 }]);
  });

  it.each([
    ["claude-opus-5-5", { cached: 2e5, written: 5e6, writtenLong: 8e6 }],
    ["thinker", { output: 2e6, reasoning: 3e6 }],
    ["text-embedding-3-small", { input: 2e4, output: 0 }],
  ])("know what %s costs besides", (model, rates) => {
    expect(imported.models.get(model)?.tiers[0]).toMatchObject(rates);
  });

  it("take a model without a price, or with one of 0, for unpriced and never for free", () => {
    expect(imported.unpriced).toEqual(["chatgpt/gpt-5.5", "free-model"]);
    expect(imported.models.has("sample_spec")).toBe(false);
  });

  it("prefer the entry of the provider that serves the model", () => {
    expect(importedPrice(imported, ["azure/", ""], "gpt-5.5")?.tiers[0]?.input).toBe(6e6);
    expect(importedPrice(imported, ["openai/", ""], "gpt-5.5")?.tiers[0]?.input).toBe(5e6);
    expect(importedPrice(imported, ["openai/", ""], "gpt-9")).toBeUndefined();
  });

  it.each(["{", "[]", "{}", '{ "a": 1 }', '{ "a": { "input_cost_per_token": -1 } }'])("are not %s", (text) => {
    expect(() => litellmPrices(text, "x.json")).toThrow(SquallError);
  });
});
