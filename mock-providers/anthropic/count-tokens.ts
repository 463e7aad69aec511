/**
 * `POST /v1/messages/count_tokens`: what a prompt counts, without an answer. Free, and limited apart from messages (token
 * counting guide); that limit is not modelled, so these requests reach no provider and are in no ledger.
 */
import { send } from "../answer.ts";
import { bodyBytesMax, type Incoming } from "../dialect.ts";
import { noQuota, refuseUnread } from "../generation.ts";
import { readBody } from "../request-body.ts";
import { loadTokenCount, tokenCount, type TokenCount } from "../tokenizer.ts";
import { parseMarker } from "../../behavior/marker.ts";
import { unknownKey, unknownModel } from "./errors.ts";
import { anthropicWire } from "./messages.ts";
import { type MessageRequest, parseMessageRequest } from "./message-request.ts";
import { configuredModel } from "./models.ts";
import { credentialOf, replyTo } from "./reply.ts";
import { readingRules } from "./version.ts";

export function countTokens(incoming: Incoming): void {
  readBody(incoming.request, bodyBytesMax, (body) => {
    if (body === undefined) refuseUnread(incoming, anthropicWire);
    else answer(incoming, body);
  });
}

function answer(incoming: Incoming, body: string): void {
  const { mounted, request, response } = incoming;
  const { kind, apiKey } = credentialOf(incoming);
  const account = mounted.accounts.get(apiKey);
  const reply = replyTo(incoming, account?.organization ?? "");
  const rules = readingRules(request, "count_tokens");
  const parsed = rules.ok ? parseMessageRequest(body, rules.rules) : rules;
  if (account === undefined) send(response, reply.error(unknownKey(kind), noQuota));
  else if (!parsed.ok) send(response, reply.error(parsed.error, noQuota));
  else if (!mounted.models.has(configuredModel(parsed.request.model, mounted.models))) {
    send(response, reply.error(unknownModel(parsed.request.model), noQuota));
  } else {
    withCount((count) => {
      const tokens = promptTokens(parsed.request, count);
      send(response, reply.json(JSON.stringify({ input_tokens: tokens }), noQuota));
    });
  }
}

function withCount(use: (count: TokenCount) => void): void {
  const count = tokenCount();
  if (count === undefined) void loadTokenCount().then(use);
  else use(count);
}

/** A marker says it itself. */
function promptTokens({ texts, formatTokens }: MessageRequest, count: TokenCount): number {
  const marker = parseMarker(texts[0] ?? "");
  return marker?.inputTokens ?? texts.reduce((sum, text) => sum + count(text), formatTokens);
}
