/** `POST /v1/messages`. */
import { isAbsent, parseObject, type Fields } from "../json-fields.ts";
import type { Incoming } from "../dialect.ts";
import type { Generation, Parsed } from "../generation.ts";
import { composeContent, thinkingTokensOf } from "./answer-content.ts";
import { type ApiError, bodyNotJson } from "./errors.ts";
import { eventStreamType } from "./headers.ts";
import { errorEvent, type MessageFacts, messageStream, wholeMessageBody } from "./message-answer.ts";
import { type MessageRequest, readMessageRequest, type ReadingRules } from "./message-request.ts";
import { snapshotOf } from "./models.ts";
import { cacheTokensOf } from "./prompt-caching.ts";
import { credentialOf, type Reply } from "./reply.ts";
import { keepThread, readThread } from "./threads.ts";
import { readingRules } from "./version.ts";
import { anthropicWire } from "./wire.ts";

export const messages: Generation<MessageRequest, ApiError, Reply> = {
  wire: anthropicWire,
  parse: (body, incoming) => {
    const rules = readingRules(incoming.request, "messages");
    return rules.ok ? parseThreaded(body, rules.rules, incoming) : rules;
  },
  compose: (request, identity, incoming, organization) => {
    const content = composeContent(request, identity);
    const cache = cacheTokensOf(request, identity, incoming, organization);
    return {
      maxOutputTokens: request.maxOutputTokens,
      outputTokens: content.outputTokens,
      reasoningTokens: thinkingTokensOf(content),
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
        const hold = (body: string): void => {
          if (request.thread === undefined) return;
          const { id, content: blocks }: Fields = parseObject(body) ?? {};
          keepThread(incoming.mounted.keptAnswers, organization, request.thread, String(id), blocks);
        };
        return {
          whole: (plan, quota) => {
            const body = wholeMessageBody(facts(), plan);
            hold(body);
            return reply.json(body, quota);
          },
          stream: (plan, quota) => {
            const made = facts();
            const text = messageStream(made, plan);
            return {
              ...text,
              tail: () => {
                hold(wholeMessageBody(made, plan));
                return text.tail();
              },
              headers: reply.headers(eventStreamType, quota),
              error: (status) => errorEvent(status, reply.requestId()),
            };
          },
        };
      },
    };
  },
};

/** A request in a conversation that is held may leave out what was said before. */
function parseThreaded(body: string, rules: ReadingRules, incoming: Incoming): Parsed<MessageRequest, ApiError> {
  const written = parseObject(body);
  if (written === undefined) return { ok: false, error: bodyNotJson };
  if (!rules.beta || isAbsent(written["thread"])) return readMessageRequest(written, rules);
  const { mounted } = incoming;
  const organization = mounted.accounts.get(credentialOf(incoming).apiKey)?.organization ?? "";
  const threaded = readThread(written, mounted.keptAnswers, organization);
  if (!threaded.ok) return threaded;
  const { fields, thread } = threaded.request;
  const parsed = readMessageRequest(fields, rules);
  return parsed.ok && thread !== undefined ? { ok: true, request: { ...parsed.request, thread } } : parsed;
}
