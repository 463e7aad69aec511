/**
 * Prices in LiteLLM's format (model_prices_and_context_window.json): an object by model, USD per single token.
 *
 * Read are input, output, cache reads and writes (for an hour: `_above_1hr`), reasoning, batches (`_batches`), `_flex`, `_priority` and
 * longer prompts (`_above_128k_tokens`, `_200k`, `_272k`). Regional uplifts, audio, images and `tiered_pricing` are not. An entry without
 * a price of its input, or with a price of 0, has no price: LiteLLM lists 147 of the one and 145 of the other (1.109.1).
 */
import { invalidInput } from "../../core/errors.ts";
import { entries, field, isMapping } from "../../core/raw-data.ts";
import { type PriceSpec, priceTier, type PriceTier } from "../../core/scenario/price-spec.ts";

export interface ImportedPrices {
  readonly models: ReadonlyMap<string, PriceSpec>;
  /** Models that are listed without a price. */
  readonly unpriced: readonly string[];
}

/** LiteLLM's list has 4,553 entries in 2 MB; a line a model is plenty. */
export const priceFileBytesMax: number = 32 * 2 ** 20;

const longPrompts = [
  [128_000, "_above_128k_tokens"],
  [200_000, "_above_200k_tokens"],
  [272_000, "_above_272k_tokens"],
] as const;

/** Throws `prices-malformed` for what is no such file. `name` is what messages call it. */
export function litellmPrices(text: string, name: string): ImportedPrices {
  const data = parsed(text, name);
  const models = new Map<string, PriceSpec>();
  const unpriced: string[] = [];
  for (const [model, entry] of entries(data)) {
    if (model === "sample_spec" || !isMapping(entry)) continue;
    const price = priceOf(entry, `litellm ${name}`);
    if (price === undefined) unpriced.push(model);
    else models.set(model, price);
  }
  if (models.size === 0) throw malformed(name, "has no model with an input_cost_per_token");
  return { models, unpriced };
}

/** The price of a model under its own name or behind the prefix of a provider: `azure/gpt-4o` for `gpt-4o` at Azure. */
export function importedPrice(
  { models }: ImportedPrices,
  prefixes: readonly string[],
  model: string,
): PriceSpec | undefined {
  for (const prefix of prefixes) {
    const price = models.get(`${prefix}${model}`);
    if (price !== undefined) return price;
  }
  return undefined;
}

function priceOf(entry: unknown, source: string): PriceSpec | undefined {
  const tiers = tiersOf(entry, "");
  if (tiers === undefined) return undefined;
  const batch = tiersOf(entry, "_batches");
  const flex = tiersOf(entry, "_flex");
  const priority = tiersOf(entry, "_priority");
  return {
    source,
    tiers,
    ...(batch === undefined ? {} : { batch }),
    ...(flex === undefined ? {} : { flex }),
    ...(priority === undefined ? {} : { priority }),
  };
}

function tiersOf(entry: unknown, kind: "" | "_batches" | "_flex" | "_priority"): readonly PriceTier[] | undefined {
  const base = tierOf(entry, -1, kind, undefined);
  if (base === undefined) return undefined;
  const longer = longPrompts.flatMap(([above, suffix]) =>
    pico(entry, `input_cost_per_token${suffix}${kind}`) === undefined
      ? []
      : [tierOf(entry, above, `${suffix}${kind}`, base) ?? base],
  );
  return [base, ...longer];
}

/** What a longer prompt's entry leaves out costs as in the shorter one's. Only the plain price needs an input above 0. */
function tierOf(
  entry: unknown,
  aboveInputTokens: number,
  suffix: string,
  shorter: PriceTier | undefined,
): PriceTier | undefined {
  const rate = (name: string): number | undefined => pico(entry, `${name}${suffix}`);
  const input = rate("input_cost_per_token");
  const output = rate("output_cost_per_token") ?? shorter?.output;
  if (input === undefined || (input === 0 && (output ?? 0) === 0)) return undefined;
  return priceTier({
    aboveInputTokens,
    input,
    output: output ?? 0,
    cached: rate("cache_read_input_token_cost") ?? shorter?.cached,
    written: rate("cache_creation_input_token_cost") ?? shorter?.written,
    writtenLong: rate("cache_creation_input_token_cost_above_1hr") ?? shorter?.writtenLong,
    reasoning: rate("output_cost_per_reasoning_token"),
  });
}

/** USD per token to pico-dollars; undefined where it is not given, or no amount. */
function pico(entry: unknown, name: string): number | undefined {
  const dollars = field(entry, name);
  return typeof dollars === "number" && Number.isFinite(dollars) && dollars >= 0
    ? Math.round(dollars * 1e12)
    : undefined;
}

function parsed(text: string, name: string): unknown {
  try {
    const data: unknown = JSON.parse(text);
    if (isMapping(data)) return data;
  } catch {
    // Said below.
  }
  throw malformed(name, "is no JSON object by model");
}

function malformed(name: string, what: string): Error {
  return invalidInput(`price file ${name} ${what}`, {
    code: "prices-malformed",
    hint: "needed is LiteLLM's format: model_prices_and_context_window.json, USD per token",
  });
}
