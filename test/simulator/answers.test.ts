/** What the simulator says of a refusal is what the mock's dialects answer. */
import { describe, expect, it } from "vitest";
import type { Refusal } from "../../behavior/provider.ts";
import type { Dialect } from "../../core/scenario/provider-spec.ts";
import { AnswerReader } from "../../load/native/answer.ts";
import { refusalError as anthropicError } from "../../mock-providers/anthropic/errors.ts";
import { refusalError as azureError } from "../../mock-providers/azure-openai/errors.ts";
import { refusalError as bedrockError, unknownBearer } from "../../mock-providers/bedrock/errors.ts";
import { refusalError as geminiError } from "../../mock-providers/gemini/errors.ts";
import type { RefusedCall } from "../../mock-providers/generation.ts";
import { errorBody, refusalError as openAiError } from "../../mock-providers/openai/errors.ts";
import { refusalError as vertexError } from "../../mock-providers/vertex/errors.ts";
import { refused } from "../../simulator/answers.ts";

const limit = { label: "tokens per min (TPM)", limit: 10, used: 10, requested: 5, retryAfterMs: 20 } as const;

const refusals: readonly Refusal[] = [
  { kind: "rate-limit", dimension: "tokens", ...limit },
  { kind: "rate-limit", dimension: "requests", ...limit },
  { kind: "request-too-large", label: "tokens per min (TPM)", limit: 10, requested: 20 },
  { kind: "insufficient-quota" },
  { kind: "unknown-key" },
  { kind: "unknown-model" },
  { kind: "context-length", limit: 10, requested: 20 },
  ...[400, 401, 403, 404, 408, 409, 424, 429, 500, 502, 503, 504, 529].map((status): Refusal => ({
    kind: "fault",
    status,
    retryAfterMs: undefined,
  })),
];

const who: RefusedCall = { apiKey: "sk-x", organization: "org", model: "m", inputTokens: 10, maxOutputTokens: 10 };
const target = {
  version: "v1",
  parent: "projects/p/locations/global",
  publisher: "google",
  model: "m",
  method: "generateContent",
};
const wallMs = (ms: number): number => ms;

/** Status, and the reason as the dialect's `reply.ts` writes it into the journal. */
interface Answered {
  readonly status: number;
  readonly reason: string;
}

const answers: Readonly<Record<Dialect, (refusal: Refusal) => Answered>> = {
  openai: (refusal) => openAi(openAiError(refusal, who, wallMs)),
  "azure-openai": (refusal) =>
    openAi(azureError({ name: "ChatCompletions_Create", apiVersion: "v1" }, refusal, who, wallMs)),
  anthropic: (refusal) => {
    const { status, code, type } = anthropicError(refusal, who, "bearer", wallMs);
    return { status, reason: code ?? type };
  },
  bedrock: (refusal) => {
    const { status, name } = refusal.kind === "unknown-key" ? unknownBearer : bedrockError(refusal, who, false, wallMs);
    return { status, reason: name };
  },
  gemini: (refusal) => {
    const { status, code } = geminiError(refusal, who, { version: "v1", method: "generateContent" }, wallMs);
    return { status, reason: code };
  },
  vertex: (refusal) => {
    const { status, code } = vertexError(refusal, "bearer", target, wallMs);
    return { status, reason: code };
  },
};

function openAi({ status, code, type }: { status: number; code: string | null; type: string }): Answered {
  return { status, reason: code ?? type };
}

describe.each(Object.entries(answers))("a refusal by %s", (dialect, answered) => {
  it.each(refusals.map((refusal) => ({ refusal, name: JSON.stringify(refusal) })))(
    "is what the mock answers: $name",
    ({ refusal }) => {
      const { status, reason } = answered(refusal);
      const seen = refused(dialect as Dialect, "m", refusal); // the keys are dialects
      expect(seen).toMatchObject({ status, reason: /[a-z]/i.test(reason) ? reason : `http-${status}` });
    },
  );
});

describe("a refusal by OpenAI", () => {
  it.each(refusals.map((refusal) => ({ refusal, name: JSON.stringify(refusal) })))(
    "is what the load engine reads: $name",
    ({ refusal }) => {
      const error = openAiError(refusal, who, wallMs);
      const answer = new AnswerReader(true);
      answer.head(error.status, "application/json");
      answer.bytes(Buffer.from(errorBody(error)), 0);
      expect(refused("openai", "m", refusal)).toEqual({ status: error.status, ...answer.end(0) });
    },
  );
});
