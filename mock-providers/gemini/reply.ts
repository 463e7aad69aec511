/** Everything that Google's answers to one request have in common: ids, headers, errors. */
import type { QuotaSnapshot } from "../../behavior/provider.ts";
import { mix32 } from "../../core/random.ts";
import type { HttpAnswer } from "../answer.ts";
import type { Incoming } from "../dialect.ts";
import type { DialectReply } from "../generation.ts";
import { errorBody, type GoogleError } from "./errors.ts";
import { answerHeaders, jsonType } from "./headers.ts";
import { framingOf, queryOf } from "./paths.ts";

export interface Reply extends DialectReply<GoogleError> {
  /** Names the answer's ids. */
  readonly start: number;
  readonly headers: (contentType: string) => readonly string[];
  readonly json: (body: string, quota: QuotaSnapshot) => HttpAnswer;
}

/** `organization`: empty when the key is not known. No answer tells what is left of a limit. */
export function replyTo(incoming: Incoming, organization: string): Reply {
  const { state, arrivalWallMs } = incoming;
  const headers = (contentType: string): readonly string[] =>
    answerHeaders(contentType, state.clock.wall.nowMs() - arrivalWallMs);
  return {
    start: mix32(state.config.seed) ^ state.answers.count++,
    organization,
    headers,
    error: (error) => {
      const body = isArrayStream(incoming) ? `[${errorBody(error)}]\n` : errorBody(error);
      return { status: error.status, headers: headers(jsonType), body, reason: error.code };
    },
    json: (body) => ({ status: 200, headers: headers(jsonType), body, reason: "" }),
  };
}

/** A stream that is one JSON array answers an error as an array of one ([recalled]; google-genai for Python unwraps it). */
function isArrayStream(incoming: Incoming): boolean {
  return incoming.path.endsWith(":streamGenerateContent") && framingOf(incoming) === "array";
}

/** The key of a request, empty when it has none: in a header, or in the query as gateways and scripts send it. */
export function apiKeyOf(incoming: Incoming): string {
  const key = incoming.request.headers["x-goog-api-key"];
  return typeof key === "string" && key !== "" ? key : (queryOf(incoming).get("key") ?? "");
}
