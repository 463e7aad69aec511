/**
 * What a request has of Google's prompt caches: the cached content that it names, or what the implicit one has of its beginning
 * (ai.google.dev/gemini-api/docs/caching). How long that keeps a prefix is not published; taken to be as long as OpenAI's.
 *
 * Cached tokens count towards limits like all others; they are cheaper, and quicker to read.
 */
import { minuteMs } from "../../core/time.ts";
import type { Incoming } from "../dialect.ts";
import { implicitlyCachedTokens } from "../implicit-cache.ts";
import type { RequestIdentity } from "../request-identity.ts";
import type { ContentRequest } from "./content-request.ts";

const keepForMs = 10 * minuteMs;

export function cachedTokensOf(
  { model, ordered, cachedContentTokens }: ContentRequest,
  identity: RequestIdentity,
  incoming: Incoming,
  organization: string,
): number {
  if (cachedContentTokens === undefined || identity.marked) {
    return implicitlyCachedTokens({ model, texts: ordered, keepForMs }, identity, incoming, organization);
  }
  return Math.min(cachedContentTokens, identity.inputTokens);
}
