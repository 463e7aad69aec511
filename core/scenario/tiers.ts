/**
 * Gives providers that name a published tier their limits: what a model entry says itself comes first, the tier fills in the rest.
 *
 * A provider that names no models serves those that it is asked for and that its tier knows.
 */
import { nearest } from "../nearest.ts";
import type { Mistake } from "./problems.ts";
import type { ModelSpec, ProviderSpec, TierChoice } from "./provider-spec.ts";
import type { QuotaTiers, TierLimits } from "./quota-tiers.ts";

export interface Tiered {
  readonly providers: readonly ProviderSpec[];
  readonly mistakes: readonly Mistake[];
}

/** `askedOf`: models that a provider without models of its own may have to serve, and which of them it must. */
export function applyTiers(
  providers: readonly ProviderSpec[],
  tiers: QuotaTiers,
  askedOf: (provider: string) => AskedModels,
): Tiered {
  const results = providers.map((provider) => tiered(provider, tiers, askedOf(provider.name)));
  return {
    providers: results.map(({ provider }) => provider),
    mistakes: results.flatMap(({ mistakes }) => mistakes),
  };
}

export interface AskedModels {
  /** By a route that names the provider. */
  readonly routed: readonly string[];
  /** By requests without a route, which go to whoever serves them. */
  readonly requested: readonly string[];
}

interface OneTiered {
  readonly provider: ProviderSpec;
  readonly mistakes: readonly Mistake[];
}

function tiered(provider: ProviderSpec, tiers: QuotaTiers, asked: AskedModels): OneTiered {
  const { name, dialect, tier } = provider;
  if (tier === undefined) return { provider, mistakes: [] };
  const path = ["providers", name, "tier"];
  const of = tiers.dialectOf(tier.name);
  if (of === undefined) {
    const known = tiers.names.filter((known) => tiers.dialectOf(known) === dialect);
    const message = `is "${tier.name}", which is no published tier of ${dialect}; known are ${known.join(", ")}`;
    return { provider, mistakes: [{ path, message, ...nearest(tier.name, known) }] };
  }
  if (of !== dialect) {
    const message = `is ${tier.name}, a tier of ${of}; the dialect of this provider is ${dialect}`;
    return { provider, mistakes: [{ path, message }] };
  }
  return provider.models.length === 0
    ? withAskedModels(provider, tier, tiers, asked)
    : withOwnModels(provider, tier, tiers);
}

function withOwnModels(provider: ProviderSpec, tier: TierChoice, tiers: QuotaTiers): OneTiered {
  const mistakes = provider.models.flatMap((model): Mistake[] => {
    if (tiers.limitsOf(tier.name, model.model) !== undefined || isLimited(model)) return [];
    return [unpublished(["providers", provider.name, "models", model.model], model.model, tier.name, tiers)];
  });
  const models = provider.models.map((model) => filledIn(model, tiers.limitsOf(tier.name, model.model)));
  return { provider: { ...provider, models }, mistakes };
}

function withAskedModels(provider: ProviderSpec, tier: TierChoice, tiers: QuotaTiers, asked: AskedModels): OneTiered {
  const { name: tierName, ...latency } = tier;
  const path = ["providers", provider.name, "tier"];
  const limitsOf = (model: string): TierLimits | undefined => tiers.limitsOf(tierName, model);
  const unknown = asked.routed.filter((model) => limitsOf(model) === undefined);
  const served = [...new Set([...asked.routed, ...asked.requested])].filter((model) => limitsOf(model) !== undefined);
  const missing = served.length === 0 && unknown.length === 0 ? asked.requested : unknown;
  const models = served.map((model): ModelSpec => ({ ...unlimited, model, ...limitsOf(model), ...latency }));
  return {
    provider: { ...provider, models },
    mistakes: missing.map((model) => unpublished(path, model, tierName, tiers)),
  };
}

const unlimited = {
  requestsPerMinute: undefined,
  tokensPerMinute: undefined,
  requestsPerDay: undefined,
  tokensPerDay: undefined,
} as const;

function unpublished(path: Mistake["path"], model: string, tier: string, tiers: QuotaTiers): Mistake {
  const known = tiers.modelsOf(tier);
  const message = `has no published limits for ${model} on ${tier}; they are known for ${known.join(", ")}`;
  return { path, message, hint: "give the model limits of its own: rpm, tpm", ...nearest(model, known) };
}

function isLimited(model: ModelSpec): boolean {
  const { requestsPerMinute, tokensPerMinute, inputTokensPerMinute, provisionedUnits } = model;
  return [requestsPerMinute, tokensPerMinute, inputTokensPerMinute, provisionedUnits].some((one) => one !== undefined);
}

/** Field by field, what the entry leaves open. */
function filledIn(model: ModelSpec, limits: TierLimits | undefined): ModelSpec {
  const given = Object.entries(model).filter(([, value]) => value !== undefined);
  return { ...model, ...limits, ...Object.fromEntries(given) };
}
