/**
 * A recorded session with a real provider: a HAR file (HTTP Archive 1.2, as browsers and proxies write it), or JSON lines of one
 * call each with times, usage and, where somebody noted them, the instants of the events.
 *
 * What is taken is numbers and the model's name. Headers, keys, cookies, addresses, prompts and answers stay where they are: an
 * answer is searched for its usage and its events are counted, nothing else.
 */
import { field, isMapping, items, type Mapping } from "../../../core/raw-data.ts";
import type { Ms } from "../../../core/time.ts";
import type { LoggedCall } from "../fit/sample.ts";
import { type CallReader, numberOf } from "./call-fields.ts";

/** Every call of a HAR, or the one of a line. */
export function sessionCalls(row: Mapping, read: CallReader): readonly LoggedCall[] {
  const entries = field(field(row, "log"), "entries");
  return Array.isArray(entries) ? entries.map(harCall) : [lineCall(row, read)];
}

/** `{ "model": "gpt-4o", "usage": { "prompt_tokens": 900, ... }, "ttft_ms": 412, "total_ms": 1890, "event_ms": [412, 425, ...] }` */
function lineCall(row: Mapping, read: CallReader): LoggedCall {
  const usage = row["usage"];
  const at = items(row["event_ms"]).map(numberOf);
  const eventsMs = at.filter((each) => each !== undefined);
  return {
    ...read(row),
    ...(isMapping(usage) ? usageOf(usage) : {}),
    ...(eventsMs.length < 2 ? {} : { events: eventsMs.length, gapSigma: gapSigmaOf(eventsMs) }),
  };
}

/** Time counts from sending: connections are kept, and a new one is not the model's doing. */
function harCall(entry: unknown): LoggedCall {
  const timings = field(entry, "timings");
  const phase = (name: string): Ms => Math.max(0, numberOf(field(timings, name)) ?? 0);
  const ttftMs = phase("send") + phase("wait");
  const response = field(entry, "response");
  const status = numberOf(field(response, "status")) ?? 0;
  const answer = answerOf(textOf(field(response, "content")));
  const asked = parsed(field(field(field(entry, "request"), "postData"), "text"));
  const model = field(asked, "model") ?? answer.model;
  return {
    model: typeof model === "string" ? model : undefined,
    failed: status >= 400 || status === 0,
    ...usageOf(answer.usage),
    ...(answer.events < 2 ? {} : { events: answer.events }),
    ttftMs,
    totalMs: ttftMs + phase("receive"),
  };
}

function textOf(content: unknown): string {
  const text = field(content, "text");
  return typeof text === "string" && field(content, "encoding") !== "base64" ? text : "";
}

interface Answer {
  readonly usage: Mapping;
  readonly model: unknown;
  /** Events that carry something; 0 when it was not streamed. */
  readonly events: number;
}

/** What a JSON answer, or the events of a stream, say of their usage: Anthropic's begins in one event and ends in another. */
function answerOf(text: string): Answer {
  const whole = parsed(text);
  const events = whole === undefined ? [...text.matchAll(/^data: ?(.+)$/gm)].map(([, data]) => parsed(data)) : [whole];
  let usage: Mapping = {};
  let model: unknown;
  let carrying = 0;
  for (const event of events) {
    const message = field(event, "message") ?? field(event, "response") ?? event;
    const told = field(event, "usage") ?? field(message, "usage") ?? field(event, "usageMetadata");
    if (isMapping(told)) usage = { ...usage, ...told };
    model ??= field(message, "model") ?? field(event, "modelVersion");
    if (whole === undefined && isContent(event)) carrying += 1;
  }
  return { usage, model, events: carrying };
}

function isContent(event: unknown): boolean {
  const kind = field(event, "type");
  if (typeof kind === "string") return kind.endsWith("_delta") || kind.endsWith(".delta");
  return items(field(event, "choices")).length > 0 || items(field(event, "candidates")).length > 0;
}

/** As OpenAI, Anthropic and Google name it. Anthropic's input tokens are without the cached ones; the others' are with them. */
function usageOf(usage: Mapping): Pick<LoggedCall, "inputTokens" | "outputTokens" | "cachedTokens"> {
  const number = (...names: readonly string[]): number | undefined =>
    names.map((name) => numberOf(usage[name])).find((value) => value !== undefined);
  const details = usage["prompt_tokens_details"] ?? usage["input_tokens_details"];
  const readTokens = number("cache_read_input_tokens");
  const besides = (readTokens ?? 0) + (number("cache_creation_input_tokens") ?? 0);
  const inputTokens = number("prompt_tokens", "input_tokens", "promptTokenCount");
  const outputTokens = number("completion_tokens", "output_tokens", "candidatesTokenCount");
  const cachedTokens = readTokens ?? numberOf(field(details, "cached_tokens")) ?? number("cachedContentTokenCount");
  return {
    ...(inputTokens === undefined ? {} : { inputTokens: inputTokens + besides }),
    ...(outputTokens === undefined ? {} : { outputTokens }),
    ...(cachedTokens === undefined ? {} : { cachedTokens }),
  };
}

/** Standard deviation of the gaps as a share of their mean. */
function gapSigmaOf(eventsMs: readonly Ms[]): number | undefined {
  const gaps = eventsMs.slice(1).map((atMs, index) => atMs - (eventsMs[index] ?? 0));
  const mean = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length;
  const variance = gaps.reduce((sum, gap) => sum + (gap - mean) * (gap - mean), 0) / gaps.length;
  return mean > 0 ? Math.sqrt(variance) / mean : undefined;
}

function parsed(text: unknown): unknown {
  if (typeof text !== "string") return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
