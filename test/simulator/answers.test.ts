/** What the simulator says of a refusal is what the load engine makes of the bytes that the mock sends. */
import { describe, expect, it } from "vitest";
import type { Refusal } from "../../behavior/provider.ts";
import { AnswerReader } from "../../load/native/answer.ts";
import { errorBody, refusalError } from "../../mock-providers/openai/errors.ts";
import { refusalSeen } from "../../simulator/answers.ts";

const limit = { label: "tokens per min (TPM)", limit: 10, used: 10, requested: 5, retryAfterMs: 20 } as const;

const refusals: readonly Refusal[] = [
  { kind: "rate-limit", dimension: "tokens", ...limit },
  { kind: "rate-limit", dimension: "requests", ...limit },
  { kind: "request-too-large", label: "tokens per min (TPM)", limit: 10, requested: 20 },
  { kind: "insufficient-quota" },
  { kind: "unknown-key" },
  { kind: "unknown-model" },
  { kind: "context-length", limit: 10, requested: 20 },
  ...[400, 408, 429, 500, 502, 503, 504, 529].map((status): Refusal => ({
    kind: "fault",
    status,
    retryAfterMs: undefined,
  })),
];

describe("refusalSeen", () => {
  it.each(refusals.map((refusal) => ({ refusal, name: JSON.stringify(refusal) })))(
    "agrees with the wire on $name",
    ({ refusal }) => {
      const who = { apiKey: "sk-x", organization: "org", model: "m", inputTokens: 10, maxOutputTokens: 10 };
      const error = refusalError(refusal, who, (ms) => ms);
      const answer = new AnswerReader(true);
      answer.head(error.status, "application/json");
      answer.bytes(Buffer.from(errorBody(error)), 0);
      expect(refusalSeen(refusal)).toEqual({ status: error.status, ...answer.end(0) });
    },
  );
});
