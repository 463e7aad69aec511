/** `POST /v1/chat/completions`, OpenAI's and that of others who serve it. */
import { composeChoices, reasoningTokensOf } from "./answer-content.ts";
import { type ChatAdditions, type ChatAnswerFacts, chatStream, wholeChatBody } from "./chat-answer.ts";
import { type ChatRequest, parseChatRequest } from "./chat-request.ts";
import type { Endpoint } from "./endpoint.ts";
import { errorBody, faultError } from "./errors.ts";
import { eventStreamType } from "./headers.ts";
import { snapshotOf } from "./models.ts";
import { cachedTokensOf } from "./prompt-caching.ts";
import { thoughtShare } from "./reasoning.ts";

export function chatCompletions(additions: ChatAdditions): Endpoint<ChatRequest> {
  return {
    parse: (body, _incoming, pathModel) => parseChatRequest(body, pathModel),
    compose: (request, identity, incoming, organization) => {
      const choices = composeChoices(request, thoughtShare(request.reasoning, identity), identity);
      const { maxOutputTokens } = request;
      return {
        // A cap is meant per answer.
        maxOutputTokens: maxOutputTokens === undefined ? undefined : maxOutputTokens * request.choices,
        outputTokens: choices.reduce((sum, { tokens }) => sum + tokens, 0),
        reasoningTokens: reasoningTokensOf(choices),
        cachedTokens: cachedTokensOf(request, identity, incoming, organization),
        writer: (ask, reply) => {
          const facts = (): ChatAnswerFacts => ({
            id: reply.completionId(),
            start: reply.start,
            created: Math.floor(incoming.state.clock.wall.epochMs() / 1_000),
            model: snapshotOf(ask.model),
            choices,
            inputTokens: ask.inputTokens,
            cachedTokens: ask.cachedTokens,
            request,
            additions,
          });
          return {
            whole: (plan, quota) => reply.json(wholeChatBody(facts(), plan), quota),
            // An error after the 200 is a block with an `error` object on one line.
            stream: (plan, quota) => ({
              ...chatStream(facts(), plan),
              headers: reply.headers(eventStreamType, quota),
              error: (status) => errorInStream(status),
            }),
          };
        },
      };
    },
  };
}

/** An error after the 200 is a block with an `error` object on one line. */
function errorInStream(status: number): string {
  return `data: ${errorBody(faultError(status, undefined), 0)}\n\n`;
}
