/** `POST /v1/responses`, OpenAI's and that of others who serve it. */
import type { ResponsePlan } from "../../behavior/provider.ts";
import type { Incoming } from "../dialect.ts";
import { placedParts } from "../placed-parts.ts";
import { composeChoices, reasoningTokensOf } from "./answer-content.ts";
import type { Endpoint } from "./endpoint.ts";
import { faultError } from "./errors.ts";
import { eventStreamType } from "./headers.ts";
import { callId, responseId } from "./ids.ts";
import { snapshotOf } from "./models.ts";
import { cachedTokensOf } from "./prompt-caching.ts";
import { thoughtShare } from "./reasoning.ts";
import {
  type ResponseAdditions,
  type ResponseFacts,
  responseStream,
  thoughtTokens,
  wholeResponseBody,
} from "./response-answer.ts";
import { parseResponseRequest, type ResponseRequest } from "./response-request.ts";

/** `organizationOf`: whose call it is, empty when the key is not known. */
export function responses(
  additions: ResponseAdditions,
  organizationOf: (incoming: Incoming) => string,
): Endpoint<ResponseRequest> {
  return {
    parse: (body, incoming, pathModel) =>
      parseResponseRequest(body, (id) => incoming.mounted.keptAnswers.get(id, organizationOf(incoming)), pathModel),
    compose: (request, identity, incoming, organization) => {
      const [content] = composeChoices(request, thoughtShare(request.reasoning, identity), identity);
      if (content === undefined) throw new RangeError("a response has one choice");
      return {
        maxOutputTokens: request.maxOutputTokens,
        outputTokens: content.tokens,
        reasoningTokens: reasoningTokensOf([content]),
        cachedTokens: cachedTokensOf(request, identity, incoming, organization),
        writer: ({ model, inputTokens, cachedTokens }, reply) => {
          const facts = (): ResponseFacts => ({
            id: responseId(reply.start),
            start: reply.start,
            created: incoming.state.clock.wall.epochMs(),
            epochMs: incoming.state.clock.wall.epochMs,
            model: snapshotOf(model),
            content,
            inputTokens,
            cachedTokens,
            request,
            additions,
          });
          const finished = (made: ResponseFacts, plan: ResponsePlan): string => {
            const body = wholeResponseBody(made, plan);
            if (request.store) keep(incoming, organization, made, plan, body, request);
            return body;
          };
          return {
            whole: (plan, quota) => reply.json(finished(facts(), plan), quota),
            stream: (plan, quota) => {
              const made = facts();
              const text = responseStream(made, plan);
              return {
                head: text.head,
                content: text.content,
                tail: () => text.tail(finished(made, plan)),
                headers: reply.headers(eventStreamType, quota),
                error: (status) => {
                  const { code, type, message } = faultError(status, undefined);
                  return text.error(code ?? type, message);
                },
              };
            },
          };
        },
      };
    },
  };
}

function keep(
  incoming: Incoming,
  organization: string,
  { id, start, content, inputTokens }: ResponseFacts,
  plan: ResponsePlan,
  body: string,
  request: ResponseRequest,
): void {
  const parts = placedParts(content.parts, plan.outputTokens);
  const openCalls = parts.flatMap(({ part }, index) => (part.kind === "call" ? [callId(start, index)] : []));
  const tokens = inputTokens + plan.outputTokens - thoughtTokens(parts);
  incoming.mounted.keptAnswers.keep(id, { organization, body, input: request.items(), tokens, openCalls });
}
