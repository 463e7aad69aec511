/**
 * The price list as a provider applies it: a model's own price first, and a batch's discount.
 *
 * Batches and flex processing cost half at OpenAI, Anthropic, Amazon Bedrock and Google (their pricing pages, 2026-09), and at Azure OpenAI
 * (Microsoft's announcement of batch, and of flex on 2026-09-24); genai-prices has neither. What comes first costs more, by no factor
 * that is published for all models: such calls are unpriced unless a model's own price says what they cost.
 */
import type { Billing } from "../../core/scenario/price-spec.ts";
import type { ProviderSpec } from "../../core/scenario/provider-spec.ts";
import { charge } from "./charge.ts";
import type { PriceTable } from "./prices.ts";

/** Of the standard price; undefined: not published. */
const shares: Readonly<Record<Billing, number | undefined>> = { batch: 0.5, flex: 0.5, priority: undefined };

export function withOwnPrices(
  list: PriceTable,
  { models, billing }: Pick<ProviderSpec, "models" | "billing">,
): PriceTable {
  const own = new Map(models.flatMap(({ model, price }) => (price === undefined ? [] : [[model, price] as const])));
  if (own.size === 0 && billing === undefined) return list;
  const share = billing === undefined ? 1 : shares[billing];
  return {
    ...list,
    price: (model, tokens) => {
      const price = own.get(model);
      const billed = billing === undefined ? undefined : price?.[billing];
      if (billed !== undefined) return charge(billed, tokens);
      if (share === undefined) return undefined;
      return price === undefined ? list.price(model, tokens, share) : charge(price.tiers, tokens, share);
    },
  };
}

/** Where prices come from, for manifests: the list, and whoever comes before it. */
export function pricesInWords(list: string, providers: readonly ProviderSpec[]): string {
  const models = providers.flatMap((provider) => provider.models);
  const sources = new Map<string, string[]>();
  for (const { model, price } of models) {
    if (price !== undefined) sources.set(price.source, [...(sources.get(price.source) ?? []), model]);
  }
  const own = [...sources].map(([source, names]) => `${source} for ${[...new Set(names)].join(", ")}`);
  const billed = providers.flatMap(({ name, billing }) =>
    billing === undefined ? [] : [`${billing} prices at ${name}`],
  );
  return [list, ...own, ...billed].join("; ");
}
