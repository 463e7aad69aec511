import { describe, expect, it } from "vitest";
import type { Refusal } from "../../../behavior/provider.ts";
import { refusalError } from "../../../mock-providers/anthropic/errors.ts";

const who = {
  apiKey: "sk-squall",
  organization: "org-a",
  project: "team-a",
  model: "claude-haiku-4-5",
  inputTokens: 100,
  maxOutputTokens: 10,
};

const rateLimit: Refusal = {
  kind: "rate-limit",
  dimension: "inputTokens",
  label: "input tokens per minute",
  limit: 30_000,
  used: 29_990,
  requested: 100,
  retryAfterMs: 180,
};

describe("a refusal", () => {
  it.each([
    [
      rateLimit,
      "your organization's rate limit of 30,000 input tokens per minute (org: org-a, model: claude-haiku-4-5)",
    ],
    [{ ...rateLimit, scope: "organization" as const }, "your organization's rate limit of 30,000"],
    [{ ...rateLimit, scope: "project" as const }, "your workspace's rate limit of 30,000"],
  ])("says whose limit was met: %o", (refusal, words) => {
    const error = refusalError(refusal, who, "x-api-key", (ms) => ms);
    expect(error).toMatchObject({ status: 429, type: "rate_limit_error", retryAfterMs: 180, shouldRetry: true });
    expect(error.message).toContain(`This request would exceed ${words}`);
  });
});
