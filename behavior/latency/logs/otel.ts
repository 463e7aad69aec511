/**
 * OpenTelemetry spans of calls to models, in OTLP JSON (opentelemetry-proto, trace/v1): one request as a whole file, or one per
 * line, as the collector's file exporter writes them.
 *
 * By the GenAI semantic conventions: tokens are `gen_ai.usage.input_tokens` and `.output_tokens` (older: `prompt_tokens`,
 * `completion_tokens`), cached ones `gen_ai.usage.cache_read.input_tokens`; the duration is that of the span. Time to first token,
 * in seconds, is `gen_ai.server.time_to_first_token`, `gen_ai.response.time_to_first_token` or `.time_to_first_chunk`, whichever
 * an instrumentation sets; or else the first event of the span whose name speaks of a first token or chunk.
 */
import { entries, field, items } from "../../../core/raw-data.ts";
import type { Ms } from "../../../core/time.ts";
import type { LoggedCall } from "../fit/sample.ts";
import { numberOf } from "./call-fields.ts";

/** Every span of a request that is a call to a model. */
export function* otelCalls(request: unknown): Generator<LoggedCall, void, undefined> {
  for (const resource of items(field(request, "resourceSpans"))) {
    for (const scope of items(field(resource, "scopeSpans"))) {
      for (const span of items(field(scope, "spans"))) {
        const call = callOf(span);
        if (call !== undefined) yield call;
      }
    }
  }
}

const firstTokenAttributes = [
  "gen_ai.server.time_to_first_token",
  "gen_ai.response.time_to_first_token",
  "gen_ai.response.time_to_first_chunk",
  "gen_ai.client.operation.time_to_first_chunk",
];

function callOf(span: unknown): LoggedCall | undefined {
  const attributes = new Map(
    items(field(span, "attributes")).map((attribute) => [field(attribute, "key"), valueOf(field(attribute, "value"))]),
  );
  if (![...attributes.keys()].some((key) => typeof key === "string" && key.startsWith("gen_ai."))) return undefined;
  const number = (...names: readonly string[]): number | undefined =>
    names.map((name) => numberOf(attributes.get(name))).find((value) => value !== undefined);
  const model = attributes.get("gen_ai.response.model") ?? attributes.get("gen_ai.request.model");
  const firstSeconds = number(...firstTokenAttributes);
  const startNano = field(span, "startTimeUnixNano");
  return {
    model: typeof model === "string" ? model : undefined,
    failed: numberOf(field(field(span, "status"), "code")) === 2 || attributes.has("error.type"),
    inputTokens: number("gen_ai.usage.input_tokens", "gen_ai.usage.prompt_tokens"),
    outputTokens: number("gen_ai.usage.output_tokens", "gen_ai.usage.completion_tokens"),
    cachedTokens: number("gen_ai.usage.cache_read.input_tokens", "gen_ai.usage.input_tokens.cached"),
    ttftMs: firstSeconds === undefined ? firstEventMs(span, startNano) : firstSeconds * 1_000,
    totalMs: nanoMs(startNano, field(span, "endTimeUnixNano")),
  };
}

function firstEventMs(span: unknown, startNano: unknown): Ms | undefined {
  const event = items(field(span, "events")).find((each) => /first.?(token|chunk)/i.test(String(field(each, "name"))));
  return event === undefined ? undefined : nanoMs(startNano, field(event, "timeUnixNano"));
}

/** Nanoseconds since 1970 do not fit in a double; OTLP JSON writes them as text. */
function nanoMs(from: unknown, to: unknown): Ms | undefined {
  const [start, end] = [String(from), String(to)];
  if (!/^\d{1,20}$/.test(start) || !/^\d{1,20}$/.test(end)) return undefined;
  return Number(BigInt(end) - BigInt(start)) / 1e6;
}

/** `{ intValue: "12" }`, `{ stringValue: "x" }`, `{ doubleValue: 0.4 }`. */
function valueOf(value: unknown): unknown {
  return entries(value)[0]?.[1];
}
