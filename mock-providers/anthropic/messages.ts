/** `POST /v1/messages`. */
import type { Generation, Wire } from "../generation.ts";
import { composeContent } from "./answer-content.ts";
import { type ApiError, bodyTooLarge, refusalError } from "./errors.ts";
import { eventStreamType } from "./headers.ts";
import { errorEvent, type MessageFacts, messageStream, wholeMessageBody } from "./message-answer.ts";
import { type MessageRequest, parseMessageRequest } from "./message-request.ts";
import { configuredModel, snapshotOf } from "./models.ts";
import { cacheTokensOf } from "./prompt-caching.ts";
import { credentialOf, type Reply, replyTo } from "./reply.ts";
import { readingRules } from "./version.ts";

export const anthropicWire: Wire<ApiError, Reply> = {
  apiKeyOf: (incoming) => credentialOf(incoming).apiKey,
  replyTo,
  configuredModel,
  bodyTooLarge: () => bodyTooLarge,
  refusalError: (refusal, who, toWallMs, incoming) => refusalError(refusal, who, credentialOf(incoming).kind, toWallMs),
};

export const messages: Generation<MessageRequest, ApiError, Reply> = {
  wire: anthropicWire,
  parse: (body, { request }) => {
    const rules = readingRules(request, "messages");
    return rules.ok ? parseMessageRequest(body, rules.rules) : rules;
  },
  compose: (request, identity, incoming) => {
    const content = composeContent(request, identity);
    const { apiKey } = credentialOf(incoming);
    const cache = cacheTokensOf(request, identity, incoming, incoming.mounted.accounts.get(apiKey)?.organization ?? "");
    return {
      maxOutputTokens: request.maxOutputTokens,
      outputTokens: content.outputTokens,
      cachedTokens: cache.read,
      cacheWrites: { short: cache.written5m, long: cache.written1h },
      writer: (ask, reply) => {
        const facts = (): MessageFacts => ({
          id: reply.messageId(),
          start: reply.start,
          model: snapshotOf(ask.model),
          content,
          inputTokens: ask.inputTokens,
          cache,
        });
        return {
          whole: (plan, quota) => reply.json(wholeMessageBody(facts(), plan), quota),
          stream: (plan, quota) => ({
            ...messageStream(facts(), plan),
            headers: reply.headers(eventStreamType, quota),
            error: (status) => errorEvent(status, reply.requestId()),
          }),
        };
      },
    };
  },
};
