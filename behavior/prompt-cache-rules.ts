/**
 * How much of a prompt each provider's cache can hold at all.
 *
 * A planned request says how much of its prompt is cached, and that is taken as it is unless the provider is told to go by its rules
 * (`prompt-cache: by-rules`). Then a prefix below the least length that the provider caches is not cached, and one above it only in whole
 * steps; latency, quota and price follow. Requests with prompts of their own are looked up in a cache that is kept (`prompt-cache.ts`).
 *
 * Sources:
 * - OpenAI: 1,024 tokens, then steps of 128 (guides/prompt-caching). Azure OpenAI likewise (Microsoft's page on prompt caching).
 * - Claude, wherever it is served: 4,096 for Opus 4.5 and 4.6 and Haiku 4.5, 2,048 for Haiku 3.5, else 1,024
 *   (platform.claude.com/docs/en/build-with-claude/prompt-caching).
 * - Gemini, implicit caching: 1,024 for Flash, 4,096 for Pro (ai.google.dev/gemini-api/docs/caching; 2,048 for 2.5 Pro until late 2025).
 * - Amazon Nova: 1,000 (docs.aws.amazon.com/bedrock, prompt caching; recalled). Other models there: no cache.
 */
import { assertNever } from "../core/invariant.ts";
import type { Dialect } from "../core/scenario/provider-spec.ts";

/** Tokens of a prefix that can be read from the cache, of as many that a request hopes for. */
export function cacheableTokens(dialect: Dialect, model: string, cachedTokens: number): number {
  const { tokensMin, step } = ruleOf(dialect, model);
  return cachedTokens < tokensMin ? 0 : tokensMin + Math.floor((cachedTokens - tokensMin) / step) * step;
}

/** The shortest prefix that this model's cache holds; infinite when it has none. */
export function cacheableTokensMin(dialect: Dialect, model: string): number {
  return ruleOf(dialect, model).tokensMin;
}

interface CacheRule {
  readonly tokensMin: number;
  readonly step: number;
}

const noCache: CacheRule = { tokensMin: Number.POSITIVE_INFINITY, step: 1 };

function ruleOf(dialect: Dialect, model: string): CacheRule {
  switch (dialect) {
    case "openai":
    case "azure-openai":
      return { tokensMin: 1_024, step: 128 };
    case "anthropic":
      return claudeRule(model);
    case "bedrock":
      if (model.includes("claude")) return claudeRule(model);
      return model.includes("amazon.nova") ? { tokensMin: 1_000, step: 1 } : noCache;
    case "gemini":
    case "vertex":
      if (model.includes("claude")) return claudeRule(model);
      return { tokensMin: /-pro(?!\w)/.test(model) ? 4_096 : 1_024, step: 1 };
    default:
      return assertNever(dialect);
  }
}

function claudeRule(model: string): CacheRule {
  if (/claude-(?:opus-4-[56]|haiku-4-5)(?!\d)/.test(model)) return { tokensMin: 4_096, step: 1 };
  return { tokensMin: /claude-(?:3-5-haiku|haiku-3-5)/.test(model) ? 2_048 : 1_024, step: 1 };
}
