/** A provider's prompt cache in use: cached tokens as planned, as far as its rules allow, or as far as it has kept them as well. */
import type { ProviderSpec } from "../core/scenario/provider-spec.ts";
import type { Ms } from "../core/time.ts";
import { KeptPrompts } from "./kept-prompts.ts";
import { cacheableTokens } from "./prompt-cache-rules.ts";
import type { ProviderAsk } from "./provider.ts";

/** What requests find in a provider's prompt cache. */
export interface PromptCacheInUse {
  /** Of those that a request hopes to find, the tokens that are there. */
  readonly cachedTokens: (nowMs: Ms, ask: Pick<ProviderAsk, "requestKey" | "model" | "cachedTokens">) => number;
  /** With as many cached tokens as are there; the same ask if that changes nothing. */
  readonly asFound: (nowMs: Ms, ask: ProviderAsk) => ProviderAsk;
  /** A prompt is read, and kept. */
  readonly read: (nowMs: Ms, ask: ProviderAsk) => void;
}

const cachedAsPlanned: PromptCacheInUse = {
  cachedTokens: (_, { cachedTokens }) => cachedTokens,
  asFound: (_, ask) => ask,
  read: () => undefined,
};

export function promptCacheOf({ dialect, promptCache }: ProviderSpec): PromptCacheInUse {
  if (promptCache === undefined) return cachedAsPlanned;
  const kept = promptCache === "kept" ? new KeptPrompts() : undefined;
  const cachedTokens: PromptCacheInUse["cachedTokens"] = (nowMs, { requestKey, model, cachedTokens: hoped }) =>
    cacheableTokens(dialect, model, Math.min(hoped, kept?.found(nowMs, requestKey, model) ?? hoped));
  return {
    cachedTokens,
    asFound: (nowMs, ask) => {
      const found = cachedTokens(nowMs, ask);
      return found === ask.cachedTokens ? ask : { ...ask, cachedTokens: found };
    },
    read: (nowMs, { requestKey, model, inputTokens }) => kept?.keep(nowMs, requestKey, model, inputTokens),
  };
}
