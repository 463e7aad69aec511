/**
 * Published ladders of limits, by name: what a provider entry with `tier: openai-launch` gets its limits from.
 *
 * Core knows what a tier is, not which there are; whoever reads a scenario brings them (`behavior/quota/tiers/tiers.ts`).
 */
import type { Dialect, ModelSpec } from "./provider-spec.ts";

/** Limits that a tier publishes for a model; what is left out is not limited, or not known to be. */
export type TierLimits = Partial<
  Pick<
    ModelSpec,
    | "requestsPerMinute"
    | "requestsPer10Seconds"
    | "tokensPerMinute"
    | "requestsPerDay"
    | "tokensPerDay"
    | "inputTokensPerMinute"
    | "outputTokensPerMinute"
    | "limitFamily"
    | "longContext"
  >
>;

export interface QuotaTiers {
  readonly names: readonly string[];
  /** Undefined: there is no such tier. */
  readonly dialectOf: (tier: string) => Dialect | undefined;
  /** Undefined: the tier publishes nothing for that model. */
  readonly limitsOf: (tier: string, model: string) => TierLimits | undefined;
  /** Models that the tier names, patterns such as `claude-opus-4-*` left out. */
  readonly modelsOf: (tier: string) => readonly string[];
}
