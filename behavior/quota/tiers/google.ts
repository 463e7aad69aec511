/**
 * Google's tiers.
 *
 * Gemini API: limits per model are no longer published (each customer sees its own in AI Studio); these are the last that were, in the
 * middle of 2025. Vertex AI, pay as you go: a soft baseline per organization and model by what was spent in 30 days, best effort above
 * it. Taken here as a limit, beside the 30,000 requests per minute that hold for a model and region; shortages of the shared pool are
 * what `shared-pool` is for.
 */
import type { TierLimits } from "../../../core/scenario/quota-tiers.ts";
import { ladder, type QuotaTier, type TierSource } from "./tier.ts";

const lastPublished: TierSource = {
  what: "ai.google.dev rate-limits page, the last table with limits per model",
  date: "2025-07",
  kind: "original",
};
const payGo: TierSource = {
  what: "Google Cloud documentation, Vertex AI Standard PayGo usage tiers, undated copy",
  date: "2026",
  kind: "original",
};

function gemini(requestsPerMinute: number, inputTokensPerMinute: number, requestsPerDay?: number): TierLimits {
  const perDay = requestsPerDay === undefined ? {} : { requestsPerDay };
  return { requestsPerMinute, inputTokensPerMinute, ...perDay };
}

function vertex(inputTokensPerMinute: number): TierLimits {
  return { requestsPerMinute: 30_000, inputTokensPerMinute };
}

export const googleTiers: readonly QuotaTier[] = [
  ...ladder(
    { dialect: "gemini", status: { kind: "unpublished" } },
    ["gemini-free", "gemini-tier-1", "gemini-tier-3"],
    [
      {
        models: ["gemini-2.5-pro"],
        perTier: [gemini(5, 250_000, 100), gemini(150, 2_000_000, 10_000)],
        source: lastPublished,
      },
      {
        models: ["gemini-2.5-flash"],
        perTier: [gemini(10, 250_000, 250), gemini(1_000, 1_000_000, 10_000), gemini(10_000, 8_000_000)],
        source: lastPublished,
      },
      {
        models: ["gemini-2.5-flash-lite"],
        perTier: [gemini(15, 250_000, 1_000), gemini(4_000, 4_000_000)],
        source: lastPublished,
      },
      { models: ["gemini-2.0-flash"], perTier: [gemini(15, 1_000_000, 200)], source: lastPublished },
    ],
  ),
  ...ladder(
    { dialect: "vertex", status: { kind: "current" } },
    ["vertex-paygo-tier-1", "vertex-paygo-tier-2", "vertex-paygo-tier-3"],
    [
      {
        models: ["gemini-*-pro", "gemini-*-pro-preview"],
        perTier: [vertex(500_000), vertex(1_000_000), vertex(2_000_000)],
        source: payGo,
        note: "a soft baseline, kept here as a limit",
      },
      {
        models: ["gemini-*-flash", "gemini-*-flash-lite"],
        perTier: [vertex(2_000_000), vertex(4_000_000), vertex(10_000_000)],
        source: payGo,
        note: "a soft baseline, kept here as a limit",
      },
    ],
  ),
];
