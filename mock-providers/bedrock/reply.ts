/** Everything that Bedrock's answers to one request have in common: ids, headers, errors. */
import { mix32 } from "../../core/random.ts";
import { asciiJson, type HttpAnswer } from "../answer.ts";
import type { Incoming } from "../dialect.ts";
import type { DialectReply } from "../generation.ts";
import type { ApiError } from "./errors.ts";
import { answerHeaders, errorHeaders, jsonType } from "./headers.ts";
import { requestId } from "./ids.ts";

export interface Reply extends DialectReply<ApiError> {
  /** Names the answer's ids. */
  readonly start: number;
  /** Wall time since the request came, whole milliseconds: what answers call their latency. */
  readonly latencyMs: () => number;
  readonly headers: (contentType: string) => readonly string[];
  readonly json: (body: string, headers?: readonly string[]) => HttpAnswer;
}

/** Headers say nothing of limits: Bedrock's never do. */
export function replyTo({ state, arrivalWallMs }: Incoming, organization: string): Reply {
  const start = mix32(state.config.seed) ^ state.answers.count++;
  const headers = (contentType: string): readonly string[] => answerHeaders(contentType, requestId(start));
  return {
    start,
    organization,
    latencyMs: () => Math.round(state.clock.wall.nowMs() - arrivalWallMs),
    headers,
    error: (error) => ({
      status: error.status,
      headers: [...headers(jsonType), ...errorHeaders(error)],
      body: asciiJson({ message: error.message }),
      reason: error.name,
    }),
    json: (body, more = []) => ({ status: 200, headers: [...headers(jsonType), ...more], body, reason: "" }),
  };
}
