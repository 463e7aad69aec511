/**
 * What a model's tokens cost, in pico-dollars (1e-12 USD) per token: $1 per million tokens is 1,000,000. All whole, so that a charge is
 * exact up to its one rounding, to nano-dollars.
 */
import type { ProviderSpec } from "./provider-spec.ts";

/** Ways of being served that have a price of their own. */
export type Billing = "batch" | "flex" | "priority";

export interface PriceSpec extends Partial<Readonly<Record<Billing, readonly PriceTier[]>>> {
  /** Whose price it is, for reports: `litellm prices.json`, `scenario`. */
  readonly source: string;
  /** Lowest first. */
  readonly tiers: readonly PriceTier[];
}

/** Prices from a prompt length on. */
export interface PriceTier {
  /** Applies to calls with more prompt tokens than this; -1: to all. */
  readonly aboveInputTokens: number;
  readonly input: number;
  readonly cached: number;
  /** Input that is written to the cache, for minutes or for an hour. */
  readonly written: number;
  readonly writtenLong: number;
  readonly output: number;
  /** Output that is reasoning. */
  readonly reasoning: number;
}

/** What may be left out of a price costs as what it is a part of. */
export function priceTier(
  given: Pick<PriceTier, "input" | "output"> & Partial<Readonly<Record<keyof PriceTier, number | undefined>>>,
): PriceTier {
  const { input, output, cached = input, written = input, reasoning = output, aboveInputTokens = -1 } = given;
  return { aboveInputTokens, input, cached, written, writtenLong: given.writtenLong ?? written, output, reasoning };
}

/** Gives models that have no price of their own the one that is found for them. */
export function withPrices(
  providers: readonly ProviderSpec[],
  priceOf: (model: string, provider: ProviderSpec) => PriceSpec | undefined,
): readonly ProviderSpec[] {
  return providers.map((provider) => ({
    ...provider,
    models: provider.models.map((model) => {
      const price = model.price ?? priceOf(model.model, provider);
      return price === undefined ? model : { ...model, price };
    }),
  }));
}
