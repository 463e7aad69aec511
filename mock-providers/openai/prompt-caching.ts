/**
 * What a request has of OpenAI's prompt cache, which needs no asking: a prefix of 1,024 tokens or more is read in steps of
 * 128, kept for five to ten minutes after its last use, per organization (guides/prompt-caching).
 *
 * A marked request says itself how much of its prompt is cached, so that a live run and a simulation charge the same. For any
 * other the cache is kept; a prefix ends where a message ends, so two long messages that only begin alike share nothing.
 */
import { hash } from "node:crypto";
import { minuteMs } from "../../core/time.ts";
import type { Incoming } from "../dialect.ts";
import type { GenerationRequest } from "../generation.ts";
import type { RequestIdentity } from "../request-identity.ts";
import { tokenCount } from "../tokenizer.ts";

const tokensMin = 1_024;
const tokensPerStep = 128;
const keepForMs = 10 * minuteMs;

/** A token is a character at least, so shorter prompts need not be counted. */
export function cachedTokensOf(
  request: GenerationRequest,
  identity: RequestIdentity,
  incoming: Incoming,
  organization: string,
): number {
  if (identity.marked) return identity.cachedTokens;
  const count = tokenCount();
  if (count === undefined || identity.inputTokens < tokensMin) return 0;
  let name = JSON.stringify([organization, request.model]);
  let tokens = 0;
  const prefixes = request.texts.map((text) => {
    name = hash("md5", `${name}\n${text}`, "base64url");
    tokens += count(text);
    return { name, tokens, keepForMs };
  });
  const { readTokens } = incoming.mounted.promptCache.use(incoming.arrivalMs, prefixes, tokensMin);
  return Math.floor(readTokens / tokensPerStep) * tokensPerStep;
}
