/**
 * InvokeModel of a Nova: the fields of Converse, and its events in chunks (docs.aws.amazon.com/nova/latest/userguide/complete-request-schema.html).
 */
import { isObject, parseObject, type Fields } from "../json-fields.ts";
import { bedrockModelFacts } from "../../behavior/quota/bedrock-models.ts";
import type { ResponsePlan } from "../../behavior/provider.ts";
import { reportedTokens } from "../../behavior/stream-usage.ts";
import { composeContent, thinkingTokensOf } from "../anthropic/answer-content.ts";
import type { Generation, Parsed } from "../generation.ts";
import { converseEvents, type ConverseFacts, wholeConverseBody, type WriteEvent } from "./converse-answer.ts";
import { cacheOf } from "./converse.ts";
import { type ConverseRequest, readConverseRequest } from "./converse-request.ts";
import { type ApiError, malformedInput } from "./errors.ts";
import { type InvocationCounts, invocationHeaders } from "./headers.ts";
import { chunk, chunkStream, invocationMetrics } from "./invoke-answer.ts";
import type { Reply } from "./reply.ts";
import { bedrockWire } from "./wire.ts";

export function invokeNova(model: string, stream: boolean): Generation<ConverseRequest, ApiError, Reply> {
  return {
    wire: bedrockWire,
    parse: (body) => parseNovaRequest(body, model, stream),
    compose: (request, identity, incoming) => {
      const content = composeContent(request, identity);
      const cache = cacheOf(request, identity, incoming);
      return {
        maxOutputTokens: request.maxOutputTokens,
        outputTokens: Math.min(content.outputTokens, bedrockModelFacts(model).outputTokensMax),
        reasoningTokens: thinkingTokensOf(content),
        cachedTokens: cache.read,
        cacheWrites: { short: cache.written5m, long: cache.written1h },
        writer: ({ inputTokens }, reply) => {
          const { start, latencyMs } = reply;
          const facts: ConverseFacts = { start, content, inputTokens, cache, latencyMs };
          const counts = (plan: ResponsePlan): InvocationCounts => ({
            inputTokens: reportedTokens(plan, inputTokens - cache.read),
            outputTokens: reportedTokens(plan, plan.outputTokens),
            cacheReadTokens: reportedTokens(plan, cache.read),
            cacheWriteTokens: reportedTokens(plan, cache.written5m + cache.written1h),
            latencyMs: latencyMs(),
          });
          return {
            whole: (plan) => reply.json(wholeConverseBody(facts, plan), invocationHeaders(counts(plan))),
            stream: (plan) => novaStream(facts, plan, reply, counts),
          };
        },
      };
    },
  };
}

function novaStream(
  facts: ConverseFacts,
  plan: ResponsePlan,
  reply: Reply,
  counts: (plan: ResponsePlan) => InvocationCounts,
): ReturnType<typeof chunkStream> {
  let metrics = "";
  const write: WriteEvent = (type, fields) => chunk(`{"${type}":{${fields}}${type === "metadata" ? metrics : ""}}`);
  const events = converseEvents(facts, plan, write);
  return chunkStream(reply, {
    head: events.head,
    content: events.content,
    tail: (firstByteMs) => {
      metrics = invocationMetrics(counts(plan), firstByteMs);
      return events.tail();
    },
  });
}

/** `max_new_tokens` is the older name of `maxTokens` (Nova user guide). */
export function parseNovaRequest(body: string, model: string, stream: boolean): Parsed<ConverseRequest, ApiError> {
  const written = parseObject(body);
  if (written === undefined) return { ok: false, error: malformedInput("the body is not a JSON object") };
  const config: Fields = isObject(written["inferenceConfig"]) ? written["inferenceConfig"] : {};
  const inferenceConfig = { ...config, maxTokens: config["maxTokens"] ?? config["max_new_tokens"] };
  return readConverseRequest({ ...written, inferenceConfig }, model, stream);
}
