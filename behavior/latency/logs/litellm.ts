/**
 * Spend logs of LiteLLM's proxy (`LiteLLM_SpendLogs`, BerriAI/litellm, schema.prisma, 2026): `startTime`, `completionStartTime`
 * and `endTime` as timestamps or as seconds since 1970, `prompt_tokens`, `completion_tokens`, `model`, `status`.
 *
 * An answer that was not streamed has a completionStartTime equal to its endTime. One out of LiteLLM's own cache (`cache_hit`)
 * says nothing of the model. Both are left out. Prompts and keys, where a log holds them, are not looked at.
 */
import { field, type Mapping } from "../../../core/raw-data.ts";
import type { Ms } from "../../../core/time.ts";
import { msBetween, parseTimestamp } from "../../timestamp.ts";
import type { LoggedCall } from "../fit/sample.ts";
import { numberOf } from "./call-fields.ts";

export function liteLlmCall(row: Mapping): LoggedCall {
  const start = row["startTime"] ?? row["start_time"];
  const first = row["completionStartTime"] ?? row["completion_start_time"];
  const end = row["endTime"] ?? row["end_time"];
  const status = row["status"];
  const model = row["model"];
  const hit = row["cache_hit"];
  const isFromCache = hit === true || (typeof hit === "string" && hit.toLowerCase() === "true");
  return {
    model: typeof model === "string" && model !== "" ? model : undefined,
    failed: isFromCache || (typeof status === "string" && /fail|error/i.test(status)),
    inputTokens: numberOf(row["prompt_tokens"]),
    outputTokens: numberOf(row["completion_tokens"]),
    cachedTokens: cachedTokensOf(row),
    ttftMs: elapsedMs(start, first),
    totalMs: elapsedMs(start, end),
  };
}

/** Of `metadata.usage_object.prompt_tokens_details`, where the log has it; the metadata may be JSON in a column. */
function cachedTokensOf(row: Mapping): number | undefined {
  const written = row["metadata"];
  const metadata = typeof written === "string" ? parsedJson(written) : written;
  return numberOf(field(field(field(metadata, "usage_object"), "prompt_tokens_details"), "cached_tokens"));
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function elapsedMs(from: unknown, to: unknown): Ms | undefined {
  const [start, end] = [numberOf(from), numberOf(to)];
  if (start !== undefined && end !== undefined) return (end - start) * 1_000;
  if (typeof from !== "string" || typeof to !== "string") return undefined;
  const [left, right] = [parseTimestamp(from.trim()), parseTimestamp(to.trim())];
  return left === undefined || right === undefined ? undefined : msBetween(left, right);
}
