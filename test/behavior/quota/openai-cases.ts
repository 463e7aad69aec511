/**
 * What OpenAI's limiter does, call by call. Plain data: played on virtual time against the behavior, and a sample of it on wall
 * time against the mock server. All times are from the first call.
 */
import type { ModelSpec } from "../../../core/scenario/provider-spec.ts";
import { dayMs, minuteMs } from "../../../core/time.ts";
import type { Account, Limit } from "../../../behavior/quota/quota.ts";

export interface LimiterCase {
  /** A sentence that says what the case shows. */
  readonly why: string;
  readonly models: readonly ModelSpec[];
  readonly accounts: readonly Account[];
  readonly sliceMs: number;
  readonly calls: readonly LimiterCall[];
  /** The outcomes (not the exact times) also hold on a wall clock when every call is up to 300 ms late. */
  readonly live: boolean;
}

export interface LimiterCall {
  readonly atMs: number;
  /** Sent this often at that instant, all with the expected outcome. 1 unless given. */
  readonly times?: number;
  /** `key` unless given. */
  readonly apiKey?: string;
  /** `gpt-4o-mini` unless given. */
  readonly model?: string;
  /** Length of the prompt; 0 unless given. */
  readonly characters?: number;
  readonly maxTokens?: number;
  readonly expect: Expectation;
}

/** What is not named is not checked. Numbers are those of the last call when `times` are sent. */
export type Expectation =
  | {
      readonly outcome: "admitted";
      readonly requests?: readonly [remaining: number, resetMs: number] | "unlimited";
      readonly tokens?: readonly [remaining: number, resetMs: number] | "unlimited";
    }
  | {
      readonly outcome: "rate-limit";
      readonly label: string;
      readonly retryAfterMs: number;
      readonly used?: number;
      readonly requested?: number;
    }
  | { readonly outcome: "request-too-large" | "insufficient-quota" | "unknown-key" | "unknown-model" };

const rpm = "requests per min (RPM)";
const rpd = "requests per day (RPD)";
const tpm = "tokens per min (TPM)";
const tpd = "tokens per day (TPD)";
const admitted = { outcome: "admitted" } as const;

export const openAiCases: readonly LimiterCase[] = [
  // Header samples, documented and recorded.
  limiterCase("headers pair 60 a minute with 59 remaining and a reset in 1 s", { requestsPerMinute: 60 }, [
    { atMs: 0, expect: { outcome: "admitted", requests: [59, 1_000] } },
  ]),
  limiterCase("headers pair 150,000 tokens a minute with 149,984 after a short prompt", { tokensPerMinute: 150_000 }, [
    { atMs: 0, characters: 64, expect: { outcome: "admitted", tokens: [149_984, 7] } },
  ]),
  limiterCase(
    "headers of gpt-4o-mini, 500 a minute and 10,000 a day, speak of the day as recorded on 2024-12-25",
    { requestsPerMinute: 500, requestsPerDay: 10_000, tokensPerMinute: 200_000 },
    [{ atMs: 0, maxTokens: 22, expect: { outcome: "admitted", requests: [9_999, 8_640], tokens: [199_978, 7] } }],
  ),
  limiterCase(
    "headers of gpt-4 pair 519 tokens used with 3.114 s as recorded on 2025-01-04",
    { tokensPerMinute: 10_000 },
    [{ atMs: 0, maxTokens: 519, expect: { outcome: "admitted", tokens: [9_481, 3_114] } }],
  ),
  limiterCase("without limits there is nothing to say in headers", {}, [
    { atMs: 0, times: 1_000, expect: { outcome: "admitted", requests: "unlimited", tokens: "unlimited" } },
  ]),

  // Requests per minute, continuously refilled.
  live("the whole limit may be used in one instant, and not one call more", { requestsPerMinute: 10 }, [
    { atMs: 0, times: 10, expect: { outcome: "admitted", requests: [0, 60_000] } },
    { atMs: 0, expect: refusal(rpm, 6_000, 10, 1) },
  ]),
  live("waiting as long as told is enough", { requestsPerMinute: 60 }, [
    { atMs: 0, times: 60, expect: admitted },
    { atMs: 0, expect: refusal(rpm, 1_000) },
    { atMs: 1_000, expect: { outcome: "admitted", requests: [0, 60_000] } },
  ]),
  limiterCase("a millisecond too early is too early, and costs another full wait", { requestsPerMinute: 60 }, [
    { atMs: 0, times: 60, expect: admitted },
    { atMs: 999, expect: refusal(rpm, 1_000, 60) },
    { atMs: 1_998, expect: refusal(rpm, 1_000, 60) },
    { atMs: 2_998, expect: admitted },
  ]),
  limiterCase("sending again and again never gets through", { requestsPerMinute: 60 }, [
    { atMs: 0, times: 60, expect: admitted },
    { atMs: 500, expect: refusal(rpm, 1_000) },
    { atMs: 1_000, expect: refusal(rpm, 1_000) },
    { atMs: 1_500, expect: refusal(rpm, 1_000) },
    { atMs: 2_000, expect: refusal(rpm, 1_000) },
  ]),
  limiterCase("a hundred refusals build up no debt", { requestsPerMinute: 60 }, [
    { atMs: 0, times: 60, expect: admitted },
    { atMs: 0, times: 100, expect: refusal(rpm, 1_000, 60) },
    { atMs: 1_000, expect: admitted },
  ]),
  limiterCase("half a refill is half a request, which is no request", { requestsPerMinute: 60 }, [
    { atMs: 0, expect: { outcome: "admitted", requests: [59, 1_000] } },
    { atMs: 500, expect: { outcome: "admitted", requests: [58, 1_500] } },
  ]),
  limiterCase("an idle hour saves nothing up", { requestsPerMinute: 60 }, [
    { atMs: 0, times: 60, expect: admitted },
    { atMs: 3_600_000, times: 60, expect: { outcome: "admitted", requests: [0, 60_000] } },
    { atMs: 3_600_000, expect: refusal(rpm, 1_000) },
  ]),
  limiterCase("times that do not divide evenly are rounded up", { requestsPerMinute: 7 }, [
    { atMs: 0, expect: { outcome: "admitted", requests: [6, 8_572] } },
    { atMs: 0, times: 6, expect: admitted },
    { atMs: 0, expect: refusal(rpm, 8_572) },
    { atMs: 8_572, expect: admitted },
  ]),

  // What a call costs in tokens.
  limiterCase("a prompt longer than max_tokens is charged for its characters alone", { tokensPerMinute: 10_000 }, [
    { atMs: 0, characters: 4_000, maxTokens: 600, expect: { outcome: "admitted", tokens: [9_000, 6_000] } },
  ]),
  limiterCase("a max_tokens above the prompt is charged alone", { tokensPerMinute: 10_000 }, [
    { atMs: 0, characters: 400, maxTokens: 500, expect: { outcome: "admitted", tokens: [9_500, 3_000] } },
  ]),
  limiterCase("without max_tokens the characters count, rounded up to a token", { tokensPerMinute: 10_000 }, [
    { atMs: 0, characters: 401, expect: { outcome: "admitted", tokens: [9_899, 606] } },
  ]),

  // Tokens per minute.
  live("tokens that do not fit wait until they do", { tokensPerMinute: 10_000 }, [
    { atMs: 0, maxTokens: 9_000, expect: admitted },
    { atMs: 0, maxTokens: 2_000, expect: refusal(tpm, 6_000, 9_000, 2_000) },
  ]),
  limiterCase("waiting for tokens as long as told is enough", { tokensPerMinute: 10_000 }, [
    { atMs: 0, maxTokens: 9_000, expect: admitted },
    { atMs: 0, maxTokens: 2_000, expect: refusal(tpm, 6_000) },
    { atMs: 6_000, maxTokens: 2_000, expect: { outcome: "admitted", tokens: [0, 60_000] } },
  ]),
  limiterCase("a smaller call passes where a larger one did not", { tokensPerMinute: 10_000 }, [
    { atMs: 0, maxTokens: 9_000, expect: admitted },
    { atMs: 0, maxTokens: 2_000, expect: refusal(tpm, 6_000) },
    { atMs: 0, maxTokens: 1_000, expect: { outcome: "admitted", tokens: [0, 60_000] } },
  ]),
  live("a call of exactly the limit passes on a whole limit", { tokensPerMinute: 10_000 }, [
    { atMs: 0, maxTokens: 10_000, expect: admitted },
  ]),
  live("a call above the limit can never pass", { tokensPerMinute: 10_000 }, [
    { atMs: 0, maxTokens: 10_001, expect: { outcome: "request-too-large" } },
  ]),

  // Refusals count as requests.
  live("a call refused for its tokens takes a request", { requestsPerMinute: 2, tokensPerMinute: 1_000 }, [
    { atMs: 0, maxTokens: 1_000, expect: admitted },
    { atMs: 0, maxTokens: 1_000, expect: refusal(tpm, 60_000, 1_000, 1_000) },
    { atMs: 0, expect: refusal(rpm, 30_000, 2, 1) },
  ]),
  live("a call that is too large takes a request", { requestsPerMinute: 1, tokensPerMinute: 1_000 }, [
    { atMs: 0, maxTokens: 1_001, expect: { outcome: "request-too-large" } },
    { atMs: 0, maxTokens: 1, expect: refusal(rpm, 60_000) },
  ]),
  limiterCase(
    "the wait covers the request that the refusal itself took",
    { requestsPerMinute: 1, tokensPerMinute: 100 },
    [
      { atMs: 0, maxTokens: 100, expect: admitted },
      { atMs: 60_000, maxTokens: 60, expect: admitted },
      { atMs: 119_999, maxTokens: 100, expect: refusal(rpm, 60_000, 1, 1) },
      { atMs: 179_999, maxTokens: 100, expect: admitted },
    ],
  ),
  limiterCase(
    "when requests and tokens are both short, the longer wait is named",
    { requestsPerMinute: 1, tokensPerMinute: 1_000 },
    [
      { atMs: 0, maxTokens: 1_000, expect: admitted },
      { atMs: 0, maxTokens: 500, expect: refusal(rpm, 60_000, 1, 1) },
    ],
  ),

  // Per day.
  limiterCase("requests per day refill over the day", { requestsPerDay: 2 }, [
    { atMs: 0, times: 2, expect: { outcome: "admitted", requests: [0, dayMs] } },
    { atMs: 0, expect: refusal(rpd, dayMs / 2, 2, 1) },
    { atMs: dayMs / 2, expect: admitted },
  ]),
  limiterCase("refusals do not count against the day", { requestsPerDay: 2 }, [
    { atMs: 0, times: 2, expect: admitted },
    { atMs: dayMs / 2 - 1, expect: refusal(rpd, 1) },
    { atMs: dayMs / 2, expect: admitted },
  ]),
  limiterCase("tokens per day refill over the day", { tokensPerDay: 1_000 }, [
    { atMs: 0, maxTokens: 1_000, expect: admitted },
    { atMs: 0, maxTokens: 1, expect: refusal(tpd, 86_400, 1_000, 1) },
  ]),
  limiterCase("the day's limit stops a minute that has room", { requestsPerMinute: 60, requestsPerDay: 3 }, [
    { atMs: 0, times: 3, expect: admitted },
    { atMs: 0, expect: refusal(rpd, dayMs / 3, 3, 1) },
  ]),

  // Slices.
  sliced("60,000 a minute in slices of a second are 1,000 at once", 1_000, { requestsPerMinute: 60_000 }, [
    { atMs: 0, times: 1_000, expect: { outcome: "admitted", requests: [59_000, 1_000] } },
    { atMs: 0, times: 10, expect: refusal(rpm, 1, 1_000, 1) },
    { atMs: 1, expect: { outcome: "admitted", requests: [59_000, 1_000] } },
  ]),
  sliced("a slice of less than one request still lets one through", 1_000, { requestsPerMinute: 30 }, [
    { atMs: 0, expect: { outcome: "admitted", requests: [29, 2_000] } },
    { atMs: 0, expect: refusal(rpm, 2_000) },
    { atMs: 2_000, expect: admitted },
  ]),
  sliced("a call larger than a slice of tokens passes and is waited off", 1_000, { tokensPerMinute: 60_000 }, [
    { atMs: 0, maxTokens: 3_000, expect: { outcome: "admitted", tokens: [57_000, 3_000] } },
    { atMs: 0, maxTokens: 1, expect: refusal(tpm, 2_001, 3_000, 1) },
    { atMs: 2_001, maxTokens: 1, expect: admitted },
  ]),
  sliced("limits per day are not sliced", 1_000, { requestsPerDay: 10 }, [
    { atMs: 0, times: 10, expect: admitted },
    { atMs: 0, expect: refusal(rpd, dayMs / 10) },
  ]),

  // Who shares what.
  {
    ...live("keys of one organization share its limits", { requestsPerMinute: 1 }, [
      { atMs: 0, apiKey: "key", expect: admitted },
      { atMs: 0, apiKey: "colleague", expect: refusal(rpm, 60_000) },
    ]),
    accounts: [account("key"), account("colleague")],
  },
  {
    ...live("organizations do not share limits", { requestsPerMinute: 1 }, [
      { atMs: 0, apiKey: "key", expect: admitted },
      { atMs: 0, apiKey: "stranger", expect: admitted },
    ]),
    accounts: [account("key"), account("stranger", { organization: "org-other" })],
  },
  {
    ...live("models have limits of their own", {}, [
      { atMs: 0, model: "gpt-4o-mini", expect: admitted },
      { atMs: 0, model: "gpt-4o", expect: admitted },
      { atMs: 0, model: "gpt-4o", expect: refusal(rpm, 60_000) },
    ]),
    models: [model("gpt-4o-mini", { requestsPerMinute: 1 }), model("gpt-4o", { requestsPerMinute: 1 })],
  },
  {
    ...limiterCase("models of one family share the limits of the first", {}, [
      { atMs: 0, model: "gpt-4o-mini", expect: admitted },
      { atMs: 0, model: "gpt-4o-mini-2024-07-18", expect: refusal(rpm, 60_000) },
    ]),
    models: [
      model("gpt-4o-mini", { requestsPerMinute: 1, limitFamily: "gpt-4o-mini" }),
      model("gpt-4o-mini-2024-07-18", { requestsPerMinute: 500, limitFamily: "gpt-4o-mini" }),
    ],
  },
  {
    ...live("a project stops before its organization does", { requestsPerMinute: 10 }, [
      { atMs: 0, apiKey: "key", expect: { outcome: "admitted", requests: [0, 60_000] } },
      { atMs: 0, apiKey: "key", expect: refusal(rpm, 60_000, 1, 1) },
    ]),
    accounts: [account("key", { project: "small", projectLimits: [perMinute(1)] })],
  },
  {
    ...limiterCase("projects with room of their own still share their organization's", { requestsPerMinute: 2 }, [
      { atMs: 0, apiKey: "red", expect: admitted },
      { atMs: 0, apiKey: "blue", expect: admitted },
      { atMs: 0, apiKey: "blue", expect: refusal(rpm, 30_000, 2, 1) },
    ]),
    accounts: [
      account("red", { project: "red", projectLimits: [perMinute(10)] }),
      account("blue", { project: "blue", projectLimits: [perMinute(10)] }),
    ],
  },
  {
    ...live("a tight key is refused at its fourth call in 5 s, whatever the model allows", { requestsPerMinute: 1 }, [
      { atMs: 0, apiKey: "tight", times: 3, expect: { outcome: "admitted", requests: [0, 5_000] } },
      { atMs: 0, apiKey: "tight", expect: refusal("requests per 5 s", 5_000, 3, 1) },
    ]),
    accounts: [tight()],
  },
  {
    ...live("a key's own limits hold for all models together", {}, [
      { atMs: 0, apiKey: "tight", model: "gpt-4o-mini", times: 2, expect: admitted },
      { atMs: 0, apiKey: "tight", model: "gpt-4o", expect: admitted },
      { atMs: 0, apiKey: "tight", model: "gpt-4o", expect: refusal("requests per 5 s", 5_000) },
    ]),
    models: [model("gpt-4o-mini", {}), model("gpt-4o", {})],
    accounts: [tight()],
  },

  // Refused before any limit.
  {
    ...live("a key without credit is refused and takes nothing", { requestsPerMinute: 1 }, [
      { atMs: 0, apiKey: "broke", times: 3, expect: { outcome: "insufficient-quota" } },
      { atMs: 0, apiKey: "key", expect: admitted },
    ]),
    accounts: [account("key"), account("broke", { state: "insufficient-quota" })],
  },
  live("an unknown key and an unknown model take nothing", { requestsPerMinute: 1 }, [
    { atMs: 0, apiKey: "guess", expect: { outcome: "unknown-key" } },
    { atMs: 0, model: "gpt-0", expect: { outcome: "unknown-model" } },
    { atMs: 0, expect: admitted },
  ]),
];

type ModelLimits = Partial<
  Pick<ModelSpec, "requestsPerMinute" | "requestsPerDay" | "tokensPerMinute" | "tokensPerDay" | "limitFamily">
>;

function limiterCase(why: string, limits: ModelLimits, calls: readonly LimiterCall[]): LimiterCase {
  return { why, models: [model("gpt-4o-mini", limits)], accounts: [account("key")], sliceMs: 0, calls, live: false };
}

function live(why: string, limits: ModelLimits, calls: readonly LimiterCall[]): LimiterCase {
  return { ...limiterCase(why, limits, calls), live: true };
}

function sliced(why: string, sliceMs: number, limits: ModelLimits, calls: readonly LimiterCall[]): LimiterCase {
  return { ...limiterCase(why, limits, calls), sliceMs };
}

function model(name: string, limits: ModelLimits): ModelSpec {
  return {
    model: name,
    requestsPerMinute: undefined,
    requestsPerDay: undefined,
    tokensPerMinute: undefined,
    tokensPerDay: undefined,
    latencyProfile: "instant",
    latencyScale: 1,
    ...limits,
  };
}

function account(apiKey: string, more: Partial<Account> = {}): Account {
  return { apiKey, organization: "org-squall", state: "active", ...more };
}

function tight(): Account {
  return account("tight", { limits: [{ dimension: "requests", amount: 3, perMs: 5_000, label: "requests per 5 s" }] });
}

function perMinute(amount: number): Limit {
  return { dimension: "requests", amount, perMs: minuteMs, label: rpm };
}

function refusal(label: string, retryAfterMs: number, used?: number, requested?: number): Expectation {
  return {
    outcome: "rate-limit",
    label,
    retryAfterMs,
    ...(used === undefined ? {} : { used }),
    ...(requested === undefined ? {} : { requested }),
  };
}
