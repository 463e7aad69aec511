/**
 * Prices from `@pydantic/genai-prices`: data bundled in the package, no network, one fixed day.
 *
 * The package looks prices up by date, so the day is pinned: the same run costs the same next year. Rates are looked up
 * once per model; a charge is whole-number arithmetic in pico-dollars, rounded once to nano-dollars. (No OpenAI price in this
 * data is finer than $0.001 per million tokens, one nano-dollar per token, so these charges are exact.)
 */
import { calcPrice, type ModelPrice, type TieredPrices } from "@pydantic/genai-prices";
import type { PriceTier } from "../../core/scenario/price-spec.ts";
import type { Dialect } from "../../core/scenario/provider-spec.ts";
import { charge } from "./charge.ts";
import type { PriceTable } from "./prices.ts";

/** Package version and the day it was published; the data carries no date of its own (package.json, npm registry). */
export const genaiPricesVersion = "0.1.8";
export const genaiPricesDate = "2026-09-23";
/** Which data, for manifests. */
export const genaiPricesName: string = `genai-prices ${genaiPricesVersion} (${genaiPricesDate})`;

/** What the package calls the provider behind a dialect. */
const providerIds: Readonly<Record<Dialect, string>> = {
  openai: "openai",
  "azure-openai": "azure",
  anthropic: "anthropic",
  bedrock: "aws",
  gemini: "google",
  vertex: "google",
};

interface ModelRates {
  /** Lowest first; empty when the model has no price. */
  readonly tiers: readonly PriceTier[];
  readonly contextTokens: number | undefined;
}

const unknownModel: ModelRates = { tiers: [], contextTokens: undefined };

/** The price table of the provider behind a dialect. */
export function genaiPrices(dialect: Dialect): PriceTable {
  const known = new Map<string, ModelRates>();
  const ratesOf = (model: string): ModelRates => {
    const cached = known.get(model);
    if (cached !== undefined) return cached;
    const rates = lookUp(providerIds[dialect], model);
    known.set(model, rates);
    return rates;
  };
  return {
    version: genaiPricesName,
    price: (model, tokens, share) => charge(ratesOf(model).tiers, tokens, share),
    contextTokens: (model) => ratesOf(model).contextTokens,
  };
}

/**
 * An empty price object means that the package knows the model but no price for it (`omni-moderation-latest` and 162
 * others); `calcPrice` would answer 0, we answer unpriced.
 */
function lookUp(providerId: string, model: string): ModelRates {
  // oxlint-disable-next-line no-restricted-globals -- a fixed day, no clock is read
  const timestamp = new Date(genaiPricesDate);
  const found = calcPrice({ input_tokens: 0, output_tokens: 0 }, model, { providerId, timestamp });
  if (found === null) return unknownModel;
  return { tiers: rateTiers(found.model_price), contextTokens: found.model.context_window };
}

/**
 * One tier per threshold that any of the prices has. A model without a price for reading or writing the cache charges those
 * tokens as any other input, and one without a price for an hour's writing as for a shorter one.
 */
function rateTiers(price: ModelPrice): readonly PriceTier[] {
  const input = price["input_mtok"];
  const output = price["output_mtok"] ?? 0;
  if (input === undefined) return [];
  const cached = price["cache_read_mtok"] ?? input;
  const written = price["cache_write_mtok"] ?? input;
  const writtenLong = price["cache_write_1h_mtok"] ?? written;
  const reasoning = price["output_reasoning_mtok"] ?? output;
  const starts = new Set([-1, ...[input, cached, written, writtenLong, output, reasoning].flatMap(thresholds)]);
  return [...starts]
    .sort((left, right) => left - right)
    .map((aboveInputTokens) => ({
      aboveInputTokens,
      input: picoDollars(input, aboveInputTokens),
      cached: picoDollars(cached, aboveInputTokens),
      written: picoDollars(written, aboveInputTokens),
      writtenLong: picoDollars(writtenLong, aboveInputTokens),
      output: picoDollars(output, aboveInputTokens),
      reasoning: picoDollars(reasoning, aboveInputTokens),
    }));
}

function thresholds(price: number | TieredPrices): readonly number[] {
  return typeof price === "number" ? [] : price.tiers.map((tier) => tier.start);
}

/** $ per million tokens to pico-dollars per token, for prompts longer than `aboveInputTokens`. */
function picoDollars(price: number | TieredPrices, aboveInputTokens: number): number {
  if (typeof price === "number") return Math.round(price * 1e6);
  const tier = price.tiers.findLast((candidate) => candidate.start <= aboveInputTokens);
  return Math.round((tier === undefined ? price.base : tier.price) * 1e6);
}
