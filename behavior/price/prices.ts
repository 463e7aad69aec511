/**
 * What tokens cost: the contract of a price table.
 */
import type { NanoDollars } from "../../core/money.ts";
import type { CacheWrites } from "../provider.ts";

/** Tokens of one call, as charged. */
export interface PricedTokens {
  /** Prompt tokens, cached ones included. */
  readonly input: number;
  /** Of those, read from the provider's prompt cache. */
  readonly cached: number;
  readonly output: number;
  /** Of the output, tokens that were thought and not shown; none unless given. */
  readonly reasoning?: number | undefined;
  /** Of the input that is not read from the cache, what is written to it, where writing has a price of its own. */
  readonly written?: CacheWrites | undefined;
}

export interface PriceTable {
  /** Which data, for manifests: `genai-prices 0.1.8 (2026-09-23)`. */
  readonly version: string;
  /** What one call costs, or a `share` of it (a batch's half); undefined when the model has no price, which is not the same as free. */
  price(model: string, tokens: PricedTokens, share?: number): NanoDollars | undefined;
  /** Prompt and answer together, in tokens; undefined when not known. */
  contextTokens(model: string): number | undefined;
}
