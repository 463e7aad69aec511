/**
 * Finds what matters of a call among the columns of a table or the fields of an object, under the names that people give them.
 *
 * Names are compared in small letters with `_` between words: `promptTokens`, `Prompt Tokens` and `prompt_tokens` are one. A
 * time says its unit in its name (`ttft_ms`, `latency_seconds`), or it has the one that the user gave for all of them.
 */
import { invalidInput } from "../../../core/errors.ts";
import type { Mapping } from "../../../core/raw-data.ts";
import type { Ms } from "../../../core/time.ts";
import type { LoggedCall } from "../fit/sample.ts";

export type TimeUnit = "s" | "ms" | "us" | "ns";

/** Takes a call out of one row or object. Throws `latency-log-unreadable` when there is no way to tell what its fields mean. */
export type CallReader = (row: Mapping) => LoggedCall;

const msPer: Readonly<Record<TimeUnit, number>> = { s: 1_000, ms: 1, us: 1e-3, ns: 1e-6 };

const unitWords: Readonly<Record<string, TimeUnit>> = {
  s: "s",
  sec: "s",
  secs: "s",
  second: "s",
  seconds: "s",
  ms: "ms",
  msec: "ms",
  millis: "ms",
  milliseconds: "ms",
  us: "us",
  microseconds: "us",
  ns: "ns",
  nanos: "ns",
  nanoseconds: "ns",
};

const names = {
  model: ["model", "model_name", "request_model", "gen_ai_request_model"],
  status: ["status", "status_code", "http_status", "response_status"],
  error: ["error", "error_code", "error_message", "exception"],
  inputTokens: [
    "prompt_tokens",
    "input_tokens",
    "num_input_tokens",
    "number_input_tokens",
    "context_tokens",
    "tokens_in",
    "usage_prompt_tokens",
    "usage_input_tokens",
    "prompt_token_count",
  ],
  outputTokens: [
    "completion_tokens",
    "output_tokens",
    "generated_tokens",
    "num_output_tokens",
    "number_output_tokens",
    "tokens_out",
    "usage_completion_tokens",
    "usage_output_tokens",
    "candidates_token_count",
  ],
  cachedTokens: ["cached_tokens", "cached_input_tokens", "cache_read_tokens", "cache_read_input_tokens"],
  events: ["events", "chunks", "content_events", "num_chunks"],
  ttft: [
    "ttft",
    "time_to_first_token",
    "first_token",
    "first_token_time",
    "first_token_latency",
    "time_to_first_chunk",
  ],
  total: [
    "total",
    "duration",
    "latency",
    "e2e",
    "e2e_latency",
    "end_to_end_latency",
    "total_time",
    "total_latency",
    "total_duration",
    "elapsed",
    "response_time",
    "request_latency",
  ],
} as const;

export function callReader(unit: TimeUnit | undefined): CallReader {
  /** Where a field of these names was found last: rows of a table are alike. */
  let known: { readonly keys: string; readonly places: Places } | undefined;
  return (row) => {
    const keys = Object.keys(row);
    const joined = keys.join("\n");
    if (known?.keys !== joined) known = { keys: joined, places: placesIn(keys, unit) };
    const { places } = known;
    const text = (key: string | undefined): string | undefined => textOf(key === undefined ? undefined : row[key]);
    const number = (key: string | undefined): number | undefined => numberOf(key === undefined ? undefined : row[key]);
    const time = (place: TimePlace | undefined): Ms | undefined => {
      const value = number(place?.key);
      return value === undefined || place === undefined ? undefined : value * place.ms;
    };
    return {
      model: text(places.model),
      failed: hasFailed(text(places.status), text(places.error)),
      inputTokens: number(places.inputTokens),
      cachedTokens: number(places.cachedTokens),
      outputTokens: number(places.outputTokens),
      events: number(places.events),
      ttftMs: time(places.ttft),
      totalMs: time(places.total),
    };
  };
}

interface TimePlace {
  readonly key: string;
  readonly ms: number;
}

type Places = Readonly<Partial<Record<Exclude<keyof typeof names, "ttft" | "total">, string>>> & {
  readonly ttft?: TimePlace | undefined;
  readonly total?: TimePlace | undefined;
};

function placesIn(keys: readonly string[], unit: TimeUnit | undefined): Places {
  const plain = new Map(keys.map((key) => [inWords(key), key]));
  const find = (field: keyof typeof names): string | undefined => {
    const found = names[field].find((name) => plain.has(name));
    return found === undefined ? undefined : plain.get(found);
  };
  return {
    ...Object.fromEntries(
      (["model", "status", "error", "inputTokens", "outputTokens", "cachedTokens", "events"] as const).flatMap(
        (field) => {
          const key = find(field);
          return key === undefined ? [] : [[field, key]];
        },
      ),
    ),
    ttft: timePlace(keys, names.ttft, unit),
    total: timePlace(keys, names.total, unit),
  };
}

function timePlace(
  keys: readonly string[],
  wanted: readonly string[],
  unit: TimeUnit | undefined,
): TimePlace | undefined {
  for (const name of wanted) {
    for (const key of keys) {
      const words = inWords(key);
      const suffix = words.startsWith(`${name}_`) ? unitWords[words.slice(name.length + 1)] : undefined;
      if (words !== name && suffix === undefined) continue;
      const known = suffix ?? unit;
      if (known !== undefined) return { key, ms: msPer[known] };
      throw invalidInput(`${key} has no unit: is it in seconds or in milliseconds?`, {
        code: "latency-log-unreadable",
        hint: `add --unit s or --unit ms, or call it ${name}_ms`,
      });
    }
  }
  return undefined;
}

/** The unit in the name of a column that holds one of those times; `none`: it has no unit; undefined: it is another column. */
export function timeUnitOf(key: string, wanted: readonly string[]): TimeUnit | "none" | undefined {
  const words = inWords(key);
  if (wanted.includes(words)) return "none";
  const name = wanted.find((each) => words.startsWith(`${each}_`));
  return name === undefined ? undefined : unitWords[words.slice(name.length + 1)];
}

/** `promptTokens`, `Prompt Tokens (ms)` and `gen_ai.usage.x` in one way. */
function inWords(key: string): string {
  return key
    .replaceAll(/([a-z0-9])([A-Z])/g, "$1_$2")
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "_")
    .replaceAll(/^_+|_+$/g, "");
}

function hasFailed(status: string | undefined, error: string | undefined): boolean {
  if (error !== undefined && !["", "null", "none", "false", "0"].includes(error.toLowerCase())) return true;
  if (status === undefined || status === "") return false;
  const code = Number(status);
  return Number.isFinite(code) ? code >= 400 : /fail|error|timeout|cancel/i.test(status);
}

function textOf(value: unknown): string | undefined {
  if (typeof value === "string") return value.trim() === "" ? undefined : value.trim();
  return typeof value === "number" || typeof value === "boolean" ? String(value) : undefined;
}

/** A number, or text that is one: CSV has no other. */
export function numberOf(value: unknown): number | undefined {
  if (typeof value === "number") return Number.isFinite(value) ? value : undefined;
  if (typeof value !== "string" || !/^\s*[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?\s*$/i.test(value)) return undefined;
  return Number(value);
}
