/**
 * OpenAI's tiers: Build, Launch and Grow since 2026-10-06, tiers 1 to 5 before.
 *
 * Free (values not found) and the small models on the new ladder (mini and luna class, not found) are left out.
 */
import type { TierLimits } from "../../../core/scenario/quota-tiers.ts";
import { ladder, type QuotaTier, type TierSource } from "./tier.ts";

const modelPage61: TierSource = {
  what: "OpenAI model page gpt-6.1-sol, rate-limit table",
  date: "2026-10-08",
  kind: "secondary",
};
const modelPagesLarge: TierSource = {
  what: "OpenAI model pages of gpt-6-astra and gpt-5.x",
  date: "2026-09-24",
  kind: "secondary",
};
const modelPagesOlder: TierSource = {
  what: "OpenAI model pages of gpt-5-mini, gpt-5.4-mini, gpt-4o, gpt-4.1 and gpt-4o-mini",
  date: "2026-08",
  kind: "secondary",
};
const embeddings: TierSource = {
  what: "a third party's table of text-embedding-3-small",
  date: "undated",
  kind: "secondary",
};

function limits(requestsPerMinute: number, tokensPerMinute: number, more: TierLimits = {}): TierLimits {
  return { requestsPerMinute, tokensPerMinute, ...more };
}

/** gpt-4.1 counts prompts of more than 128,000 tokens apart (model page). */
function withLong(base: TierLimits, requestsPerMinute: number, tokensPerMinute: number): TierLimits {
  return { ...base, longContext: { aboveTokens: 128_000, requestsPerMinute, tokensPerMinute } };
}

const large = [limits(500, 30_000), limits(5_000, 450_000), limits(5_000, 800_000), limits(10_000, 2_000_000)] as const;
const largest = limits(10_000, 30_000_000);

export const openAiTiers: readonly QuotaTier[] = [
  ...ladder(
    { dialect: "openai", status: { kind: "current" } },
    ["openai-build", "openai-launch", "openai-grow"],
    [
      {
        models: ["gpt-6.1-sol", "gpt-*-sol", "gpt-*-astra", "gpt-*-terra"],
        perTier: [limits(5_000, 1_000_000), limits(10_000, 4_000_000), limits(15_000, 40_000_000)],
        source: modelPage61,
        note: "published for gpt-6.1-sol and announced as the same for the Astra, Sol and Terra families",
      },
    ],
  ),
  ...ladder(
    { dialect: "openai", status: { kind: "superseded", since: "2026-10-06" } },
    ["openai-tier-1", "openai-tier-2", "openai-tier-3", "openai-tier-4", "openai-tier-5"],
    [
      {
        models: ["gpt-6-astra", "gpt-6-sol", "gpt-5.5", "gpt-5.4", "gpt-5.2-codex"],
        perTier: [
          limits(500, 500_000),
          limits(5_000, 1_000_000),
          limits(5_000, 2_000_000),
          limits(10_000, 4_000_000),
          limits(15_000, 40_000_000),
        ],
        source: modelPagesLarge,
        note: "some copies give 1,000 requests per minute on tier 1",
      },
      {
        models: ["gpt-6-luna", "gpt-5.4-mini", "gpt-5-mini"],
        perTier: [
          limits(500, 500_000),
          limits(5_000, 2_000_000),
          limits(5_000, 4_000_000),
          limits(10_000, 10_000_000),
          limits(30_000, 180_000_000),
        ],
        source: modelPagesOlder,
      },
      {
        models: ["gpt-5-nano"],
        perTier: [
          limits(500, 200_000),
          limits(5_000, 2_000_000),
          limits(5_000, 4_000_000),
          limits(10_000, 10_000_000),
          limits(30_000, 180_000_000),
        ],
        source: modelPagesOlder,
      },
      {
        models: ["gpt-4o", "gpt-5-pro", "gpt-5.2-pro", "o3-pro", "o1-pro"],
        perTier: [...large, largest],
        source: modelPagesOlder,
      },
      {
        models: ["gpt-4.1"],
        perTier: [
          withLong(large[0], 100, 200_000),
          withLong(large[1], 250, 500_000),
          withLong(large[2], 500, 1_000_000),
          withLong(large[3], 1_000, 5_000_000),
          withLong(largest, 4_000, 10_000_000),
        ],
        source: modelPagesOlder,
      },
      {
        models: ["gpt-4o-mini"],
        perTier: [
          limits(500, 200_000, { requestsPerDay: 10_000 }),
          limits(5_000, 2_000_000),
          limits(5_000, 4_000_000),
          limits(10_000, 10_000_000),
          limits(30_000, 150_000_000),
        ],
        source: modelPagesOlder,
      },
      {
        models: ["text-embedding-3-small"],
        perTier: [limits(3_000, 1_000_000), undefined, undefined, undefined, limits(10_000, 10_000_000)],
        source: embeddings,
      },
    ],
  ),
];
