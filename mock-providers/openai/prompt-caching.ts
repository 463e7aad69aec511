/**
 * What a request has of OpenAI's prompt cache, which needs no asking: a prefix that is long enough is read in whole steps, and
 * kept for five to ten minutes after its last use, per organization (guides/prompt-caching).
 */
import { minuteMs } from "../../core/time.ts";
import type { Incoming } from "../dialect.ts";
import type { GenerationRequest } from "../generation.ts";
import { implicitlyCachedTokens } from "../implicit-cache.ts";
import type { RequestIdentity } from "../request-identity.ts";

const keepForMs = 10 * minuteMs;

export function cachedTokensOf(
  { model, texts }: GenerationRequest,
  identity: RequestIdentity,
  incoming: Incoming,
  organization: string,
): number {
  return implicitlyCachedTokens({ model, texts, keepForMs }, identity, incoming, organization);
}
