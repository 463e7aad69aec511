/**
 * Azure OpenAI's tiers 1 to 6 per subscription, region and model, each by deployment type: Global Standard (`azure-tier-1`), Data Zone
 * Standard (`azure-data-zone-tier-1`) and regional Standard (`azure-standard-tier-1`, gpt-4.1-mini alone; `azure-free`).
 *
 * The published tables list requests beside tokens. Where they are listed per 10 seconds they are kept so.
 */
import type { TierLimits } from "../../../core/scenario/quota-tiers.ts";
import { ladder, type LadderRow, type QuotaTier, type TierSource } from "./tier.ts";

/** Tier 1 is dated 2026-08-20; tiers 2 to 6 carry 2026-02-18, with rows that were added later under the same header. */
const tables: TierSource = {
  what: "MicrosoftDocs/azure-ai-docs, includes/quota-tier/tier-1.md (2026-08-20), tier-2.md to tier-6.md",
  date: "2026-02-18",
  kind: "original",
};

/** Millions of tokens per minute on tiers 1 to 6; null: not published, or listed as 0. */
type Millions = readonly (number | null)[];

interface RequestRatio {
  /** Requests per thousand tokens per minute. */
  readonly per1k: number;
  readonly per10Seconds?: true;
}

const one: RequestRatio = { per1k: 1 };
const ten: RequestRatio = { per1k: 10 };
const onePer10s: RequestRatio = { per1k: 1, per10Seconds: true };

function row(models: readonly string[], millions: Millions, ratio: RequestRatio, note?: string): LadderRow {
  const perTier = millions.map((million) => (million === null ? undefined : limitsOf(million, ratio)));
  return { models, perTier, source: tables, ...(note === undefined ? {} : { note }) };
}

function limitsOf(million: number, { per1k, per10Seconds }: RequestRatio): TierLimits {
  const tokensPerMinute = Math.round(million * 1e6);
  const requests = Math.round((tokensPerMinute * per1k) / 1_000);
  return {
    tokensPerMinute,
    ...(per10Seconds === true ? { requestsPer10Seconds: requests } : { requestsPerMinute: requests }),
  };
}

const usual: Millions = [1, 2, 4, 7, 10, 15];
const usualZone: Millions = [0.3, 0.67, 1, 2, 3, 4];
const wide: Millions = [1, 3, 9, 18, 30, 45];
const wideZone: Millions = [0.3, 1, 3, 6, 10, 15];
const small: Millions = [5, 16, 46, 90, 150, 225];
const smallZone: Millions = [2, 6, 16, 31, 50, 75];
const newest = ["gpt-5.6-sol", "gpt-5.6-terra", "gpt-5.6-luna", "gpt-6-astra", "gpt-6-sol", "gpt-6-luna"];
const embeddings = ["text-embedding-3-large", "text-embedding-3-small"];

const globalStandard: readonly LadderRow[] = [
  row(newest, [1], one, "tiers 2 to 6 are older than these models"),
  row(["gpt-5.5"], [1, null, null, null, null, 15], one, "the copy of tier 3 lists 0"),
  row(["gpt-5.4", "gpt-5.2", "gpt-5.1"], usual, ten),
  row(["gpt-5.4-mini"], [1, null, 4, 7, null, 15], one),
  row(["gpt-5.4-nano"], [5, null, 46, 90, null, 225], one),
  row(["gpt-5"], wide, ten),
  row(["gpt-5-mini", "o3", "o4-mini"], usual, one),
  row(["gpt-5-nano", "gpt-4.1-mini", "gpt-4.1-nano"], small, one),
  row(["gpt-4.1"], wide, one),
  row(["gpt-4o-mini"], [2, 9, 33, 78, 150, 225], ten),
  row(["o1"], [3, 6, 12, 24, 30, 48], { per1k: 1 / 6 }),
  row(["o3-mini"], [5, 10, 20, 40, 50, 80], { per1k: 1 / 10 }),
  row(embeddings, usual, onePer10s),
  row(["gpt-5.2-codex", "gpt-5.3-codex", "gpt-5.1-codex-max"], [null, 2, 4, 7, 10, 15], ten),
  row(["gpt-5-pro"], [null, 0.35, 0.7, 1.15, 1.6, 2.4], ten),
  row(["gpt-5.4-pro"], [null, null, 0.7, 1.15, 1.6, 2.4], one),
  row(["o3-pro"], [null, 3.5, 7.15, 11.5, 16, 24], { per1k: 1 / 10 }),
];

const dataZone: readonly LadderRow[] = [
  row(newest, [0.333], one, "tiers 2 to 6 are older than these models"),
  row(["gpt-5.5"], [0.333, null, null, null, null, 4], one, "the copy of tier 3 lists 0"),
  row(["gpt-5.4"], usualZone, one),
  row(["gpt-5.4-nano"], [2, null, 16, 31, null, 75], one),
  row(["gpt-5.2", "gpt-5.1"], usualZone, ten),
  row(["gpt-5"], wideZone, ten),
  row(["gpt-5-mini", "o3"], usualZone, one),
  row(["gpt-5-nano", "gpt-4.1-mini", "gpt-4.1-nano"], smallZone, one),
  row(["gpt-4.1"], wideZone, one),
  row(["gpt-4o"], wideZone, onePer10s),
  row(["gpt-4o-mini"], [1, 3, 7, 13, 20, 30], ten),
  row(["o4-mini"], usualZone, onePer10s),
  row(["o1"], [null, 1.35, 2.7, 4.2, 6, 12], { per1k: 1 / 6 }),
  row(["o3-mini"], [null, 3.5, 9, 10, 20, 30], { per1k: 1 / 10 }),
  row(embeddings, usual, one),
];

const about = { dialect: "azure-openai", status: { kind: "current" } } as const;
const rungs = [1, 2, 3, 4, 5, 6];

export const azureTiers: readonly QuotaTier[] = [
  ...ladder(
    about,
    rungs.map((rung) => `azure-tier-${rung}`),
    globalStandard,
  ),
  ...ladder(
    about,
    rungs.map((rung) => `azure-data-zone-tier-${rung}`),
    dataZone,
  ),
  ...ladder(
    about,
    rungs.map((rung) => `azure-standard-tier-${rung}`),
    [row(["gpt-4.1-mini"], [6, 12, 30, 75, 150, 225], one)],
  ),
  ...ladder(about, ["azure-free"], [row(["gpt-4.1-mini"], [0.2], one)]),
];
