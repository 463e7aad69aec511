/** `POST /v1/chat/completions`, OpenAI's and that of others who serve it. */
import type { Generation } from "./generation.ts";
import { type ChatAdditions, type ChatAnswerFacts, chatStream, wholeChatBody } from "./chat-answer.ts";
import { type ChatRequest, parseChatRequest } from "./chat-request.ts";
import { errorBody, faultError } from "./errors.ts";
import { eventStreamType } from "./headers.ts";
import { snapshotOf } from "./models.ts";

export function chatCompletions(additions: ChatAdditions): Generation<ChatRequest> {
  return {
    parse: parseChatRequest,
    answer: (request, ask, reply) => {
      const facts = (): ChatAnswerFacts => ({
        id: reply.completionId(),
        created: Math.floor(Date.now() / 1_000),
        model: snapshotOf(ask.model),
        key: ask.requestKey,
        inputTokens: ask.inputTokens,
        cachedTokens: ask.cachedTokens,
        request,
        additions,
      });
      return {
        whole: (plan, quota) => reply.json(wholeChatBody(facts(), plan), quota),
        stream: (plan, quota) => ({
          ...chatStream(facts(), plan),
          headers: reply.headers(eventStreamType, quota),
          error: () => `data: ${errorInStream}\n\n`,
        }),
      };
    },
  };
}

/** An error after the 200 is a block with an `error` object on one line. */
const errorInStream = errorBody(faultError(500, undefined), 0);
