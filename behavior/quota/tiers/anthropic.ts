/**
 * Anthropic's tiers: Start, Build and Scale since 2026-06-26, tiers 1 to 4 before.
 *
 * Which models share a bucket is the limiter's business (`anthropic.ts`). Custom (by agreement) and Evaluation (not found) are
 * left out; so is the bucket of long prompts, whose size is not published on the new ladder.
 */
import type { TierLimits } from "../../../core/scenario/quota-tiers.ts";
import { ladder, type QuotaTier, type TierSource } from "./tier.ts";

const page: TierSource = {
  what: "platform.claude.com rate-limits page, Start, Build and Scale",
  date: "2026-10-17",
  kind: "secondary",
};
const older: TierSource = {
  what: "Anthropic's tiers 1 to 4 as collected by api-evangelist/anthropic",
  date: "2026-05-22",
  kind: "secondary",
};

function limits(
  requestsPerMinute: number,
  inputTokensPerMinute: number,
  outputTokensPerMinute: number,
  limitFamily?: string,
): TierLimits {
  const family = limitFamily === undefined ? {} : { limitFamily };
  return { requestsPerMinute, inputTokensPerMinute, outputTokensPerMinute, ...family };
}

const opus4 = "claude-opus-4";
const sonnet4 = "claude-sonnet-4";

export const anthropicTiers: readonly QuotaTier[] = [
  ...ladder(
    { dialect: "anthropic", status: { kind: "current" } },
    ["anthropic-start", "anthropic-build", "anthropic-scale"],
    [
      {
        models: [
          "claude-opus-5-5",
          "claude-opus-5",
          "claude-opus-4-5",
          "claude-opus-4-6",
          "claude-opus-4-7",
          "claude-opus-4-8",
          "claude-sonnet-5-5",
          "claude-sonnet-5",
          "claude-sonnet-4-5",
          "claude-sonnet-4-6",
          "claude-haiku-5-5",
          "claude-haiku-4-5",
        ],
        perTier: [
          limits(1_000, 2_000_000, 400_000),
          limits(5_000, 5_000_000, 1_000_000),
          limits(10_000, 10_000_000, 2_000_000),
        ],
        source: page,
        note: "Opus 4.5 to 4.8 share one bucket, Sonnet 4.5 and 4.6 another",
      },
      {
        models: ["claude-fable-5", "claude-fable-5-1"],
        perTier: [
          limits(1_000, 500_000, 100_000),
          limits(2_000, 1_500_000, 300_000),
          limits(4_000, 4_000_000, 800_000),
        ],
        source: page,
        note: "they share one bucket",
      },
    ],
  ),
  ...ladder(
    { dialect: "anthropic", status: { kind: "superseded", since: "2026-06-26" } },
    ["anthropic-tier-1", "anthropic-tier-2", "anthropic-tier-3", "anthropic-tier-4"],
    [
      {
        models: ["claude-opus-4", "claude-opus-4-*"],
        perTier: [
          limits(50, 500_000, 80_000, opus4),
          limits(1_000, 2_000_000, 200_000, opus4),
          limits(2_000, 5_000_000, 400_000, opus4),
          limits(4_000, 10_000_000, 800_000, opus4),
        ],
        source: older,
        note: "all Opus 4.x share one bucket; an earlier copy had 50/30,000/8,000 on tier 1 and 1,000/450,000/90,000 on tier 2",
      },
      {
        models: ["claude-sonnet-4", "claude-sonnet-4-*"],
        perTier: [
          limits(50, 30_000, 8_000, sonnet4),
          limits(1_000, 450_000, 90_000, sonnet4),
          limits(2_000, 800_000, 160_000, sonnet4),
          limits(4_000, 2_000_000, 400_000, sonnet4),
        ],
        source: older,
        note: "all Sonnet 4.x share one bucket",
      },
      {
        models: ["claude-haiku-4-5"],
        perTier: [
          limits(50, 50_000, 10_000),
          limits(1_000, 450_000, 90_000),
          limits(2_000, 1_000_000, 200_000),
          limits(4_000, 4_000_000, 800_000),
        ],
        source: older,
      },
    ],
  ),
];
