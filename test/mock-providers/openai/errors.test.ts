import { describe, expect, it } from "vitest";
import type { Refusal } from "../../../behavior/provider.ts";
import type { RefusedCall } from "../../../mock-providers/generation.ts";
import { faultError, refusalError, unknownKey } from "../../../mock-providers/openai/errors.ts";
import { retryHeaders } from "../../../mock-providers/openai/headers.ts";

const who: RefusedCall = {
  apiKey: "sk-squall-something-long",
  organization: "org-a",
  model: "gpt-4o-mini",
  inputTokens: 127_900,
  maxOutputTokens: undefined,
};

const rateLimit: Refusal = {
  kind: "rate-limit",
  dimension: "requests",
  label: "requests per min (RPM)",
  limit: 3,
  used: 3,
  requested: 1,
  retryAfterMs: 20_000,
};

describe("refusalError", () => {
  const cases: readonly { readonly refusal: Refusal; readonly call?: Partial<RefusedCall>; readonly error: object }[] =
    [
      {
        refusal: rateLimit,
        error: {
          status: 429,
          type: "requests",
          code: "rate_limit_exceeded",
          retryAfterMs: 10_000,
          message:
            "Rate limit reached for gpt-4o-mini in organization org-a on requests per min (RPM): Limit 3, Used 3, Requested 1. " +
            "Please try again in 10s. Visit https://platform.openai.com/account/rate-limits to learn more.",
        },
      },
      {
        refusal: { ...rateLimit, scope: "project" },
        call: { project: "proj_a" },
        error: { message: expect.stringContaining("Rate limit reached for gpt-4o-mini in project proj_a on requests") },
      },
      {
        refusal: { ...rateLimit, scope: "organization" },
        call: { project: "proj_a" },
        error: {
          message: expect.stringContaining("Rate limit reached for gpt-4o-mini in organization org-a on requests"),
        },
      },
      {
        refusal: {
          ...rateLimit,
          dimension: "tokens",
          label: "tokens per min (TPM)",
          limit: 30_000,
          used: 29_937,
          requested: 385,
          retryAfterMs: 1_288,
        },
        error: {
          type: "tokens",
          message: expect.stringContaining("Limit 30000, Used 29937, Requested 385. Please try again in 644ms."),
        },
      },
      {
        refusal: { kind: "request-too-large", label: "tokens per min (TPM)", limit: 30_000, requested: 36_278 },
        error: {
          status: 429,
          type: "tokens",
          code: "rate_limit_exceeded",
          message:
            "Request too large for gpt-4o-mini in organization org-a on tokens per min (TPM): Limit 30000, Requested 36278. " +
            "The input or output tokens must be reduced in order to run successfully. " +
            "Visit https://platform.openai.com/account/rate-limits to learn more.",
        },
      },
      {
        refusal: { kind: "insufficient-quota" },
        error: { status: 429, type: "insufficient_quota", code: "insufficient_quota" },
      },
      {
        refusal: { kind: "unknown-model" },
        error: {
          status: 404,
          code: "model_not_found",
          message: "The model `gpt-4o-mini` does not exist or you do not have access to it.",
        },
      },
      {
        refusal: { kind: "context-length", limit: 128_000, requested: 204_308 },
        error: {
          status: 400,
          param: "messages",
          code: "context_length_exceeded",
          message:
            "This model's maximum context length is 128000 tokens. However, your messages resulted in 204308 tokens. Please reduce the length of the messages.",
        },
      },
      {
        refusal: { kind: "context-length", limit: 128_000, requested: 128_100 },
        call: { maxOutputTokens: 200 },
        error: {
          message:
            "This model's maximum context length is 128000 tokens. However, you requested 128100 tokens (127900 in the messages, 200 in the completion). Please reduce the length of the messages or completion.",
        },
      },
      {
        refusal: { kind: "fault", status: 503, retryAfterMs: 4_000 },
        error: { status: 503, code: "server_is_overloaded", retryAfterMs: 2_000 },
      },
      {
        refusal: { kind: "fault", status: 429, retryAfterMs: undefined },
        error: { status: 429, type: "rate_limit_error", code: "slow_down" },
      },
    ];

  it.each(cases)("says a $refusal.kind as the service does, times in the client's own", ({ refusal, call, error }) => {
    expect(refusalError(refusal, { ...who, ...call }, (ms) => ms / 2)).toMatchObject(error);
  });

  it.each([400, 403, 408, 500, 502, 504])("has an envelope for a fault of status %i", (status) => {
    expect(faultError(status, undefined)).toMatchObject({ status, param: null, code: null });
  });
});

describe("a key that is not known", () => {
  it.each([
    { key: "", said: "You didn't provide an API key." },
    { key: "short", said: "Incorrect API key provided: *****." },
    { key: "sk-abcdefghijklmnop", said: "Incorrect API key provided: sk-abcde*******mnop." },
    { key: `sk-${"x".repeat(10_000)}`, said: `Incorrect API key provided: sk-xxxxx${"*".repeat(244)}xxxx.` },
  ])("is never said back whole: $said", ({ key, said }) => {
    const error = unknownKey(key);
    expect(error.message.startsWith(said)).toBe(true);
    expect(error.status).toBe(401);
  });
});

describe("retryHeaders", () => {
  it.each([
    { ms: 644, expected: ["retry-after-ms", "644", "retry-after", "1"] },
    { ms: 18_642.2, expected: ["retry-after-ms", "18643", "retry-after", "19"] },
    { ms: 0, expected: ["retry-after-ms", "1", "retry-after", "1"] },
  ])("never tell a client to come back before $ms ms", ({ ms, expected }) => {
    expect(retryHeaders(ms)).toEqual(expected);
  });
});
