/**
 * What a request has of OpenAI's prompt cache, which needs no asking: a prefix that is long enough is read in whole steps, and
 * kept for five to ten minutes after its last use, per organization (guides/prompt-caching).
 *
 * A marked request says itself how much of its prompt is cached, so that a live run and a simulation charge the same. For any
 * other the cache is kept; a prefix ends where a message ends, so two long messages that only begin alike share nothing.
 */
import { hash } from "node:crypto";
import { cacheableTokens } from "../../behavior/prompt-cache-rules.ts";
import { minuteMs } from "../../core/time.ts";
import type { Incoming } from "../dialect.ts";
import type { GenerationRequest } from "../generation.ts";
import type { RequestIdentity } from "../request-identity.ts";
import { tokenCount } from "../tokenizer.ts";

const keepForMs = 10 * minuteMs;

export function cachedTokensOf(
  request: GenerationRequest,
  identity: RequestIdentity,
  incoming: Incoming,
  organization: string,
): number {
  if (identity.marked) return identity.cachedTokens;
  const count = tokenCount();
  const { spec, promptCache } = incoming.mounted;
  const cacheable = (prefix: number): number => cacheableTokens(spec.dialect, request.model, prefix);
  if (count === undefined || cacheable(identity.inputTokens) === 0) return 0;
  let name = JSON.stringify([organization, request.model]);
  let tokens = 0;
  const prefixes = request.texts.map((text) => {
    name = hash("md5", `${name}\n${text}`, "base64url");
    tokens += count(text);
    return { name, tokens, keepForMs };
  });
  return cacheable(promptCache.use(incoming.arrivalMs, prefixes, 1).readTokens);
}
