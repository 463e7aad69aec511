/**
 * OpenAI chat completions as a client speaks them: what it sends, and what an answer says.
 *
 * Every load engine uses these, so that they ask alike and call the same ending by the same name; that of k6 does so inside
 * k6. Everything that a gateway sends is foreign: nothing about its shape is assumed, and nothing here throws.
 */
import type { Outcome } from "./record.ts";

/** How a request ended; `reason` is empty when `outcome` is `ok`. */
export interface Verdict {
  readonly outcome: Outcome;
  readonly reason: string;
}

/** What a request asks for, apart from its messages. */
export interface ChatRequest {
  readonly model: string;
  readonly stream: boolean;
  /** undefined: no cap is sent. */
  readonly maxOutputTokens?: number | undefined;
}

/**
 * The body of a request. The cap is sent as `max_completion_tokens`: OpenAI's API reference deprecates `max_tokens` for chat
 * completions, and its reasoning models refuse it. Usage of a stream has to be asked for.
 */
export function chatBody(
  { model, stream, maxOutputTokens }: ChatRequest,
  messages: readonly { readonly role: string; readonly content: string }[],
): string {
  return JSON.stringify({
    model,
    messages,
    ...(maxOutputTokens === undefined ? {} : { max_completion_tokens: maxOutputTokens }),
    ...(stream ? { stream: true, stream_options: { include_usage: true } } : {}),
  });
}

export function isSuccess(status: number): boolean {
  return status >= 200 && status < 300;
}

/** What a status other than 2xx means to a client. A redirect is not followed: no API of this kind redirects. */
export function refusal(status: number, body: string): Verdict {
  const reason = readErrorReason(status, body);
  if (status === 429 || status === 529) return { outcome: "rate-limited", reason };
  if (status >= 500) return { outcome: "server-error", reason };
  return { outcome: status >= 400 ? "rejected" : "malformed", reason };
}

export interface TokenUsage {
  readonly inputTokens: number;
  readonly cachedTokens: number;
  readonly outputTokens: number;
}

/** What one JSON document of an answer (a stream's chunk or a whole completion) says. */
export interface ChatFacts {
  /** It carries something that the model has generated. */
  readonly content: boolean;
  /** It carries a finish reason. */
  readonly finished: boolean;
  readonly usage: TokenUsage | undefined;
  /** Reason of the error it carries, undefined when it carries none. */
  readonly error: string | undefined;
}

/**
 * Reads a chunk of a stream (`delta`) or a whole completion (`message`); undefined when it is not JSON. Every event is parsed
 * whole, 1.7 of the 6 microseconds that one costs: searching its text would save one of them and take torn JSON for content.
 */
export function readChatFacts(json: string): ChatFacts | undefined {
  const document = parseJson(json);
  if (document === undefined) return undefined;
  const error = property(document, "error");
  const choices = property(document, "choices");
  const usage = property(document, "usage");
  const facts = { content: false, finished: false };
  if (Array.isArray(choices)) {
    for (const choice of choices as readonly unknown[]) {
      if (typeof property(choice, "finish_reason") === "string") facts.finished = true;
      if (hasContent(property(choice, "delta") ?? property(choice, "message"))) facts.content = true;
    }
  }
  return {
    ...facts,
    usage: isObject(usage) ? readUsage(usage) : undefined,
    error: error === undefined || error === null ? undefined : errorReason(error, "error-event"),
  };
}

/** A short reason for a body that came with an error status: the error's own code or type, else `http-503`. */
export function readErrorReason(status: number, body: string): string {
  return errorReason(property(parseJson(body), "error"), `http-${status}`);
}

/**
 * Text, a refusal, a tool call, or reasoning under either of its two names (`reasoning_content`: DeepSeek, LiteLLM;
 * `reasoning`: OpenRouter, vLLM). The role chunk that opens a stream (`"content":""`) is not content.
 */
function hasContent(delta: unknown): boolean {
  if (!isObject(delta)) return false;
  const { content, refusal, reasoning_content: reasoningContent, reasoning, tool_calls: toolCalls } = delta;
  return (
    [content, refusal, reasoningContent, reasoning].some((text) => typeof text === "string" && text !== "") ||
    (Array.isArray(toolCalls) && toolCalls.length > 0)
  );
}

function readUsage(usage: object): TokenUsage {
  return {
    inputTokens: count(property(usage, "prompt_tokens")),
    cachedTokens: count(property(property(usage, "prompt_tokens_details"), "cached_tokens")),
    outputTokens: count(property(usage, "completion_tokens")),
  };
}

/** Longest reason kept in a record. */
const reasonCharactersMax = 64;

/** `code` before `type`; a code that only repeats the HTTP status (LiteLLM's `"429"`) says nothing. */
function errorReason(error: unknown, otherwise: string): string {
  const words = [property(error, "code"), property(error, "type")].find(
    (word): word is string => typeof word === "string" && /[a-z]/i.test(word) && word !== "None",
  );
  return (words ?? otherwise).slice(0, reasonCharactersMax);
}

function count(value: unknown): number {
  return typeof value === "number" && Number.isInteger(value) && value >= 0 ? value : 0;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function property(value: unknown, name: string): unknown {
  return isObject(value) ? value[name] : undefined;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}
