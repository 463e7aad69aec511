/** Everything that OpenAI's answers to one request have in common: ids, headers, errors. */
import type { QuotaSnapshot } from "../../behavior/provider.ts";
import { mix32 } from "../../core/random.ts";
import type { HttpAnswer } from "../answer.ts";
import type { Incoming } from "../dialect.ts";
import type { DialectReply } from "../generation.ts";
import { type ApiError, errorBody } from "./errors.ts";
import { answerHeaders, jsonType, retryHeaders } from "./headers.ts";
import { completionId, requestId } from "./ids.ts";

export interface Reply extends DialectReply<ApiError>, AnswerIds {
  readonly headers: (contentType: string, quota: QuotaSnapshot) => readonly string[];
  readonly json: (body: string, quota: QuotaSnapshot) => HttpAnswer;
}

/** Ids in the body of an answer, which everybody makes alike who serves this API. */
export interface AnswerIds {
  /** Names the answer, see `ids.ts`. */
  readonly start: number;
  /** Of a chat completion. */
  readonly completionId: () => string;
}

/** Ids of one more answer. */
export function answerIds({ state }: Incoming): AnswerIds {
  const start = mix32(state.config.seed) ^ state.answers.count++;
  return { start, completionId: () => completionId(start) };
}

/** `organization`: empty when the key is not known. */
export function replyTo(incoming: Incoming, organization: string): Reply {
  const { state, arrivalWallMs } = incoming;
  const ids = answerIds(incoming);
  const headers = (contentType: string, quota: QuotaSnapshot): string[] =>
    answerHeaders({
      contentType,
      requestId: requestId(ids.start),
      organization,
      arrivalWallMs,
      quota,
      clock: state.clock,
    });
  return {
    ...ids,
    organization,
    headers,
    error: (error, quota) => {
      const sent = headers(jsonType, quota);
      if (error.retryAfterMs !== undefined) sent.push(...retryHeaders(error.retryAfterMs));
      // RFC 9110 wants it with every 401; the service sends it ([capture]).
      if (error.status === 401) sent.push("www-authenticate", `Bearer realm="OpenAI API"`);
      return { status: error.status, headers: sent, body: errorBody(error), reason: error.code ?? error.type };
    },
    json: (body, quota) => ({ status: 200, headers: headers(jsonType, quota), body, reason: "" }),
  };
}

/** What stands behind the question mark. */
export function queryOf({ request: { url = "" } }: Incoming): URLSearchParams {
  return new URLSearchParams(url.includes("?") ? url.slice(url.indexOf("?")) : "");
}

/** The key of a request, empty when it has none. */
export function apiKeyOf(incoming: Incoming): string {
  const { authorization } = incoming.request.headers;
  return authorization !== undefined && /^bearer /i.test(authorization)
    ? authorization.slice("bearer ".length).trim()
    : "";
}
