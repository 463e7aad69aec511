/**
 * Ten minutes of traffic at three times the quota, for every way in which a provider limits tokens per minute: what the virtual run in
 * the tests and the live run of `limits-live.ts` both play.
 *
 * Each call has the same size, so that what a minute admits is a number of calls. `countedTokens` is what one of them takes from its
 * limit in the end, by the rules at the head of each limiter.
 */
import type { ModelSpec, ProviderSpec } from "../core/scenario/provider-spec.ts";

export interface LimitCase {
  readonly name: string;
  readonly provider: ProviderSpec;
  readonly model: string;
  readonly tokensPerMinute: number;
  readonly countedTokens: number;
  readonly maxOutputTokens: number;
  /** Only purchased capacity will do (Vertex AI). */
  readonly dedicated?: true;
  /** Path below the base URL, and the body of a call with this prompt. */
  readonly path: string;
  readonly body: (prompt: string) => unknown;
}

/** Of every call. The estimate of those who count characters comes to the same. */
export const promptTokens = 1_000;
export const answerTokens = 100;
export const overload = 3;
const maxOutputTokens = 500;
const perMinute = 600_000;

function provider(dialect: ProviderSpec["dialect"], model: string, limits: Partial<ModelSpec>): ProviderSpec {
  const spec: ModelSpec = {
    model,
    requestsPerMinute: undefined,
    tokensPerMinute: undefined,
    requestsPerDay: undefined,
    tokensPerDay: undefined,
    latencyProfile: "instant",
    latencyScale: 1,
    ...limits,
  };
  return { name: dialect, dialect, models: [spec], sliceMs: 0 };
}

const chat = (model: string) => (prompt: string) => ({
  model,
  max_tokens: maxOutputTokens,
  messages: [{ role: "user", content: prompt }],
});
const content = (prompt: string): unknown => ({
  contents: [{ role: "user", parts: [{ text: prompt }] }],
  generationConfig: { maxOutputTokens },
});

const openAiModel = "gpt-4o-mini";
const azureModel = "gpt-4o-mini";
const ptuModel = "gpt-4.1";
const claude = "claude-sonnet-4-6";
const bedrockClaude = "us.anthropic.claude-sonnet-4-6";
const flash = "gemini-2.5-flash";

/** gpt-4.1: 3,000 input tokens per minute and PTU, an output token counts 4 (Azure's sizing page, 2026-05-22). */
const ptus = 200;
/** gemini-2.5-flash: 2,690 tokens per second and unit, an output token counts 9 (supported-models page, 2026-06). */
const gsus = 10;

export const limitCases: readonly LimitCase[] = [
  {
    name: "openai",
    provider: provider("openai", openAiModel, { tokensPerMinute: perMinute }),
    model: openAiModel,
    tokensPerMinute: perMinute,
    countedTokens: promptTokens,
    maxOutputTokens,
    path: "/chat/completions",
    body: chat(openAiModel),
  },
  {
    name: "azure-openai standard",
    provider: provider("azure-openai", azureModel, { tokensPerMinute: perMinute }),
    model: azureModel,
    tokensPerMinute: perMinute,
    countedTokens: promptTokens + maxOutputTokens,
    maxOutputTokens,
    path: `/openai/deployments/${azureModel}/chat/completions?api-version=2024-10-21`,
    body: chat(azureModel),
  },
  {
    name: "azure-openai provisioned",
    provider: provider("azure-openai", ptuModel, { provisionedUnits: ptus }),
    model: ptuModel,
    tokensPerMinute: ptus * 3_000,
    countedTokens: promptTokens + 4 * answerTokens,
    maxOutputTokens,
    path: `/openai/deployments/${ptuModel}/chat/completions?api-version=2024-10-21`,
    body: chat(ptuModel),
  },
  {
    name: "anthropic input",
    provider: provider("anthropic", claude, { inputTokensPerMinute: perMinute }),
    model: claude,
    tokensPerMinute: perMinute,
    countedTokens: promptTokens,
    maxOutputTokens,
    path: "/v1/messages",
    body: chat(claude),
  },
  {
    name: "anthropic output",
    provider: provider("anthropic", claude, { outputTokensPerMinute: perMinute / 10 }),
    model: claude,
    tokensPerMinute: perMinute / 10,
    countedTokens: answerTokens,
    maxOutputTokens,
    path: "/v1/messages",
    body: chat(claude),
  },
  {
    name: "bedrock",
    provider: provider("bedrock", bedrockClaude, { tokensPerMinute: perMinute }),
    model: bedrockClaude,
    tokensPerMinute: perMinute,
    countedTokens: promptTokens + 5 * answerTokens,
    maxOutputTokens,
    path: `/model/${bedrockClaude}/converse`,
    body: (prompt) => ({
      messages: [{ role: "user", content: [{ text: prompt }] }],
      inferenceConfig: { maxTokens: maxOutputTokens },
    }),
  },
  {
    name: "gemini",
    provider: provider("gemini", flash, { inputTokensPerMinute: perMinute }),
    model: flash,
    tokensPerMinute: perMinute,
    countedTokens: promptTokens,
    maxOutputTokens,
    path: `/v1beta/models/${flash}:generateContent`,
    body: content,
  },
  {
    name: "vertex provisioned",
    provider: provider("vertex", flash, { provisionedUnits: gsus }),
    model: flash,
    tokensPerMinute: gsus * 2_690 * 60,
    countedTokens: promptTokens + 9 * answerTokens,
    maxOutputTokens,
    dedicated: true,
    path: `/v1/projects/squall/locations/us-central1/publishers/google/models/${flash}:generateContent`,
    body: content,
  },
];

/** How many calls the traffic sends in a minute, evenly. */
export function callsPerMinute({ tokensPerMinute, countedTokens }: LimitCase): number {
  return Math.ceil((overload * tokensPerMinute) / countedTokens);
}
