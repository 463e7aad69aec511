/**
 * Amazon Bedrock's default quotas, the same in each supported region. Accounts, new ones above all, may be given far less.
 *
 * An inference profile (`us.`, `eu.`, `global.`) has the cross-region quota, a plain model id the on-demand one. Tokens per day are
 * tokens per minute x 1440 (service quotas page). Nova Pro, Llama and Mistral: not found.
 */
import { type QuotaTier, type TierRow, type TierSource } from "./tier.ts";

const reference: TierSource = {
  what: "AWS General Reference, Bedrock endpoints and quotas",
  date: "2026-10-08",
  kind: "secondary",
};
const listings: TierSource = {
  what: "Bedrock service quotas quoted in third-party notes",
  date: "2026-09-19",
  kind: "secondary",
};
const testData: TierSource = {
  what: "service-quota values in public test data and notes, low confidence",
  date: "2025-2026",
  kind: "secondary",
};
const older: TierSource = {
  what: "AWS General Reference, Bedrock quotas, older copy",
  date: "2025-06",
  kind: "secondary",
};

const minutesPerDay = 1_440;

interface Served {
  readonly across: boolean;
  readonly requestsPerMinute?: number;
  readonly note?: string;
}

/** Rows for inference profiles begin with `*.`, which no plain model id matches. */
function row(
  model: string,
  tokensPerMinute: number,
  source: TierSource,
  { across, requestsPerMinute, note }: Served,
): TierRow {
  return {
    models: [across ? `${profileMark}${model}` : model],
    limits: {
      tokensPerMinute,
      tokensPerDay: tokensPerMinute * minutesPerDay,
      ...(requestsPerMinute === undefined ? {} : { requestsPerMinute }),
    },
    source,
    ...(note === undefined ? {} : { note }),
  };
}

/** Before the name of a model: served by an inference profile. */
export const profileMark = "cross-region ";

export const bedrockTiers: readonly QuotaTier[] = [
  {
    name: "bedrock-default",
    dialect: "bedrock",
    status: { kind: "current" },
    rows: [
      row("claude-opus-5.5", 30_000_000, reference, { across: true }),
      row("claude-opus-5.5", 15_000_000, reference, { across: false, note: "not adjustable" }),
      row("claude-sonnet-5.5", 6_000_000, reference, { across: true }),
      row("claude-sonnet-5", 6_000_000, listings, { across: true, note: "the global profile" }),
      row("claude-sonnet-4.5", 5_000_000, testData, {
        across: true,
        note: "conflicting: 1,000,000 for its 1M-context variant, and 200,000 applied to new accounts",
      }),
      row("claude-opus-4.6", 3_000_000, testData, { across: true, note: "conflicting: another note gives 2,000,000" }),
      row("claude-haiku-4.5", 5_000_000, testData, { across: true, requestsPerMinute: 10_000 }),
      row("nova-micro", 4_000_000, testData, { across: false }),
      row("claude-3.5-haiku", 4_000_000, older, { across: true }),
      row("claude-3-haiku", 2_000_000, older, { across: false, requestsPerMinute: 1_000, note: "us-east-1" }),
    ],
  },
];
