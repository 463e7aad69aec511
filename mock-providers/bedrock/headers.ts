/** The headers of Bedrock's answers. None of them speaks of limits (docs.aws.amazon.com/bedrock, quotas). */
import { secondMs } from "../../core/time.ts";
import type { ApiError } from "./errors.ts";

export const jsonType = "application/json";

export function answerHeaders(contentType: string, requestId: string): readonly string[] {
  return ["content-type", contentType, "x-amzn-RequestId", requestId];
}

/** The SDK cuts the name at the colon ([capture] of the value). */
export function errorHeaders({ name, retryAfterMs }: ApiError): readonly string[] {
  const type = ["x-amzn-ErrorType", `${name}:http://internal.amazon.com/coral/com.amazon.bedrock/`];
  if (retryAfterMs !== undefined) type.push("retry-after", String(Math.ceil(retryAfterMs / secondMs)));
  return type;
}

/** What InvokeModel says of tokens, because bodies are the models' own business ([capture]). */
export interface InvocationCounts {
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly cacheReadTokens: number;
  readonly cacheWriteTokens: number;
  readonly latencyMs: number;
}

export function invocationHeaders(counts: InvocationCounts): readonly string[] {
  const headers = [
    "x-amzn-bedrock-invocation-latency",
    String(counts.latencyMs),
    "x-amzn-bedrock-input-token-count",
    String(counts.inputTokens),
    "x-amzn-bedrock-output-token-count",
    String(counts.outputTokens),
  ];
  if (counts.cacheReadTokens + counts.cacheWriteTokens > 0) {
    headers.push("x-amzn-bedrock-cache-read-input-token-count", String(counts.cacheReadTokens));
    headers.push("x-amzn-bedrock-cache-write-input-token-count", String(counts.cacheWriteTokens));
  }
  return headers;
}
