import { readFileSync } from "node:fs";
import { calcPrice } from "@pydantic/genai-prices";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { genaiPrices, genaiPricesDate, genaiPricesVersion } from "../../../behavior/price/genai-prices.ts";
import { InvariantError } from "../../../core/invariant.ts";
import { nanoPerDollar } from "../../../core/money.ts";

const prices = genaiPrices("openai");

describe("prices", () => {
  // By hand from OpenAI's price list: gpt-4o-mini $0.15 in, $0.075 cached, $0.60 out per 1M tokens; gpt-4.1 $2, $0.50, $8;
  // gpt-5.5 $5, $0.50, $30, and from 272,000 prompt tokens on $10, $1, $45 for all of them (so too LiteLLM 1.109.1's list).
  it.each([
    { model: "gpt-4o-mini", input: 1_000_000, cached: 0, output: 0, dollars: 0.15 },
    { model: "gpt-4o-mini", input: 0, cached: 0, output: 1_000_000, dollars: 0.6 },
    { model: "gpt-4o-mini", input: 1_000_000, cached: 1_000_000, output: 0, dollars: 0.075 },
    { model: "gpt-4o-mini", input: 1_000, cached: 400, output: 200, dollars: 0.000_24 },
    { model: "gpt-4o-mini-2024-07-18", input: 1_000_000, cached: 0, output: 1_000_000, dollars: 0.75 },
    { model: "gpt-4.1", input: 10_000, cached: 2_000, output: 1_000, dollars: 0.025 },
    { model: "gpt-5.5", input: 271_999, cached: 0, output: 0, dollars: 1.359_995 },
    { model: "gpt-5.5", input: 272_000, cached: 100_000, output: 1_000, dollars: 1.865 },
  ])("charge $model $dollars dollars for $input in, $cached of them cached, and $output out", (row) => {
    expect(prices.price(row.model, row)).toBe(Math.round(row.dollars * nanoPerDollar));
  });

  // By hand from Anthropic's price list: Claude Haiku 4.5 $1 in, $0.10 read, $1.25 written for minutes, $2 for an hour, $5 out.
  it.each([
    { input: 1_000_000, cached: 0, output: 0, written: { short: 1_000_000, long: 0 }, dollars: 1.25 },
    { input: 1_000_000, cached: 0, output: 0, written: { short: 0, long: 1_000_000 }, dollars: 2 },
    { input: 10_000, cached: 6_000, output: 100, written: { short: 1_000, long: 2_000 }, dollars: 0.007_35 },
  ])("charge $dollars dollars for $input in, of them $cached read from the cache and $written written", (row) => {
    expect(genaiPrices("anthropic").price("claude-haiku-4-5", row)).toBe(Math.round(row.dollars * nanoPerDollar));
  });

  it("charge what is written to a cache as any other input where that has no price of its own", () => {
    const tokens = { input: 1_000_000, cached: 0, output: 0 };
    const written = { short: 400_000, long: 100_000 };
    expect(prices.price("gpt-4o-mini", { ...tokens, written })).toBe(prices.price("gpt-4o-mini", tokens));
  });

  it("refuse to write more than there is", () => {
    const tokens = { input: 10, cached: 5, output: 0, written: { short: 6, long: 0 } };
    expect(() => genaiPrices("anthropic").price("claude-haiku-4-5", tokens)).toThrow(InvariantError);
  });

  it("say unpriced, not free, for models they do not know and for models without a price", () => {
    const tokens = { input: 1_000, cached: 0, output: 1_000 };
    expect(prices.price("my-own-model", tokens)).toBeUndefined();
    expect(prices.price("omni-moderation-latest", tokens)).toBeUndefined();
  });

  it("agree with the package's own float arithmetic to half a nano-dollar, in whole nano-dollars", () => {
    const timestamp = new Date(genaiPricesDate);
    const models = ["gpt-4o-mini", "gpt-4o", "gpt-4.1-nano", "gpt-5-nano", "gpt-6-sol", "o3", "text-embedding-3-small"];
    fc.assert(
      fc.property(
        fc.constantFrom(...models),
        fc.integer({ min: 0, max: 400_000 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.integer({ min: 0, max: 100_000 }),
        (model, input, share, output) => {
          const cached = Math.floor(share * input);
          const usage = { input_tokens: input, cache_read_tokens: cached, output_tokens: output };
          const wanted = calcPrice(usage, model, { providerId: "openai", timestamp })?.total_price ?? Number.NaN;
          const charged = prices.price(model, { input, cached, output }) ?? Number.NaN;
          expect(Number.isSafeInteger(charged)).toBe(true);
          expect(Math.abs(charged - wanted * nanoPerDollar)).toBeLessThanOrEqual(0.501);
        },
      ),
      { seed: 20_261_121 },
    );
  });

  it("know context lengths, where they are published", () => {
    expect(prices.contextTokens("gpt-4o-mini")).toBe(128_000);
    expect(prices.contextTokens("my-own-model")).toBeUndefined();
  });

  it("name the version that is installed", () => {
    const manifest: unknown = JSON.parse(readFileSync("node_modules/@pydantic/genai-prices/package.json", "utf8"));
    expect(manifest).toMatchObject({ version: genaiPricesVersion });
    expect(prices.version).toBe("genai-prices 0.1.8 (2026-09-23)");
  });

  it("refuse more cached tokens than there are", () => {
    expect(() => prices.price("gpt-4o", { input: 1, cached: 2, output: 0 })).toThrow(InvariantError);
  });
});
