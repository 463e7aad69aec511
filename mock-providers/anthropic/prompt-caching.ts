/**
 * What a request has of the prompt cache.
 *
 * A marked request says itself how much of its prompt is cached, so that a live run and a simulation charge the same. For any
 * other the cache is kept: prefixes are named by a hash over their blocks, the model and the organization.
 */
import { hash } from "node:crypto";
import { minuteMs } from "../../core/time.ts";
import type { Incoming } from "../dialect.ts";
import type { RequestIdentity } from "../request-identity.ts";
import { tokenCount } from "../tokenizer.ts";
import type { MessageRequest } from "./message-request.ts";
import { modelFacts } from "./models.ts";

/** Prompt tokens by how the cache treats them; what is left over is plain input. */
export interface CacheTokens {
  readonly read: number;
  /** Written to be kept for five minutes, and for an hour. */
  readonly written5m: number;
  readonly written1h: number;
}

const uncached: CacheTokens = { read: 0, written5m: 0, written1h: 0 };

/** Shortest prefix that is cached, of a model of the configuration's own making. */
const tokensMinUnknown = 1_024;

export function cacheTokensOf(
  request: Pick<MessageRequest, "model" | "blocks">,
  identity: RequestIdentity,
  incoming: Incoming,
  organization: string,
): CacheTokens {
  if (identity.marked) return { ...uncached, read: identity.cachedTokens };
  const count = tokenCount();
  if (count === undefined || request.blocks.every(({ cacheForMs }) => cacheForMs === undefined)) return uncached;
  let name = JSON.stringify([organization, request.model]);
  let tokens = 0;
  const prefixes = request.blocks.map((block) => {
    name = hash("md5", `${name}\n${block.tokens}\n${block.text}`, "base64url");
    tokens += count(block.text) + block.tokens;
    return { name, tokens, keepForMs: block.cacheForMs };
  });
  const tokensMin = modelFacts(request.model)?.cachedTokensMin ?? tokensMinUnknown;
  const { readTokens, written } = incoming.mounted.promptCache.use(incoming.arrivalMs, prefixes, tokensMin);
  const sum = (long: boolean): number =>
    written.reduce((total, part) => (part.keepForMs > 5 * minuteMs === long ? total + part.tokens : total), 0);
  return { read: readTokens, written5m: sum(false), written1h: sum(true) };
}
