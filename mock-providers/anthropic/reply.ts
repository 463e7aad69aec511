/** Everything that Anthropic's answers to one request have in common: ids, headers, errors. */
import type { QuotaSnapshot } from "../../behavior/provider.ts";
import { mix32 } from "../../core/random.ts";
import type { HttpAnswer } from "../answer.ts";
import type { Incoming } from "../dialect.ts";
import type { DialectReply } from "../generation.ts";
import { type ApiError, type Credential, errorBody } from "./errors.ts";
import { answerHeaders, jsonType, retryAfter } from "./headers.ts";
import { messageId, requestId } from "./ids.ts";

export interface Reply extends DialectReply<ApiError> {
  /** Names the answer's ids. */
  readonly start: number;
  readonly requestId: () => string;
  readonly messageId: () => string;
  readonly headers: (contentType: string, quota: QuotaSnapshot) => readonly string[];
  readonly json: (body: string, quota: QuotaSnapshot) => HttpAnswer;
}

/** `organization`: empty when the key is not known. */
export function replyTo({ state }: Incoming, organization: string): Reply {
  const start = mix32(state.config.seed) ^ state.answers.count++;
  const headers = (contentType: string, quota: QuotaSnapshot): string[] =>
    answerHeaders({ contentType, requestId: requestId(start), organization, quota, clock: state.clock });
  return {
    start,
    requestId: () => requestId(start),
    messageId: () => messageId(start),
    organization,
    headers,
    error: (error, quota) => {
      const sent = headers(jsonType, quota);
      if (error.retryAfterMs !== undefined) sent.push("retry-after", retryAfter(error.retryAfterMs));
      sent.push("x-should-retry", String(error.shouldRetry));
      const body = errorBody(error, requestId(start));
      return { status: error.status, headers: sent, body, reason: error.code ?? error.type };
    },
    json: (body, quota) => ({ status: 200, headers: headers(jsonType, quota), body, reason: "" }),
  };
}

/**
 * The key of a request and the header it came in; an empty key when there is none. SDKs before 1.0 send `x-api-key`, later
 * ones a bearer token ([ran]); the service takes both.
 */
export function credentialOf(incoming: Incoming): { readonly kind: Credential; readonly apiKey: string } {
  const { "x-api-key": key, authorization } = incoming.request.headers;
  if (typeof key === "string" && key !== "") return { kind: "x-api-key", apiKey: key };
  if (authorization === undefined || !/^bearer /i.test(authorization)) return { kind: "none", apiKey: "" };
  return { kind: "bearer", apiKey: authorization.slice("bearer ".length).trim() };
}
