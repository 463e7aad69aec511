/** What the Gemini API's limiter does, call by call. Plain data. All times are scenario time. */
import type { Account } from "../../../behavior/quota/quota.ts";
import type { ModelSpec } from "../../../core/scenario/provider-spec.ts";
import { dayMs, hourMs, minuteMs } from "../../../core/time.ts";

export interface LimiterCase {
  /** A sentence that says what the case shows. */
  readonly why: string;
  readonly models: readonly ModelSpec[];
  readonly accounts: readonly Account[];
  /** Since midnight in California at time 0. */
  readonly startTimeOfDayMs: number;
  readonly calls: readonly LimiterCall[];
}

export interface LimiterCall {
  readonly atMs: number;
  /** Sent this often at that instant, all with the expected outcome. 1 unless given. */
  readonly times?: number;
  /** `key` unless given. */
  readonly apiKey?: string;
  /** `gemini-2.5-flash` unless given. */
  readonly model?: string;
  /** 1 unless given. */
  readonly inputTokens?: number;
  readonly cachedTokens?: number;
  readonly maxTokens?: number;
  readonly expect: Expectation;
}

/** What is not named is not checked. Numbers are those of the last call when `times` are sent. */
export type Expectation =
  | {
      readonly outcome: "admitted";
      readonly requests?: readonly [remaining: number, resetMs: number] | "unlimited";
      readonly inputTokens?: readonly [remaining: number, resetMs: number] | "unlimited";
    }
  | {
      readonly outcome: "rate-limit";
      readonly label: string;
      readonly retryAfterMs: number;
      readonly used?: number;
      readonly requested?: number;
    }
  | {
      readonly outcome: "request-too-large" | "context-length" | "insufficient-quota" | "unknown-key" | "unknown-model";
    };

const rpm = "GenerateRequestsPerMinutePerProjectPerModel";
const rpd = "GenerateRequestsPerDayPerProjectPerModel";
const tpm = "GenerateContentPaidTierInputTokensPerModelPerMinute";
const admitted = { outcome: "admitted" } as const;

export const geminiCases: readonly LimiterCase[] = [
  limiterCase("without limits nothing is counted", {}, [
    { atMs: 0, times: 1_000, expect: { outcome: "admitted", requests: "unlimited", inputTokens: "unlimited" } },
  ]),

  // Requests per minute of the clock.
  limiterCase("the whole limit may be used in one instant, and not one call more", { requestsPerMinute: 10 }, [
    { atMs: 0, times: 10, expect: { outcome: "admitted", requests: [0, 60_000] } },
    { atMs: 0, expect: refusal(rpm, 60_000, 10, 1) },
  ]),
  limiterCase("nothing is refilled before the minute ends", { requestsPerMinute: 60 }, [
    { atMs: 0, times: 60, expect: admitted },
    { atMs: 59_999, expect: refusal(rpm, 1) },
    { atMs: 60_000, expect: { outcome: "admitted", requests: [59, 60_000] } },
  ]),
  limiterCase("the wait is the rest of the minute, whenever the calls came", { requestsPerMinute: 1 }, [
    { atMs: 14_421.5, expect: { outcome: "admitted", requests: [0, 45_579] } },
    { atMs: 14_421.5, expect: refusal(rpm, 45_579, 1) },
    { atMs: 60_000, expect: admitted },
  ]),
  limiterCase("bursts on either side of a full minute both pass", { requestsPerMinute: 10 }, [
    { atMs: 59_999, times: 10, expect: admitted },
    { atMs: 60_000, times: 10, expect: admitted },
    { atMs: 60_001, expect: refusal(rpm, 59_999) },
  ]),
  limiterCase("refused calls count nowhere", { requestsPerMinute: 2 }, [
    { atMs: 0, times: 2, expect: admitted },
    { atMs: 30_000, times: 100, expect: refusal(rpm, 30_000, 2) },
    { atMs: 60_000, expect: { outcome: "admitted", requests: [1, 60_000] } },
  ]),
  limiterCase("an idle hour saves nothing up", { requestsPerMinute: 3 }, [
    { atMs: hourMs, times: 3, expect: admitted },
    { atMs: hourMs, expect: refusal(rpm, 60_000) },
  ]),
  {
    ...limiterCase("minutes are those of the clock, not of the scenario", { requestsPerMinute: 1 }, [
      { atMs: 0, expect: { outcome: "admitted", requests: [0, 40_000] } },
      { atMs: 39_999, expect: refusal(rpm, 1) },
      { atMs: 40_000, expect: admitted },
    ]),
    startTimeOfDayMs: 14 * hourMs + 30 * minuteMs + 20_000,
  },

  // Input tokens per minute.
  limiterCase("only the prompt counts, whatever the answer may be", { tokensPerMinute: 10_000 }, [
    { atMs: 0, inputTokens: 400, maxTokens: 65_535, expect: { outcome: "admitted", inputTokens: [9_600, 60_000] } },
  ]),
  limiterCase("cached tokens count like all others", { tokensPerMinute: 10_000 }, [
    { atMs: 0, inputTokens: 4_000, cachedTokens: 3_000, expect: { outcome: "admitted", inputTokens: [6_000, 60_000] } },
  ]),
  limiterCase("prompts that do not fit wait for the next minute", { tokensPerMinute: 10_000 }, [
    { atMs: 10_000, inputTokens: 9_000, expect: admitted },
    { atMs: 20_000, inputTokens: 2_000, expect: refusal(tpm, 40_000, 9_000, 2_000) },
    { atMs: 60_000, inputTokens: 2_000, expect: { outcome: "admitted", inputTokens: [8_000, 60_000] } },
  ]),
  limiterCase("a shorter prompt passes where a longer one did not", { tokensPerMinute: 10_000 }, [
    { atMs: 0, inputTokens: 9_000, expect: admitted },
    { atMs: 0, inputTokens: 2_000, expect: refusal(tpm, 60_000) },
    { atMs: 0, inputTokens: 1_000, expect: { outcome: "admitted", inputTokens: [0, 60_000] } },
  ]),
  limiterCase("a prompt of exactly the limit passes", { tokensPerMinute: 10_000 }, [
    { atMs: 0, inputTokens: 10_000, expect: admitted },
  ]),
  limiterCase("a prompt above the limit can never pass, and takes nothing", { tokensPerMinute: 10_000 }, [
    { atMs: 0, inputTokens: 10_001, expect: { outcome: "request-too-large" } },
    { atMs: 0, inputTokens: 10_000, expect: admitted },
  ]),
  limiterCase(
    "a limit on input alone is the same limit, and comes first",
    { tokensPerMinute: 1, inputTokensPerMinute: 50 },
    [{ atMs: 0, inputTokens: 50, expect: { outcome: "admitted", inputTokens: [0, 60_000] } }],
  ),
  limiterCase("a prompt too long for the model is charged all the same", { tokensPerMinute: 3_000_000 }, [
    { atMs: 0, inputTokens: 2_000_000, expect: { outcome: "context-length" } },
    { atMs: 0, inputTokens: 1_000_001, expect: refusal(tpm, 60_000, 2_000_000) },
  ]),
  limiterCase("the answer has a limit of its own beside the context", {}, [
    { atMs: 0, inputTokens: 1_048_576, maxTokens: 65_535, expect: admitted },
    { atMs: 0, inputTokens: 1_048_577, expect: { outcome: "context-length" } },
  ]),

  // Requests per day, which ends at midnight in California.
  limiterCase("a day's requests come back at midnight and not before", { requestsPerDay: 2 }, [
    { atMs: 0, times: 2, expect: { outcome: "admitted", requests: [0, dayMs] } },
    { atMs: 12 * hourMs, expect: refusal(rpd, 12 * hourMs, 2) },
    { atMs: dayMs, times: 2, expect: admitted },
  ]),
  {
    ...limiterCase("midnight comes sooner when the scenario starts in the afternoon", { requestsPerDay: 1 }, [
      { atMs: 0, expect: admitted },
      { atMs: 0, expect: refusal(rpd, 9.5 * hourMs) },
      { atMs: 9.5 * hourMs, expect: admitted },
      { atMs: 9.5 * hourMs, expect: refusal(rpd, dayMs) },
    ]),
    startTimeOfDayMs: 14.5 * hourMs,
  },
  limiterCase("when minute and day are both short, the day is named", { requestsPerMinute: 2, requestsPerDay: 2 }, [
    { atMs: 0, times: 2, expect: admitted },
    { atMs: 30_000, expect: refusal(rpd, dayMs - 30_000, 2, 1) },
  ]),

  // Who shares what.
  {
    ...limiterCase("keys of one project share its limits", { requestsPerMinute: 1 }, [
      { atMs: 0, apiKey: "key", expect: admitted },
      { atMs: 0, apiKey: "colleague", expect: refusal(rpm, 60_000) },
    ]),
    accounts: [account("key", { project: "p" }), account("colleague", { project: "p" })],
  },
  {
    ...limiterCase("projects do not share limits, even of one organization", { requestsPerMinute: 1 }, [
      { atMs: 0, apiKey: "key", expect: admitted },
      { atMs: 0, apiKey: "neighbour", expect: admitted },
    ]),
    accounts: [account("key", { project: "p" }), account("neighbour", { project: "q" })],
  },
  {
    ...limiterCase("models have limits of their own", {}, [
      { atMs: 0, expect: admitted },
      { atMs: 0, model: "gemini-2.5-pro", expect: admitted },
      { atMs: 0, model: "gemini-2.5-pro", expect: refusal(rpm, 60_000) },
    ]),
    models: [model("gemini-2.5-flash", { requestsPerMinute: 1 }), model("gemini-2.5-pro", { requestsPerMinute: 1 })],
  },
  {
    ...limiterCase(
      "a tight key is refused at its fourth call in 5 s, even across a full minute",
      { requestsPerMinute: 1 },
      [
        { atMs: 59_000, apiKey: "tight", times: 2, expect: admitted },
        { atMs: 60_000, apiKey: "tight", expect: { outcome: "admitted", requests: [0, 4_000] } },
        { atMs: 60_500, apiKey: "tight", expect: refusal("three in five", 3_500, 3, 1) },
        { atMs: 64_000, apiKey: "tight", expect: admitted },
      ],
    ),
    accounts: [
      account("tight", { limits: [{ dimension: "requests", amount: 3, perMs: 5_000, label: "three in five" }] }),
    ],
  },
  {
    ...limiterCase("a key's limit on tokens means its prompts", {}, [
      { atMs: 0, inputTokens: 60, maxTokens: 500, expect: { outcome: "admitted", inputTokens: [40, 60_000] } },
    ]),
    accounts: [account("key", { limits: [{ dimension: "tokens", amount: 100, perMs: minuteMs, label: "tokens" }] })],
  },

  // Refused before any limit.
  {
    ...limiterCase("a key whose spending cap is reached is refused and takes nothing", { requestsPerMinute: 1 }, [
      { atMs: 0, apiKey: "broke", times: 3, expect: { outcome: "insufficient-quota" } },
      { atMs: 0, expect: admitted },
    ]),
    accounts: [account("key"), account("broke", { state: "insufficient-quota" })],
  },
  limiterCase("an unknown key and an unknown model take nothing", { requestsPerMinute: 1 }, [
    { atMs: 0, apiKey: "guess", expect: { outcome: "unknown-key" } },
    { atMs: 0, model: "gemini-0", expect: { outcome: "unknown-model" } },
    { atMs: 0, expect: admitted },
  ]),
];

export type ModelLimits = Partial<Omit<ModelSpec, "model">>;

function limiterCase(why: string, limits: ModelLimits, calls: readonly LimiterCall[]): LimiterCase {
  return { why, models: [model("gemini-2.5-flash", limits)], accounts: [account("key")], startTimeOfDayMs: 0, calls };
}

export function model(name: string, limits: ModelLimits): ModelSpec {
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

export function account(apiKey: string, more: Partial<Account> = {}): Account {
  return { apiKey, organization: "org-squall", state: "active", ...more };
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
