/**
 * What `squall mock` serves when it is given no configuration: one provider per dialect, its current models, a key with room
 * for anything that this machine can send, and a tight key that shows a 429 at the fourth call.
 */
import type { Account } from "../behavior/provider-model.ts";
import { minuteMs, secondMs } from "../core/time.ts";
import type { MockProviderConfig } from "./config.ts";

/**
 * Limits of the default key: far above any published tier, so that it is never the limit that a load test meets. Published
 * tiers belong into a scenario or a configuration.
 */
const roomy = {
  requestsPerMinute: 10_000_000,
  tokensPerMinute: 10_000_000_000,
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
    { model: "text-embedding-3-small", latencyProfile: "instant", ...roomy },
    { model: "text-embedding-3-large", latencyProfile: "instant", ...roomy },
  ],
  keys: keysOf("azure-openai"),
};

export const defaultProviders: readonly MockProviderConfig[] = [openAi, azureOpenAi];

/** The roomy key, and the tight one of somebody else. */
function keysOf(provider: string): readonly Account[] {
  const apiKey = `sk-squall-${provider}`;
  const limits = [tightRequests, tightTokens];
  return [
    { apiKey, organization: "org-squall", state: "active" },
    { apiKey: `${apiKey}-tight`, organization: "org-squall-tight", state: "active", limits },
  ];
}
