/**
 * What Azure OpenAI's limiters do, call by call, on virtual time. Plain data. All times are from the first instant.
 */
import type { Account, Limit } from "../../../behavior/quota/quota.ts";
import type { ModelSpec } from "../../../core/scenario/provider-spec.ts";

export interface AzureCase {
  /** A sentence that says what the case shows. */
  readonly why: string;
  readonly model: ModelSpec;
  readonly limits?: readonly Limit[];
  readonly sliceMs?: number;
  readonly calls: readonly AzureCall[];
}

export interface AzureCall {
  readonly atMs: number;
  /** Sent this often at that instant, all with the expected outcome. 1 unless given. */
  readonly times?: number;
  /** Characters of the prompt for standard deployments, tokens for provisioned ones; 0 unless given. */
  readonly prompt?: number;
  readonly cached?: number;
  readonly maxTokens?: number;
  /** The answer ends at that same instant with so many tokens. Without it, it never ends. */
  readonly answered?: number;
  readonly expect: AzureExpectation;
}

type Shown = readonly [remaining: number, resetMs: number];

/** What is not named is not checked. Numbers are those of the last call when `times` are sent. */
export type AzureExpectation =
  | { readonly outcome: "admitted"; readonly requests?: Shown; readonly tokens?: Shown; readonly utilization?: number }
  | {
      readonly outcome: "rate-limit";
      readonly dimension: "requests" | "tokens";
      readonly retryAfterMs: number;
      readonly used?: number;
      readonly requested?: number;
    }
  | { readonly outcome: "request-too-large" };

const admitted = { outcome: "admitted" } as const;

export const standardCases: readonly AzureCase[] = [
  // Requests that follow from tokens, and what headers say of them.
  standard(
    "an embedding leaves what was recorded on 2025-05-20: 349 of 350 in 10 s, 349,994 of 350,000",
    "text-embedding-3-small",
    350_000,
    [{ atMs: 0, prompt: 24, expect: { outcome: "admitted", requests: [349, 10_000], tokens: [349_994, 60_000] } }],
  ),
  standard("80,000 tokens of gpt-35-turbo come with 80 requests per 10 s", "gpt-35-turbo", 80_000, [
    { atMs: 0, times: 80, expect: { outcome: "admitted", requests: [0, 10_000] } },
    { atMs: 0, expect: refusedFor("requests", 10_000, 80, 1) },
    { atMs: 10_000, times: 80, expect: admitted },
  ]),
  standard(
    "1,000 tokens of gpt-4o-mini come with 10 requests a minute, shared out over six slices of 10 s",
    "gpt-4o-mini",
    1_000,
    [
      { atMs: 0, expect: { outcome: "admitted", requests: [9, 60_000] } },
      { atMs: 0, expect: refusedFor("requests", 10_000) },
      { atMs: 10_000, times: 2, expect: admitted },
      { atMs: 10_000, expect: refusedFor("requests", 10_000) },
      { atMs: 20_000, times: 2, expect: admitted },
      { atMs: 30_000, times: 1, expect: admitted },
      { atMs: 30_000, expect: refusedFor("requests", 10_000) },
      { atMs: 40_000, times: 2, expect: admitted },
      { atMs: 50_000, times: 2, expect: { outcome: "admitted", requests: [0, 10_000] } },
      { atMs: 50_000, expect: refusedFor("requests", 10_000) },
    ],
  ),
  standard("60,000 tokens of gpt-4.1 come with a request a second", "gpt-4.1", 60_000, [
    { atMs: 0, expect: { outcome: "admitted", requests: [59, 60_000] } },
    { atMs: 400, expect: refusedFor("requests", 600, 1, 1) },
    { atMs: 1_000, expect: admitted },
  ]),
  standard("6,000 tokens of o1 come with one request a minute", "o1", 6_000, [
    { atMs: 0, expect: { outcome: "admitted", requests: [0, 60_000] } },
    { atMs: 1, expect: refusedFor("requests", 59_999) },
  ]),
  standard("10,000 tokens of o3-mini come with one request a minute", "o3-mini", 10_000, [
    { atMs: 0, expect: admitted },
    { atMs: 0, expect: refusedFor("requests", 60_000) },
  ]),
  standard("10,000 tokens of gpt-5 come with a hundred requests a minute", "gpt-5", 10_000, [
    { atMs: 0, expect: { outcome: "admitted", requests: [99, 60_000] } },
  ]),
  standard("a model that is not listed gets a request per 1,000 tokens, and at least one", "gpt-6-sol", 500, [
    { atMs: 0, expect: { outcome: "admitted", requests: [0, 60_000] } },
  ]),

  // Requests in slices.
  perMinute("600 requests a minute are 10 a second, not 600 at once", 600, [
    { atMs: 0, times: 10, expect: { outcome: "admitted", requests: [590, 60_000] } },
    { atMs: 0, expect: refusedFor("requests", 1_000, 10, 1) },
    { atMs: 999, expect: refusedFor("requests", 1) },
    { atMs: 1_000, times: 10, expect: admitted },
  ]),
  perMinute("90 a minute are one and two in turn", 90, [
    { atMs: 0, times: 1, expect: admitted },
    { atMs: 0, expect: refusedFor("requests", 1_000) },
    { atMs: 1_000, times: 2, expect: admitted },
    { atMs: 1_000, expect: refusedFor("requests", 1_000) },
    { atMs: 2_000, times: 1, expect: admitted },
    { atMs: 2_000, expect: refusedFor("requests", 1_000) },
  ]),
  perMinute("what a second leaves unused is lost", 600, [
    { atMs: 0, expect: admitted },
    { atMs: 30_000, times: 10, expect: admitted },
    { atMs: 30_000, expect: refusedFor("requests", 1_000) },
  ]),
  perMinute("a hundred refusals cost nothing", 600, [
    { atMs: 0, times: 10, expect: admitted },
    { atMs: 500, times: 100, expect: refusedFor("requests", 500) },
    { atMs: 1_000, times: 10, expect: admitted },
  ]),
  perMinute("seconds count from the first call, at whatever instant it comes", 600, [
    { atMs: 700.25, times: 10, expect: admitted },
    { atMs: 1_000, expect: refusedFor("requests", 701) },
    { atMs: 1_701, times: 10, expect: admitted },
  ]),
  {
    ...perMinute("a slice as long as the minute lets the whole limit through at once", 600, [
      { atMs: 0, times: 600, expect: { outcome: "admitted", requests: [0, 60_000] } },
      { atMs: 0, expect: refusedFor("requests", 60_000) },
    ]),
    sliceMs: 60_000,
  },
  {
    ...perMinute("a slice that would allow less than a request is not used", 3, [
      { atMs: 0, times: 3, expect: admitted },
      { atMs: 0, expect: refusedFor("requests", 60_000) },
    ]),
    sliceMs: 1_000,
  },

  // Tokens in fixed minutes.
  tokens("the token counter is set back after a minute, whole and at once", 1_000, [
    { atMs: 0, times: 2, maxTokens: 400, expect: { outcome: "admitted", tokens: [200, 60_000] } },
    { atMs: 15_000, maxTokens: 400, expect: refusedFor("tokens", 45_000, 800, 400) },
    { atMs: 59_999, maxTokens: 400, expect: refusedFor("tokens", 1) },
    { atMs: 60_000, maxTokens: 400, expect: { outcome: "admitted", tokens: [600, 60_000] } },
  ]),
  tokens("nothing drains while the minute lasts", 1_000, [
    { atMs: 0, maxTokens: 1_000, expect: { outcome: "admitted", tokens: [0, 60_000] } },
    { atMs: 59_000, prompt: 4, expect: refusedFor("tokens", 1_000, 1_000, 1) },
  ]),
  tokens("a prompt counts a token per four characters, and max_tokens comes on top", 1_000, [
    { atMs: 0, prompt: 401, maxTokens: 100, expect: { outcome: "admitted", tokens: [799, 60_000] } },
  ]),
  tokens("without max_tokens the prompt alone counts", 1_000, [
    { atMs: 0, prompt: 400, expect: { outcome: "admitted", tokens: [900, 60_000] } },
  ]),
  tokens("what was not generated is not given back", 1_000, [
    { atMs: 0, maxTokens: 1_000, answered: 1, expect: { outcome: "admitted", tokens: [0, 60_000] } },
  ]),
  tokens("a call above the whole limit can never pass, and takes nothing", 1_000, [
    { atMs: 0, maxTokens: 1_001, expect: { outcome: "request-too-large" } },
    { atMs: 0, maxTokens: 1_000, expect: { outcome: "admitted", requests: [9_999, 60_000] } },
  ]),
  tokens("twice the limit may pass around the instant of the reset", 1_000, [
    { atMs: 0, maxTokens: 1, expect: admitted },
    { atMs: 59_999, maxTokens: 999, expect: { outcome: "admitted", tokens: [0, 1] } },
    { atMs: 60_000, maxTokens: 1_000, expect: { outcome: "admitted", tokens: [0, 60_000] } },
  ]),
  tokens("an idle hour saves nothing up", 1_000, [
    { atMs: 0, maxTokens: 1_000, expect: admitted },
    { atMs: 3_600_000, maxTokens: 1_000, expect: { outcome: "admitted", tokens: [0, 60_000] } },
    { atMs: 3_600_000, maxTokens: 1, expect: refusedFor("tokens", 60_000) },
  ]),
  standard("of two limits that are met, the longer wait is told", "gpt-4.1", 60_000, [
    { atMs: 0, maxTokens: 60_000, expect: admitted },
    { atMs: 100, maxTokens: 1, expect: refusedFor("tokens", 59_900) },
    { atMs: 60_000, maxTokens: 1, expect: admitted },
  ]),

  {
    ...standard("a key's own limits hold in place of the deployment's: 3 requests in 5 s", "gpt-4o", 1_000_000, [
      { atMs: 0, times: 3, expect: { outcome: "admitted", requests: [0, 5_000] } },
      { atMs: 1_200, expect: refusedFor("requests", 3_800, 3, 1) },
      { atMs: 5_000, expect: { outcome: "admitted", requests: [2, 5_000] } },
    ]),
    limits: [{ dimension: "requests", amount: 3, perMs: 5_000, label: "requests per 5 s" }],
  },
];

/** 50 PTUs of gpt-4o are 125,000 input tokens a minute, an output token counting as four. */
export const provisionedCases: readonly AzureCase[] = [
  provisioned("a call counts its prompt and four times its max_tokens", 50, [
    {
      atMs: 0,
      prompt: 1_000,
      maxTokens: 1_000,
      expect: { outcome: "admitted", tokens: [120_000, 2_400], utilization: 0.04 },
    },
  ]),
  provisioned("there is no limit on requests", 50, [
    { atMs: 0, times: 10_000, maxTokens: 0, expect: { outcome: "admitted", utilization: 0 } },
  ]),
  provisioned("utilization drains continuously, in proportion to the units", 50, [
    { atMs: 0, prompt: 125_000, maxTokens: 0, expect: { outcome: "admitted", utilization: 1 } },
    { atMs: 15_000, maxTokens: 0, expect: { outcome: "admitted", utilization: 0.75, tokens: [31_250, 45_000] } },
  ]),
  provisioned("twice the units drain twice as much", 100, [
    { atMs: 0, prompt: 125_000, maxTokens: 0, expect: { outcome: "admitted", utilization: 0.5 } },
    { atMs: 15_000, maxTokens: 0, expect: { outcome: "admitted", utilization: 0.25, tokens: [187_500, 15_000] } },
  ]),
  provisioned("at exactly 100 % a call is let in, and pushes utilization above", 50, [
    { atMs: 0, prompt: 125_000, maxTokens: 0, expect: { outcome: "admitted", utilization: 1 } },
    { atMs: 0, prompt: 12_500, maxTokens: 0, expect: { outcome: "admitted", utilization: 1.1, tokens: [0, 66_000] } },
    { atMs: 0, prompt: 1, maxTokens: 0, expect: refusedFor("tokens", 6_000, 137_500, 1) },
  ]),
  provisioned("above 100 % the wait is a few milliseconds when a few tokens are too many", 50, [
    { atMs: 0, prompt: 125_090, maxTokens: 0, expect: admitted },
    { atMs: 0, prompt: 9, maxTokens: 1, expect: refusedFor("tokens", 44, 125_090, 13) },
    { atMs: 43, prompt: 9, maxTokens: 1, expect: refusedFor("tokens", 1) },
    { atMs: 44, prompt: 9, maxTokens: 1, expect: admitted },
  ]),
  provisioned("a call larger than all capacity is let in when there is room at all", 50, [
    { atMs: 0, prompt: 1_000_000, maxTokens: 0, expect: { outcome: "admitted", utilization: 8 } },
    { atMs: 0, maxTokens: 0, expect: refusedFor("tokens", 420_000) },
  ]),
  provisioned("what was not generated is given back at the end", 50, [
    {
      atMs: 0,
      prompt: 1_000,
      maxTokens: 1_000,
      answered: 100,
      expect: { outcome: "admitted", tokens: [123_600, 672] },
    },
  ]),
  provisioned("what was generated beyond the estimate is added at the end: without max_tokens that is 129", 50, [
    { atMs: 0, prompt: 1_000, expect: { outcome: "admitted", tokens: [123_484, 728] } },
    { atMs: 60_000, prompt: 1_000, answered: 500, expect: { outcome: "admitted", tokens: [122_000, 1_440] } },
  ]),
  provisioned("a cached prefix of 1,024 tokens is free", 50, [
    {
      atMs: 0,
      prompt: 2_000,
      cached: 1_024,
      maxTokens: 0,
      answered: 0,
      expect: { outcome: "admitted", tokens: [124_024, 469] },
    },
  ]),
  provisioned("a cached prefix of 1,023 tokens is not", 50, [
    {
      atMs: 0,
      prompt: 2_000,
      cached: 1_023,
      maxTokens: 0,
      answered: 0,
      expect: { outcome: "admitted", tokens: [123_000, 960] },
    },
  ]),
  provisioned("a refused call counts nowhere", 50, [
    { atMs: 0, prompt: 125_125, maxTokens: 0, expect: admitted },
    { atMs: 0, times: 100, prompt: 1_000, expect: refusedFor("tokens", 60) },
    { atMs: 60, prompt: 0, maxTokens: 0, expect: { outcome: "admitted", utilization: 1 } },
  ]),
  {
    ...provisioned("a key's own limits hold in place of the units", 50, [
      { atMs: 0, times: 3, prompt: 1_000_000, expect: admitted },
      { atMs: 0, expect: refusedFor("requests", 5_000, 3, 1) },
    ]),
    limits: [{ dimension: "requests", amount: 3, perMs: 5_000, label: "requests per 5 s" }],
  },
];

function standard(why: string, model: string, tokensPerMinute: number, calls: readonly AzureCall[]): AzureCase {
  return { why, model: modelSpec({ model, tokensPerMinute }), calls };
}

/** Limited in requests alone. */
function perMinute(why: string, requestsPerMinute: number, calls: readonly AzureCall[]): AzureCase {
  return { why, model: modelSpec({ requestsPerMinute }), calls };
}

/** Limited in tokens, and in requests only beyond what a case sends. */
function tokens(why: string, tokensPerMinute: number, calls: readonly AzureCall[]): AzureCase {
  return { why, model: modelSpec({ tokensPerMinute, requestsPerMinute: 10_000 }), calls };
}

function provisioned(why: string, provisionedUnits: number, calls: readonly AzureCall[]): AzureCase {
  return { why, model: modelSpec({ provisionedUnits }), calls };
}

export function modelSpec(more: Partial<ModelSpec>): ModelSpec {
  return {
    model: "gpt-4o",
    requestsPerMinute: undefined,
    requestsPerDay: undefined,
    tokensPerMinute: undefined,
    tokensPerDay: undefined,
    latencyProfile: "instant",
    latencyScale: 1,
    ...more,
  };
}

export function accountOf(limits?: readonly Limit[]): Account {
  const account = { apiKey: "key", organization: "org", state: "active" } as const;
  return limits === undefined ? account : { ...account, limits };
}

function refusedFor(
  dimension: "requests" | "tokens",
  retryAfterMs: number,
  used?: number,
  requested?: number,
): AzureExpectation {
  return {
    outcome: "rate-limit",
    dimension,
    retryAfterMs,
    ...(used === undefined ? {} : { used }),
    ...(requested === undefined ? {} : { requested }),
  };
}
