import { describe, expect, it } from "vitest";
import type { Refusal } from "../../../behavior/provider.ts";
import { geminiQuotaIds } from "../../../behavior/quota/gemini.ts";
import { errorBody, faultError, refusalError } from "../../../mock-providers/gemini/errors.ts";

const asked = { version: "v1beta", method: "generateContent" };
const who = { apiKey: "k", model: "gemini-2.5-flash" };

function limited(changes: Partial<Extract<Refusal, { kind: "rate-limit" }>>): Refusal {
  const label = geminiQuotaIds.requestsPerDay;
  return {
    kind: "rate-limit",
    dimension: "requests",
    label,
    limit: 250,
    used: 250,
    requested: 1,
    retryAfterMs: 1,
    ...changes,
  };
}

describe("what a refusal at a limit says", () => {
  it.each([
    [23_693_000, "6h34m53s", "23693s"],
    [45_578.2, "45.579s", "46s"],
    [4_001, "4.001s", "5s"],
    [1, "1ms", "1s"],
  ])(
    "after %s ms a retry is let in: `%s` in words, and %s as a delay, never too short",
    (retryAfterMs, words, delay) => {
      const { message, details } = refusalError(limited({ retryAfterMs }), who, asked, (ms) => ms);
      expect(message.endsWith(`\nPlease retry in ${words}.`)).toBe(true);
      expect(details?.at(-1)).toEqual({ "@type": "type.googleapis.com/google.rpc.RetryInfo", retryDelay: delay });
    },
  );

  it("is in the client's time, not in the scenario's", () => {
    const { details } = refusalError(limited({ retryAfterMs: 60_000 }), who, asked, (ms) => ms / 10);
    expect(details?.at(-1)).toMatchObject({ retryDelay: "6s" });
  });

  it.each([
    [geminiQuotaIds.requestsPerMinute, "requests", geminiQuotaIds.requestsPerMinute, "generate_requests_per_model"],
    [geminiQuotaIds.requestsPerDay, "requests", geminiQuotaIds.requestsPerDay, "generate_requests_per_model_per_day"],
    [
      geminiQuotaIds.inputTokensPerMinute,
      "inputTokens",
      geminiQuotaIds.inputTokensPerMinute,
      "generate_content_paid_tier_input_token_count",
    ],
    ["requests per 5 s", "requests", geminiQuotaIds.requestsPerMinute, "generate_requests_per_model"],
    [
      "tokens per min (TPM)",
      "tokens",
      geminiQuotaIds.inputTokensPerMinute,
      "generate_content_paid_tier_input_token_count",
    ],
  ] as const)("names the limit %s as Google does", (label, dimension, quotaId, metric) => {
    const { details } = refusalError(limited({ label, dimension }), who, asked, (ms) => ms);
    const quotaMetric = `generativelanguage.googleapis.com/${metric}`;
    expect(details?.[1]).toMatchObject({ violations: [{ quotaId, quotaMetric, quotaValue: "250" }] });
  });

  it("gives no delay to a prompt that no waiting helps", () => {
    const refusal = { kind: "request-too-large", label: "TPM", limit: 10, requested: 11 } as const;
    const { status, details, message } = refusalError(refusal, who, asked, (ms) => ms);
    expect(status).toBe(429);
    expect(details).toHaveLength(2);
    expect(message).not.toContain("Please retry");
  });
});

describe("what a fault says", () => {
  it.each([
    [429, "RESOURCE_EXHAUSTED"],
    [500, "INTERNAL"],
    [502, "INTERNAL"],
    [503, "UNAVAILABLE"],
    [504, "DEADLINE_EXCEEDED"],
    [404, "NOT_FOUND"],
    [418, "FAILED_PRECONDITION"],
  ])("status %s is %s", (status, code) => {
    const parsed = JSON.parse(errorBody(faultError(status, undefined))) as unknown;
    expect(parsed).toEqual({ error: { code: status, message: expect.any(String), status: code } });
  });

  it("carries a delay when it was given one", () => {
    expect(faultError(503, 2_500).details).toEqual([
      { "@type": "type.googleapis.com/google.rpc.RetryInfo", retryDelay: "3s" },
    ]);
  });
});
