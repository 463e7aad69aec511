/**
 * What a request has of a prompt cache that needs no asking: the longest beginning that the same organization has sent to the same
 * model of late, as far as the provider's rules let it be cached.
 *
 * A marked request says itself how much of its prompt is cached, so that a live run and a simulation charge the same. For any
 * other the cache is kept; a prefix ends where a text ends, so two long texts that only begin alike share nothing.
 */
import { hash } from "node:crypto";
import { cacheableTokens } from "../behavior/prompt-cache-rules.ts";
import type { Ms } from "../core/time.ts";
import type { Incoming } from "./dialect.ts";
import type { RequestIdentity } from "./request-identity.ts";
import { tokenCount } from "./tokenizer.ts";

export interface CacheAsk {
  readonly model: string;
  /** The texts of the prompt in the order in which the model reads them. */
  readonly texts: readonly string[];
  /** Since its last use. */
  readonly keepForMs: Ms;
}

export function implicitlyCachedTokens(
  { model, texts, keepForMs }: CacheAsk,
  identity: RequestIdentity,
  incoming: Incoming,
  organization: string,
): number {
  if (identity.marked) return identity.cachedTokens;
  const count = tokenCount();
  const { spec, promptCache } = incoming.mounted;
  const cacheable = (prefix: number): number => cacheableTokens(spec.dialect, model, prefix);
  if (count === undefined || cacheable(identity.inputTokens) === 0) return 0;
  let name = JSON.stringify([organization, model]);
  let tokens = 0;
  const prefixes = texts.map((text) => {
    name = hash("md5", `${name}\n${text}`, "base64url");
    tokens += count(text);
    return { name, tokens, keepForMs };
  });
  return cacheable(promptCache.use(incoming.arrivalMs, prefixes, 1).readTokens);
}
