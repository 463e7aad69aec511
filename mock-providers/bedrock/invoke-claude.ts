/**
 * InvokeModel of a Claude: Anthropic's message, with the version of the API in the body and the model in the path
 * (docs.aws.amazon.com/bedrock/latest/userguide/model-parameters-anthropic-claude-messages.html).
 */
import { parseObject } from "../json-fields.ts";
import type { AnswerContent } from "../anthropic/answer-content.ts";
import { composeContent, thinkingTokensOf } from "../anthropic/answer-content.ts";
import { type MessageFacts, messageStream, wholeMessageBody } from "../anthropic/message-answer.ts";
import { type MessageRequest, readMessageRequest } from "../anthropic/message-request.ts";
import type { CacheTokens } from "../anthropic/prompt-caching.ts";
import type { ResponsePlan } from "../../behavior/provider.ts";
import { reportedTokens } from "../../behavior/stream-usage.ts";
import type { Generation, Parsed } from "../generation.ts";
import { cacheOf } from "./converse.ts";
import { type ApiError, malformedInput, validationError } from "./errors.ts";
import { type InvocationCounts, invocationHeaders } from "./headers.ts";
import { messageId } from "./ids.ts";
import { chunk, chunkStream, invocationMetrics } from "./invoke-answer.ts";
import { anthropicName } from "./models.ts";
import type { Reply } from "./reply.ts";
import { bedrockWire } from "./wire.ts";

export function invokeClaude(model: string, stream: boolean): Generation<MessageRequest, ApiError, Reply> {
  return {
    wire: bedrockWire,
    parse: (body) => parseClaudeRequest(body, model, stream),
    compose: (request, identity, incoming) => {
      const content = composeContent(request, identity);
      const cache = cacheOf(request, identity, incoming);
      return {
        maxOutputTokens: request.maxOutputTokens,
        outputTokens: content.outputTokens,
        reasoningTokens: thinkingTokensOf(content),
        cachedTokens: cache.read,
        cacheWrites: { short: cache.written5m, long: cache.written1h },
        writer: ({ inputTokens }, reply) => claudeWriter({ model, content, cache, inputTokens }, reply),
      };
    },
  };
}

interface ClaudeAnswer {
  readonly model: string;
  readonly content: AnswerContent;
  readonly cache: CacheTokens;
  readonly inputTokens: number;
}

function claudeWriter(
  { model, content, cache, inputTokens }: ClaudeAnswer,
  reply: Reply,
): ReturnType<ReturnType<Generation<MessageRequest, ApiError, Reply>["compose"]>["writer"]> {
  const { start } = reply;
  const facts: MessageFacts = {
    id: messageId(start),
    start,
    model: anthropicName(model),
    content,
    inputTokens,
    cache,
  };
  const counts = (plan: ResponsePlan): InvocationCounts => {
    const written = cache.written5m + cache.written1h;
    return {
      inputTokens: reportedTokens(plan, inputTokens - cache.read - written),
      outputTokens: reportedTokens(plan, plan.outputTokens),
      cacheReadTokens: reportedTokens(plan, cache.read),
      cacheWriteTokens: reportedTokens(plan, written),
      latencyMs: reply.latencyMs(),
    };
  };
  return {
    whole: (plan) => reply.json(wholeMessageBody(facts, plan), invocationHeaders(counts(plan))),
    stream: (plan) => {
      const events = messageStream(facts, plan);
      return chunkStream(reply, {
        head: () => chunks(events.head()),
        content: (from, to) => chunks(events.content(from, to)),
        tail: (firstByteMs) => chunks(events.tail(), invocationMetrics(counts(plan), firstByteMs)),
      });
    },
  };
}

const data = "data: ";

/** Server-sent events as chunks. Pings have no place among them; `last`: fields for the last event. */
function chunks(events: string, last = ""): string {
  const lines = events.split("\n").filter((line) => line.startsWith(data) && line !== `${data}{"type":"ping"}`);
  return lines
    .map((line, index) => {
      const json = line.slice(data.length);
      return chunk(index === lines.length - 1 ? `${json.slice(0, -1)}${last}}` : json);
    })
    .join("");
}

/** `bedrock-2023-05-31` behaves as Anthropic's 2023-06-01; the Claude SDK for Bedrock sends the later one as it is ([sdk]). */
const versions: Readonly<Record<string, "2023-06-01" | "2026-10-21">> = {
  "bedrock-2023-05-31": "2023-06-01",
  "2023-06-01": "2023-06-01",
  "2026-10-21": "2026-10-21",
};

export function parseClaudeRequest(body: string, model: string, stream: boolean): Parsed<MessageRequest, ApiError> {
  const written = parseObject(body);
  if (written === undefined) return { ok: false, error: malformedInput("the body is not a JSON object") };
  const { anthropic_version: version, anthropic_beta: beta, ...fields } = written;
  const misplaced = ["model", "stream"].find((name) => name in fields);
  if (misplaced !== undefined) {
    return { ok: false, error: validationError(`${misplaced}: Extra inputs are not permitted`) };
  }
  if (version === undefined) return { ok: false, error: validationError("anthropic_version: Field required") };
  const known = typeof version === "string" && Object.hasOwn(versions, version) ? versions[version] : undefined;
  if (known === undefined) return { ok: false, error: validationError("Invalid API version") };
  const rules = { version: known, beta: beta !== undefined, endpoint: "messages" } as const;
  const read = readMessageRequest({ ...fields, model: anthropicName(model) }, rules);
  if (!read.ok) return { ok: false, error: validationError(read.error.message) };
  return { ok: true, request: { ...read.request, model, stream } };
}
