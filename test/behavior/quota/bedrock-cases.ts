/**
 * What Bedrock's limiter does, call by call, on virtual time. Plain data; all times are from the first call.
 */
import { dayMs, minuteMs } from "../../../core/time.ts";
import type { ModelSpec } from "../../../core/scenario/provider-spec.ts";
import type { Limit } from "../../../behavior/quota/quota.ts";

export const haiku = "us.anthropic.claude-haiku-4-5-20251001-v1:0";
export const nova = "amazon.nova-lite-v1:0";

export interface LimiterCase {
  /** A sentence that says what the case shows. */
  readonly why: string;
  readonly limits: Partial<ModelSpec>;
  /** Of the key, in place of the model's. */
  readonly keyLimits?: readonly Limit[];
  readonly reservesBurndown?: boolean;
  readonly steps: readonly Step[];
}

export type Step =
  | {
      readonly atMs: number;
      readonly call: "admitted" | "rate-limit" | "request-too-large";
      /** Of haiku unless given. */
      readonly model?: string;
      readonly input?: number;
      readonly cached?: number;
      /** Not sent unless given. */
      readonly maxTokens?: number;
      readonly label?: string;
      readonly retryAfterMs?: number;
      /** Tokens left afterwards. */
      readonly left?: number;
    }
  /** The first call that has not ended does, after so many tokens. */
  | { readonly atMs: number; readonly generated: number; readonly left: number };

const tokensPerMinute = 60_000;

export const bedrockCases: readonly LimiterCase[] = [
  {
    why: "reserves the prompt, cached or not, and max_tokens, without the burndown rate",
    limits: { tokensPerMinute },
    steps: [{ atMs: 0, call: "admitted", input: 5_000, cached: 4_000, maxTokens: 1_000, left: 54_000 }],
  },
  {
    why: "charges at the end what was not cached, and five tokens for each that Claude 4.5 wrote",
    limits: { tokensPerMinute },
    steps: [
      { atMs: 0, call: "admitted", input: 5_000, cached: 4_000, maxTokens: 3_000, left: 52_000 },
      { atMs: 0, generated: 100, left: 58_500 },
    ],
  },
  {
    why: "charges Nova's tokens as they are",
    limits: { tokensPerMinute },
    steps: [
      { atMs: 0, call: "admitted", model: nova, input: 1_000, maxTokens: 3_000, left: 56_000 },
      { atMs: 0, generated: 100, left: 58_900 },
    ],
  },
  {
    why: "charges more than was reserved when a long answer burns down fivefold",
    limits: { tokensPerMinute },
    steps: [
      { atMs: 0, call: "admitted", input: 0, maxTokens: 10_000, left: 50_000 },
      { atMs: 0, generated: 10_000, left: 10_000 },
      { atMs: 0, call: "rate-limit", input: 10_001, maxTokens: 0, label: "tokens", retryAfterMs: 1 },
    ],
  },
  {
    why: "lets a burndown beyond the limit leave a debt that later calls wait for",
    limits: { tokensPerMinute },
    steps: [
      { atMs: 0, call: "admitted", input: 0, maxTokens: 20_000 },
      { atMs: 0, generated: 20_000, left: 0 },
      { atMs: 0, call: "rate-limit", input: 1_000, maxTokens: 0, retryAfterMs: 41_000 },
      { atMs: 41_000, call: "admitted", input: 1_000, maxTokens: 0, left: 0 },
    ],
  },
  {
    why: "reserves the longest answer of the model when max_tokens is not sent",
    limits: { tokensPerMinute: 100_000 },
    steps: [
      { atMs: 0, call: "admitted", input: 500, left: 35_500 },
      { atMs: 0, call: "rate-limit", input: 500, label: "tokens", retryAfterMs: 17_400 },
      { atMs: 17_400, call: "admitted", input: 500 },
    ],
  },
  {
    why: "never admits a call whose reservation is above the limit",
    limits: { tokensPerMinute },
    steps: [{ atMs: 0, call: "request-too-large", input: 1 }],
  },
  {
    why: "multiplies the reservation, too, when told so",
    limits: { tokensPerMinute },
    reservesBurndown: true,
    steps: [{ atMs: 0, call: "admitted", input: 1_000, maxTokens: 1_000, left: 54_000 }],
  },
  {
    why: "refuses by the day when the day is used up, and says so",
    limits: { tokensPerMinute, tokensPerDay: 60_000 },
    steps: [
      { atMs: 0, call: "admitted", input: 60_000, maxTokens: 0 },
      {
        atMs: minuteMs,
        call: "rate-limit",
        input: 60_000,
        maxTokens: 0,
        label: "tokens per day",
        retryAfterMs: dayMs - minuteMs,
      },
    ],
  },
  {
    why: "counts requests only where a limit on them is given",
    limits: { requestsPerMinute: 2 },
    steps: [
      { atMs: 0, call: "admitted" },
      { atMs: 0, call: "admitted" },
      { atMs: 0, call: "rate-limit", label: "requests", retryAfterMs: 30_000 },
    ],
  },
  {
    why: "labels a key's own limits by what they count",
    limits: {},
    keyLimits: [{ dimension: "requests", amount: 1, perMs: 5_000, label: "requests per min (RPM)" }],
    steps: [
      { atMs: 0, call: "admitted" },
      { atMs: 0, call: "rate-limit", label: "requests", retryAfterMs: 5_000 },
    ],
  },
];

/** Longest answer and burndown rate by model. */
export const modelCases: readonly (readonly [model: string, outputTokensMax: number, burndown: number])[] = [
  ["anthropic.claude-3-haiku-20240307-v1:0", 4_096, 1],
  ["us.anthropic.claude-3-5-sonnet-20241022-v2:0", 8_192, 1],
  ["us.anthropic.claude-3-7-sonnet-20250219-v1:0", 64_000, 5],
  ["eu.anthropic.claude-sonnet-4-20250514-v1:0", 64_000, 5],
  ["us.anthropic.claude-opus-4-1-20250805-v1:0", 32_000, 5],
  ["global.anthropic.claude-haiku-4-5-20251001-v1:0", 64_000, 5],
  ["global.anthropic.claude-opus-4-5-20251101-v1:0", 64_000, 5],
  ["global.anthropic.claude-opus-4-6-v1", 128_000, 5],
  ["us.anthropic.claude-opus-4-8", 128_000, 15],
  ["us.anthropic.claude-sonnet-5", 128_000, 10],
  ["us.anthropic.claude-opus-5-5", 128_000, 10],
  ["amazon.nova-pro-v1:0", 10_000, 1],
  ["us.amazon.nova-2-lite-v1:0", 64_000, 1],
  ["meta.llama3-3-70b-instruct-v1:0", 4_096, 1],
];
