/** What a call costs by a model's price: whole pico-dollars summed, rounded once to nano-dollars. */
import { invariant } from "../../core/invariant.ts";
import type { NanoDollars } from "../../core/money.ts";
import type { PriceTier } from "../../core/scenario/price-spec.ts";
import type { PricedTokens } from "./prices.ts";

const nothingWritten = { short: 0, long: 0 };

/** `share` of the price, such as a batch's half. Undefined without tiers: the model has no price. */
export function charge(tiers: readonly PriceTier[], tokens: PricedTokens, share = 1): NanoDollars | undefined {
  invariant(tokens.cached <= tokens.input, "cached tokens are part of the input tokens");
  const tier = tierOf(tiers, tokens.input);
  if (tier === undefined) return undefined;
  const { short, long } = tokens.written ?? nothingWritten;
  const plain = tokens.input - tokens.cached - short - long;
  invariant(plain >= 0, "tokens written to the cache are input tokens that were not read from it");
  const reasoning = tokens.reasoning ?? 0;
  invariant(reasoning <= tokens.output, "reasoning tokens are part of the output tokens");
  const pico =
    plain * tier.input +
    tokens.cached * tier.cached +
    short * tier.written +
    long * tier.writtenLong +
    (tokens.output - reasoning) * tier.output +
    reasoning * tier.reasoning;
  const nano = Math.round((pico * share) / 1_000);
  invariant(Number.isSafeInteger(nano), "a charge fits a whole number of nano-dollars");
  return nano;
}

/** The last one that begins below so many tokens. */
function tierOf(tiers: readonly PriceTier[], inputTokens: number): PriceTier | undefined {
  let found: PriceTier | undefined;
  for (const tier of tiers) if (inputTokens > tier.aboveInputTokens) found = tier;
  return found;
}
