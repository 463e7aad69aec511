/**
 * What `squall mock` serves when it is given no configuration: one provider per dialect, its current models, a key with room
 * for anything that this machine can send, and a tight key that shows a 429 at the fourth call.
 */
import type { Account, Limit } from "../behavior/provider-model.ts";
import { minuteMs, secondMs } from "../core/time.ts";
import type { MockProviderConfig } from "./config.ts";

/**
 * Limits of the default key: far above any published tier, so that it is never the limit that a load test meets. Published
 * tiers belong into a scenario or a configuration.
 */
const roomy = {
  requestsPerMinute: 10_000_000,
  tokensPerMinute: 2_000_000_000,
  requestsPerDay: undefined,
  tokensPerDay: undefined,
  latencyScale: 1,
} as const;

/** The tight key's published promise: 3 requests in 5 s (architecture, contract of `squall mock`). */
const tightRequests = {
  dimension: "requests",
  amount: 3,
  perMs: 5 * secondMs,
  label: "requests per min (RPM)",
} as const;
/** Roomy enough never to be met first, and there so that every header is. */
const tightTokens = { dimension: "tokens", amount: 1_000_000, perMs: minuteMs, label: "tokens per min (TPM)" } as const;

/**
 * Models that think. Not measured apart from their thoughts, which are tokens like others here; taken to be as fast as the
 * largest model beside them that was measured.
 */
const reasoningModels = [
  "gpt-5",
  "gpt-5-mini",
  "gpt-5-nano",
  "gpt-5.1",
  "gpt-5.2",
  "gpt-5.4",
  "gpt-5.5",
  "o3",
  "o3-mini",
  "o4-mini",
];

const openAi: MockProviderConfig = {
  name: "openai",
  dialect: "openai",
  sliceMs: 0,
  models: [
    { model: "gpt-4o-mini", latencyProfile: "openai-gpt-4o-mini", ...roomy },
    { model: "gpt-4o", latencyProfile: "openai-gpt-4o", ...roomy },
    { model: "gpt-4.1", latencyProfile: "openai-gpt-4.1", ...roomy },
    // No public measurement of these was found; they are taken to be as fast as the small model that has one.
    { model: "gpt-4.1-mini", latencyProfile: "openai-gpt-4o-mini", ...roomy },
    { model: "gpt-4.1-nano", latencyProfile: "openai-gpt-4o-mini", ...roomy },
    ...reasoningModels.map((model) => ({ model, latencyProfile: "openai-gpt-4.1", ...roomy })),
    // Embeddings have no profile of their own yet.
    { model: "text-embedding-3-small", latencyProfile: "instant", ...roomy },
    { model: "text-embedding-3-large", latencyProfile: "instant", ...roomy },
  ],
  keys: keysOf("openai"),
};

const azureOpenAi: MockProviderConfig = {
  name: "azure-openai",
  dialect: "azure-openai",
  sliceMs: 0,
  // All as the one class of models that was measured there.
  models: [
    { model: "gpt-4o-mini", latencyProfile: "azure-openai-standard", ...roomy },
    { model: "gpt-4o", latencyProfile: "azure-openai-standard", ...roomy },
    { model: "gpt-4.1", latencyProfile: "azure-openai-standard", ...roomy },
    { model: "gpt-4.1-mini", latencyProfile: "azure-openai-standard", ...roomy },
    { model: "gpt-4.1-nano", latencyProfile: "azure-openai-standard", ...roomy },
    ...reasoningModels.map((model) => ({ model, latencyProfile: "azure-openai-standard", ...roomy })),
    { model: "text-embedding-3-small", latencyProfile: "instant", ...roomy },
    { model: "text-embedding-3-large", latencyProfile: "instant", ...roomy },
  ],
  keys: keysOf("azure-openai"),
};

/** Input and output are limited apart. */
const anthropicRoomy = {
  requestsPerMinute: 10_000_000,
  tokensPerMinute: undefined,
  inputTokensPerMinute: 10_000_000_000,
  outputTokensPerMinute: 2_000_000_000,
  requestsPerDay: undefined,
  tokensPerDay: undefined,
  latencyScale: 1,
} as const;

const anthropic: MockProviderConfig = {
  name: "anthropic",
  dialect: "anthropic",
  sliceMs: 0,
  models: [
    { model: "claude-haiku-4-5", latencyProfile: "anthropic-claude-haiku-4.5", ...anthropicRoomy },
    { model: "claude-sonnet-4-6", latencyProfile: "anthropic-claude-sonnet-4.6", ...anthropicRoomy },
    { model: "claude-opus-4-6", latencyProfile: "anthropic-claude-opus-4.6", ...anthropicRoomy },
    // No public measurement of these was found; they are taken to be as fast as the one of their size that has one.
    { model: "claude-opus-4-8", latencyProfile: "anthropic-claude-opus-4.6", ...anthropicRoomy },
    { model: "claude-sonnet-5", latencyProfile: "anthropic-claude-sonnet-4.6", ...anthropicRoomy },
    { model: "claude-opus-5", latencyProfile: "anthropic-claude-opus-4.6", ...anthropicRoomy },
    { model: "claude-haiku-5-5", latencyProfile: "anthropic-claude-haiku-4.5", ...anthropicRoomy },
    { model: "claude-sonnet-5-5", latencyProfile: "anthropic-claude-sonnet-4.6", ...anthropicRoomy },
    { model: "claude-opus-5-5", latencyProfile: "anthropic-claude-opus-4.6", ...anthropicRoomy },
    { model: "claude-fable-5-1", latencyProfile: "anthropic-claude-opus-4.6", ...anthropicRoomy },
  ],
  keys: keysOf("anthropic", [
    { ...tightRequests, label: "requests per 5 seconds" },
    { dimension: "inputTokens", amount: 1_000_000, perMs: minuteMs, label: "input tokens per minute" },
    { dimension: "outputTokens", amount: 200_000, perMs: minuteMs, label: "output tokens per minute" },
  ]),
};

/**
 * Claude is served by inference profiles, each with limits of its own: within the United States, within the European Union, and
 * anywhere. None but the small Claude was measured; all are taken to be as fast.
 */
const bedrockProfiles = [
  "anthropic.claude-haiku-4-5-20251001-v1:0",
  "anthropic.claude-sonnet-4-5-20250929-v1:0",
  "anthropic.claude-sonnet-4-6",
  "anthropic.claude-opus-4-6-v1",
  "anthropic.claude-opus-4-8",
  "anthropic.claude-sonnet-5",
  "anthropic.claude-sonnet-5-5",
  "anthropic.claude-opus-5-5",
  "amazon.nova-2-lite-v1:0",
].flatMap((model) => ["us", "eu", "global"].map((prefix) => `${prefix}.${model}`));

const bedrockOnDemand = ["amazon.nova-micro-v1:0", "amazon.nova-lite-v1:0", "amazon.nova-pro-v1:0"];

const bedrock: MockProviderConfig = {
  name: "bedrock",
  dialect: "bedrock",
  sliceMs: 0,
  models: [
    ...[...bedrockProfiles, ...bedrockOnDemand].map((model) => ({
      model,
      latencyProfile: "bedrock-claude-on-demand",
      ...roomy,
    })),
    { model: "amazon.titan-embed-text-v2:0", latencyProfile: "instant", ...roomy },
  ],
  keys: keysOf("bedrock"),
};

/**
 * Current text models. Only 2.5 Flash has a profile; others are taken to be as fast (that of 3 Flash was measured at the same
 * 500 ms and 200 tokens per second: Artificial Analysis, 2026-06-24).
 */
const geminiTextModels = [
  "gemini-2.5-flash",
  "gemini-2.5-flash-lite",
  "gemini-2.5-pro",
  "gemini-3.1-flash-lite",
  "gemini-3.1-pro-preview",
  "gemini-3.5-flash",
  "gemini-3.5-flash-lite",
  "gemini-3.6-flash",
  "gemini-3.7-flash",
  "gemini-3.8-flash",
];

const geminiModels: MockProviderConfig["models"] = [
  ...geminiTextModels.map((model) => ({ model, latencyProfile: "google-gemini-2.5-flash", ...roomy })),
  { model: "gemini-embedding-001", latencyProfile: "instant", ...roomy },
  { model: "gemini-embedding-2", latencyProfile: "instant", ...roomy },
];

const gemini: MockProviderConfig = {
  name: "gemini",
  dialect: "gemini",
  sliceMs: 0,
  models: geminiModels,
  keys: keysOf("gemini"),
};

const vertex: MockProviderConfig = {
  name: "vertex",
  dialect: "vertex",
  sliceMs: 0,
  models: [
    ...geminiModels,
    // As fast as at Anthropic (Claude Sonnet 4: 1,100 ms there, 700 ms here; Vercel AI Gateway, 2026, medians only).
    { model: "claude-haiku-4-5", latencyProfile: "anthropic-claude-haiku-4.5", ...roomy },
    { model: "claude-sonnet-4-6", latencyProfile: "anthropic-claude-sonnet-4.6", ...roomy },
    { model: "claude-opus-4-6", latencyProfile: "anthropic-claude-opus-4.6", ...roomy },
    { model: "claude-sonnet-5", latencyProfile: "anthropic-claude-sonnet-4.6", ...roomy },
  ],
  keys: keysOf("vertex"),
};

export const defaultProviders: readonly MockProviderConfig[] = [
  openAi,
  azureOpenAi,
  anthropic,
  bedrock,
  gemini,
  vertex,
];

/** The roomy key, and the tight one of somebody else. */
function keysOf(provider: string, limits: readonly Limit[] = [tightRequests, tightTokens]): readonly Account[] {
  const apiKey = `sk-squall-${provider}`;
  return [
    { apiKey, organization: "org-squall", state: "active" },
    { apiKey: `${apiKey}-tight`, organization: "org-squall-tight", state: "active", limits },
  ];
}
