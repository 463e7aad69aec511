/** `POST .../models/MODEL:generateContent` and `:streamGenerateContent`. */
import type { Capacity } from "../../behavior/provider.ts";
import type { Incoming } from "../dialect.ts";
import type { Generation, Wire } from "../generation.ts";
import { composeCandidates, thoughtTokensOf } from "./answer-content.ts";
import { cachedPromptOf } from "./cached-contents.ts";
import { type ContentAnswerFacts, contentStream, type ServiceFields, wholeContentBody } from "./content-answer.ts";
import { type ContentRequest, parseContentRequest } from "./content-request.ts";
import { errorObject, faultError, type GoogleError } from "./errors.ts";
import { eventStreamType, jsonType } from "./headers.ts";
import { callMarks, responseId } from "./ids.ts";
import { marksCalls } from "./models.ts";
import { cachedTokensOf } from "./prompt-caching.ts";
import type { Reply } from "./reply.ts";
import { framingOf } from "./paths.ts";
import type { Wording } from "./parameters.ts";

/** What the two services that serve this method do differently. */
export interface ContentService {
  readonly wire: Wire<GoogleError, Reply>;
  readonly wording: Wording;
  /** Asked when an answer begins. */
  readonly fields: (incoming: Incoming) => ServiceFields;
  /** Which capacity a request insists on. */
  readonly capacityOf: (incoming: Incoming) => Capacity | undefined;
}

export function generateContent(
  service: ContentService,
  model: string,
  stream: boolean,
): Generation<ContentRequest, GoogleError, Reply> {
  return {
    wire: service.wire,
    parse: (body, incoming) =>
      parseContentRequest(body, {
        model,
        stream,
        wording: service.wording,
        capacity: service.capacityOf(incoming),
        cachedPrompt: (name) => cachedPromptOf(incoming, service, model, name),
      }),
    compose: (request, identity, incoming, organization) => {
      const candidates = composeCandidates(request, identity);
      const { maxOutputTokens, capacity } = request;
      return {
        maxOutputTokens: maxOutputTokens === undefined ? undefined : maxOutputTokens * candidates.length,
        outputTokens: candidates.reduce((sum, { tokens }) => sum + tokens, 0),
        reasoningTokens: thoughtTokensOf(candidates),
        cachedTokens: cachedTokensOf(request, identity, incoming, organization),
        ...(capacity === undefined ? {} : { capacity }),
        writer: (ask, reply) => {
          const facts = (): ContentAnswerFacts => ({
            candidates,
            responseId: responseId(reply.start),
            model: ask.model,
            inputTokens: ask.inputTokens,
            cachedTokens: ask.cachedTokens,
            marksOf: (candidate, nth) => (marksCalls(ask.model) ? callMarks(reply.start, candidate, nth) : undefined),
            service: service.fields(incoming),
          });
          return {
            whole: (plan, quota) => reply.json(wholeContentBody(facts(), plan), quota),
            stream: (plan) => {
              const framing = framingOf(incoming);
              const text = contentStream(facts(), plan, framing);
              return {
                ...text,
                headers: reply.headers(framing === "events" ? eventStreamType : jsonType),
                error: (status) => text.error(errorInStream(status)),
              };
            },
          };
        },
      };
    },
  };
}

/** An error after the 200 is a chunk with an `error` object ([ran]: raises ApiError with its status). */
function errorInStream(status: number): object {
  return errorObject(faultError(status, undefined));
}
