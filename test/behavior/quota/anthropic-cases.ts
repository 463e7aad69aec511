/**
 * What Anthropic's limiter does, step by step. Plain data, played on virtual time. All times are from the first step.
 */
import type { ModelSpec } from "../../../core/scenario/provider-spec.ts";
import { hourMs } from "../../../core/time.ts";
import type { Account } from "../../../behavior/quota/quota.ts";

export interface LimiterCase {
  /** A sentence that says what the case shows. */
  readonly why: string;
  readonly models: readonly ModelSpec[];
  readonly accounts: readonly Account[];
  readonly sliceMs: number;
  readonly outputCharging: "generated" | "reserved";
  readonly steps: readonly Step[];
}

export type Step = Ask | End | Look;

export interface Ask {
  readonly kind: "ask";
  readonly atMs: number;
  /** Sent this often at that instant, all with the expected outcome. 1 unless given. */
  readonly times?: number;
  /** `key` and the first model unless given. */
  readonly apiKey?: string;
  readonly model?: string;
  /** Prompt tokens as counted in the end, 0 unless given; estimated from four times as many characters unless given. */
  readonly input?: number;
  readonly cached?: number;
  readonly characters?: number;
  readonly maxTokens?: number;
  /** When the answer is generated, from admission; at once and nothing unless given. */
  readonly answer?: { readonly firstMs: number; readonly lastMs: number; readonly tokens: number };
  readonly expect: "admitted" | Refused;
}

/** The latest admitted call that has not ended, ends. */
export interface End {
  readonly kind: "end";
  readonly atMs: number;
  readonly outputTokens: number;
}

/** What headers show; what is not named is not checked. */
export interface Look {
  readonly kind: "look";
  readonly atMs: number;
  readonly apiKey?: string;
  readonly model?: string;
  readonly requests?: State;
  readonly tokens?: State;
  readonly inputTokens?: State;
  readonly outputTokens?: State;
}

type State = readonly [remaining: number, resetMs: number] | "unlimited";

type Refused =
  | { readonly label: string; readonly retryAfterMs: number; readonly used?: number; readonly requested?: number }
  | { readonly never: string };

export const anthropicCases: readonly LimiterCase[] = [
  // Three buckets.
  limiterCase("counts requests, and refills them one by one", { requestsPerMinute: 60 }, [
    { kind: "ask", atMs: 0, times: 60, expect: "admitted" },
    { kind: "look", atMs: 0, requests: [0, 60_000] },
    { kind: "ask", atMs: 0, expect: { label: "requests per minute", retryAfterMs: 1_000, used: 60, requested: 1 } },
    { kind: "ask", atMs: 999, expect: { label: "requests per minute", retryAfterMs: 1 } },
    { kind: "ask", atMs: 1_000, expect: "admitted" },
  ]),
  limiterCase("takes nothing for a refused call", { requestsPerMinute: 1 }, [
    { kind: "ask", atMs: 0, expect: "admitted" },
    { kind: "ask", atMs: 100, times: 50, expect: { label: "requests per minute", retryAfterMs: 59_900 } },
    { kind: "ask", atMs: 60_000, expect: "admitted" },
  ]),
  limiterCase("counts input at four characters a token", { inputTokensPerMinute: 600 }, [
    { kind: "ask", atMs: 0, input: 500, characters: 1_997, expect: "admitted" },
    { kind: "look", atMs: 0, inputTokens: [100, 50_000] },
    {
      kind: "ask",
      atMs: 0,
      input: 101,
      expect: { label: "input tokens per minute", retryAfterMs: 100, used: 500, requested: 101 },
    },
    { kind: "ask", atMs: 100, input: 101, expect: "admitted" },
  ]),
  limiterCase("never lets in a prompt above the whole limit", { inputTokensPerMinute: 600, requestsPerMinute: 1 }, [
    { kind: "ask", atMs: 0, input: 601, expect: { never: "input tokens per minute" } },
    { kind: "ask", atMs: 0, input: 600, expect: "admitted" },
  ]),
  limiterCase("does not count what is read from the cache", { inputTokensPerMinute: 600 }, [
    { kind: "ask", atMs: 0, input: 10_000, cached: 9_900, expect: "admitted" },
    { kind: "look", atMs: 0, inputTokens: [500, 10_000] },
    { kind: "ask", atMs: 0, input: 10_000, cached: 10_000, times: 100, expect: "admitted" },
  ]),
  limiterCase("names the limit that is last to have room", { requestsPerMinute: 60, inputTokensPerMinute: 60 }, [
    { kind: "ask", atMs: 0, times: 60, input: 1, expect: "admitted" },
    { kind: "ask", atMs: 0, input: 1, expect: { label: "requests per minute", retryAfterMs: 1_000 } },
    { kind: "ask", atMs: 0, input: 2, expect: { label: "input tokens per minute", retryAfterMs: 2_000 } },
  ]),
  // Settlement of the input.
  limiterCase(
    "gives back input that was estimated too high, when the first token comes",
    { inputTokensPerMinute: 600 },
    [
      {
        kind: "ask",
        atMs: 0,
        input: 200,
        characters: 2_000,
        answer: { firstMs: 1_000, lastMs: 2_000, tokens: 5 },
        expect: "admitted",
      },
      { kind: "look", atMs: 999, inputTokens: [109, 49_001] },
      { kind: "look", atMs: 1_000, inputTokens: [410, 19_000] },
      { kind: "end", atMs: 2_000, outputTokens: 5 },
      { kind: "look", atMs: 2_000, inputTokens: [420, 18_000] },
    ],
  ),
  limiterCase("takes input that was estimated too low, into debt if need be", { inputTokensPerMinute: 600 }, [
    {
      kind: "ask",
      atMs: 0,
      input: 900,
      characters: 400,
      answer: { firstMs: 1_000, lastMs: 1_000, tokens: 1 },
      expect: "admitted",
    },
    { kind: "look", atMs: 1_000, inputTokens: [0, 89_000] },
    {
      kind: "ask",
      atMs: 1_000,
      input: 1,
      expect: { label: "input tokens per minute", retryAfterMs: 29_100, used: 890 },
    },
    { kind: "ask", atMs: 30_100, input: 1, expect: "admitted" },
  ]),
  limiterCase("corrects the input of a call that ends before its first token", { inputTokensPerMinute: 600 }, [
    {
      kind: "ask",
      atMs: 0,
      input: 200,
      characters: 2_000,
      answer: { firstMs: 5_000, lastMs: 9_000, tokens: 50 },
      expect: "admitted",
    },
    { kind: "end", atMs: 1_000, outputTokens: 0 },
    { kind: "look", atMs: 1_000, inputTokens: [410, 19_000] },
    { kind: "look", atMs: 9_000, inputTokens: [490, 11_000] },
  ]),
  // Output as it is generated.
  limiterCase("charges nothing for a large max_tokens", { outputTokensPerMinute: 600 }, [
    { kind: "ask", atMs: 0, maxTokens: 128_000, times: 3, expect: "admitted" },
    { kind: "look", atMs: 0, outputTokens: [600, 0] },
  ]),
  limiterCase("charges output while it is generated, once a second", { outputTokensPerMinute: 60 }, [
    { kind: "ask", atMs: 0, answer: { firstMs: 1_000, lastMs: 5_000, tokens: 40 }, expect: "admitted" },
    { kind: "look", atMs: 1_999, outputTokens: [60, 0] },
    { kind: "look", atMs: 2_000, outputTokens: [50, 10_000] },
    { kind: "look", atMs: 3_000, outputTokens: [41, 19_000] },
    { kind: "look", atMs: 5_000, outputTokens: [23, 37_000] },
    { kind: "end", atMs: 5_000, outputTokens: 40 },
    { kind: "look", atMs: 5_000, outputTokens: [23, 37_000] },
  ]),
  limiterCase(
    "overdraws the output of answers under way, and refuses until the debt is paid",
    { outputTokensPerMinute: 60 },
    [
      { kind: "ask", atMs: 0, times: 2, answer: { firstMs: 0, lastMs: 1_000, tokens: 50 }, expect: "admitted" },
      { kind: "look", atMs: 1_000, outputTokens: [0, 100_000] },
      {
        kind: "ask",
        atMs: 1_000,
        expect: { label: "output tokens per minute", retryAfterMs: 41_000, used: 100, requested: 1 },
      },
      { kind: "ask", atMs: 42_000, expect: "admitted" },
    ],
  ),
  limiterCase(
    "stops charging when a client leaves, and settles what was generated by then",
    { outputTokensPerMinute: 60 },
    [
      { kind: "ask", atMs: 0, answer: { firstMs: 0, lastMs: 10_000, tokens: 100 }, expect: "admitted" },
      { kind: "look", atMs: 2_000, outputTokens: [41, 19_000] },
      { kind: "end", atMs: 2_500, outputTokens: 26 },
      { kind: "look", atMs: 2_500, outputTokens: [35, 24_500] },
      { kind: "look", atMs: 10_000, outputTokens: [43, 17_000] },
    ],
  ),
  limiterCase("charges a long answer in sixteen instalments", { outputTokensPerMinute: 600 }, [
    { kind: "ask", atMs: 0, answer: { firstMs: 0, lastMs: 160_000, tokens: 160 }, expect: "admitted" },
    { kind: "look", atMs: 9_999, outputTokens: [600, 0] },
    { kind: "look", atMs: 10_000, outputTokens: [590, 1_000] },
  ]),
  // As it was until the middle of 2026.
  reserving("reserves max_tokens when told to, and gives back what was not used", { outputTokensPerMinute: 600 }, [
    { kind: "ask", atMs: 0, maxTokens: 500, answer: { firstMs: 100, lastMs: 1_000, tokens: 90 }, expect: "admitted" },
    { kind: "look", atMs: 0, outputTokens: [100, 50_000] },
    {
      kind: "ask",
      atMs: 0,
      maxTokens: 101,
      expect: { label: "output tokens per minute", retryAfterMs: 100, requested: 101 },
    },
    { kind: "end", atMs: 1_000, outputTokens: 90 },
    { kind: "look", atMs: 1_000, outputTokens: [520, 8_000] },
  ]),
  reserving("never lets in a max_tokens above the whole limit when it is reserved", { outputTokensPerMinute: 600 }, [
    { kind: "ask", atMs: 0, maxTokens: 601, expect: { never: "output tokens per minute" } },
  ]),
  // Sharing.
  {
    ...limiterCase("shares the limits of a family: Opus 4.5 to 4.8", {}, [
      { kind: "ask", atMs: 0, model: "claude-opus-4-6", expect: "admitted" },
      {
        kind: "ask",
        atMs: 0,
        model: "claude-opus-4-8",
        expect: { label: "requests per minute", retryAfterMs: 60_000 },
      },
      {
        kind: "ask",
        atMs: 0,
        model: "claude-opus-4-5-20251101",
        expect: { label: "requests per minute", retryAfterMs: 60_000 },
      },
      { kind: "ask", atMs: 0, model: "claude-opus-5", expect: "admitted" },
      { kind: "ask", atMs: 0, model: "claude-sonnet-4-5", expect: "admitted" },
      {
        kind: "ask",
        atMs: 0,
        model: "claude-sonnet-4-6",
        expect: { label: "requests per minute", retryAfterMs: 60_000 },
      },
    ]),
    models: [
      "claude-opus-4-6",
      "claude-opus-4-8",
      "claude-opus-4-5-20251101",
      "claude-opus-5",
      "claude-sonnet-4-5",
      "claude-sonnet-4-6",
    ].map((model) => modelSpec({ model, requestsPerMinute: 1 })),
  },
  {
    ...limiterCase(
      "shares the limits of an organization between its keys, and of nobody else",
      { requestsPerMinute: 1 },
      [
        { kind: "ask", atMs: 0, apiKey: "key", expect: "admitted" },
        { kind: "ask", atMs: 0, apiKey: "colleague", expect: { label: "requests per minute", retryAfterMs: 60_000 } },
        { kind: "ask", atMs: 0, apiKey: "stranger", expect: "admitted" },
      ],
    ),
    accounts: [account("key", "org"), account("colleague", "org"), account("stranger", "other")],
  },
  {
    ...limiterCase("holds a workspace to its own limit on top, charged alike", { inputTokensPerMinute: 600 }, [
      { kind: "ask", atMs: 0, input: 60, expect: "admitted" },
      { kind: "ask", atMs: 0, input: 60, expect: { label: "workspace tokens", retryAfterMs: 756_000 } },
      { kind: "look", atMs: 0, tokens: [40, 3_600_000 * 0.6], inputTokens: [540, 6_000] },
    ]),
    accounts: [
      {
        ...account("key", "org"),
        project: "workspace",
        projectLimits: [{ dimension: "tokens", amount: 100, perMs: hourMs, label: "workspace tokens" }],
      },
    ],
  },
  {
    ...limiterCase("gives a key limits of its own for all models together", { requestsPerMinute: 1_000 }, [
      { kind: "ask", atMs: 0, times: 3, expect: "admitted" },
      { kind: "ask", atMs: 0, expect: { label: "requests per 5 s", retryAfterMs: 5_000 } },
      { kind: "ask", atMs: 5_000, expect: "admitted" },
    ]),
    accounts: [
      {
        ...account("key", "org"),
        limits: [{ dimension: "requests", amount: 3, perMs: 5_000, label: "requests per 5 s" }],
      },
    ],
  },
  // Slices, sums and silence.
  {
    ...limiterCase("enforces 60 requests a minute as one a second when sliced", { requestsPerMinute: 60 }, [
      { kind: "ask", atMs: 0, expect: "admitted" },
      { kind: "ask", atMs: 500, expect: { label: "requests per minute", retryAfterMs: 500 } },
      { kind: "ask", atMs: 1_000, expect: "admitted" },
    ]),
    sliceMs: 1_000,
  },
  limiterCase("shows input and output together as tokens", { inputTokensPerMinute: 600, outputTokensPerMinute: 60 }, [
    { kind: "ask", atMs: 0, input: 100, answer: { firstMs: 0, lastMs: 0, tokens: 30 }, expect: "admitted" },
    { kind: "look", atMs: 0, tokens: [530, 30_000], inputTokens: [500, 10_000], outputTokens: [30, 30_000] },
  ]),
  limiterCase("has no headers for what is not limited", { requestsPerMinute: 60 }, [
    {
      kind: "look",
      atMs: 0,
      requests: [60, 0],
      tokens: "unlimited",
      inputTokens: "unlimited",
      outputTokens: "unlimited",
    },
  ]),
];

function limiterCase(why: string, limits: Partial<ModelSpec>, steps: readonly Step[]): LimiterCase {
  const accounts = [account("key", "org")];
  return { why, models: [modelSpec(limits)], accounts, sliceMs: 0, outputCharging: "generated", steps };
}

function reserving(why: string, limits: Partial<ModelSpec>, steps: readonly Step[]): LimiterCase {
  return { ...limiterCase(why, limits, steps), outputCharging: "reserved" };
}

function account(apiKey: string, organization: string): Account {
  return { apiKey, organization, state: "active" };
}

export function modelSpec(limits: Partial<ModelSpec>): ModelSpec {
  return {
    model: "claude-haiku-4-5",
    requestsPerMinute: undefined,
    tokensPerMinute: undefined,
    requestsPerDay: undefined,
    tokensPerDay: undefined,
    latencyProfile: "instant",
    latencyScale: 1,
    ...limits,
  };
}
