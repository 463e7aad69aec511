/** `POST /model/{modelId}/converse` and `/converse-stream`. */
import { bedrockModelFacts } from "../../behavior/quota/bedrock-models.ts";
import { composeContent, thinkingTokensOf } from "../anthropic/answer-content.ts";
import { type CacheTokens, cacheTokensOf } from "../anthropic/prompt-caching.ts";
import type { Incoming } from "../dialect.ts";
import type { Generation } from "../generation.ts";
import type { RequestIdentity } from "../request-identity.ts";
import {
  type ConverseEventType,
  converseEvents,
  type ConverseFacts,
  wholeConverseBody,
  type WriteEvent,
} from "./converse-answer.ts";
import { type ConverseRequest, parseConverseRequest } from "./converse-request.ts";
import { claimedAccount } from "./credentials.ts";
import { type ApiError, faultError } from "./errors.ts";
import { type EventFrame, eventFrame, eventStreamType, exceptionFrame, type StreamException } from "./event-stream.ts";
import { anthropicName } from "./models.ts";
import { paddingFor } from "./padding.ts";
import type { Reply } from "./reply.ts";
import { bedrockWire } from "./wire.ts";

export function converse(model: string, stream: boolean): Generation<ConverseRequest, ApiError, Reply> {
  return {
    wire: bedrockWire,
    parse: (body) => parseConverseRequest(body, model, stream),
    compose: (request, identity, incoming) => {
      const content = composeContent(request, identity);
      const cache = cacheOf(request, identity, incoming);
      return {
        maxOutputTokens: request.maxOutputTokens,
        outputTokens: Math.min(content.outputTokens, bedrockModelFacts(request.model).outputTokensMax),
        reasoningTokens: thinkingTokensOf(content),
        cachedTokens: cache.read,
        cacheWrites: { short: cache.written5m, long: cache.written1h },
        writer: ({ inputTokens }, { start, latencyMs, json, headers }) => {
          const facts: ConverseFacts = { start, content, inputTokens, cache, latencyMs };
          return {
            whole: (plan) => json(wholeConverseBody(facts, plan)),
            stream: (plan) => ({
              ...converseEvents(facts, plan, writeFrame),
              encoding: "latin1",
              headers: headers(eventStreamType),
              error: errorInStream,
            }),
          };
        },
      };
    },
  };
}

/** What a prompt has of the cache, which its account's requests for this model share. */
export function cacheOf(
  { model, blocks }: Pick<ConverseRequest, "model" | "blocks">,
  identity: RequestIdentity,
  incoming: Incoming,
): CacheTokens {
  const organization = claimedAccount(incoming)?.organization ?? "";
  return cacheTokensOf({ model: anthropicName(model), blocks }, identity, incoming, organization);
}

/** The error that a status would carry, as a stream has it: a failing model has an exception of its own there. */
export function errorInStream(status: number): string {
  const { message } = faultError(status, undefined);
  return exceptionFrame(
    exceptions[status] ?? (status < 500 ? "validationException" : "internalServerException"),
    message,
  );
}

const exceptions: Readonly<Record<number, StreamException>> = {
  408: "modelTimeoutException",
  424: "modelStreamErrorException",
  429: "throttlingException",
  503: "serviceUnavailableException",
};

const frames: Readonly<Record<ConverseEventType, EventFrame>> = {
  messageStart: eventFrame("messageStart"),
  contentBlockStart: eventFrame("contentBlockStart"),
  contentBlockDelta: eventFrame("contentBlockDelta"),
  contentBlockStop: eventFrame("contentBlockStop"),
  messageStop: eventFrame("messageStop"),
  metadata: eventFrame("metadata"),
};

const writeFrame: WriteEvent = (type, fields) => frames[type](`{${fields}${paddingFor(fields.length)}}`);
