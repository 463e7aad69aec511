/** Everything that Azure's answers to one request have in common: keys, ids, headers, errors. */
import type { QuotaSnapshot } from "../../behavior/provider.ts";
import type { Incoming } from "../dialect.ts";
import { jsonType } from "../openai/headers.ts";
import { answerIds, apiKeyOf as bearerKeyOf, type Reply } from "../openai/reply.ts";
import { type AzureError, errorBody } from "./errors.ts";
import { answerHeaders, retryHeaders } from "./headers.ts";
import { gatewayRequestId, requestId } from "./ids.ts";

/** Longer ids of clients are not sent back. */
const clientRequestIdCharactersMax = 128;

/** `organization`: empty when the key is not known. */
export function replyTo(incoming: Incoming, organization: string): Reply {
  const { clock } = incoming.state;
  const ids = answerIds(incoming);
  const headers = (contentType: string, quota: QuotaSnapshot): string[] =>
    answerHeaders({
      contentType,
      gatewayRequestId: gatewayRequestId(ids.start),
      requestId: requestId(ids.start),
      clientRequestId: headerOf(incoming, "x-ms-client-request-id")?.slice(0, clientRequestIdCharactersMax),
      quota,
    });
  return {
    ...ids,
    organization,
    headers,
    error: (error: AzureError, quota) => ({
      status: error.status,
      headers: [...headers(jsonType, quota), ...retryHeaders(error, quota, clock)],
      body: errorBody(error),
      reason: error.code ?? error.type,
    }),
    json: (body, quota) => ({ status: 200, headers: headers(jsonType, quota), body, reason: "" }),
  };
}

/** The key of a request, empty when it has none: in a header of its own, or as a bearer token. */
export function apiKeyOf(incoming: Incoming): string {
  return headerOf(incoming, "api-key")?.trim() ?? bearerKeyOf(incoming);
}

function headerOf(incoming: Incoming, name: string): string | undefined {
  const value = incoming.request.headers[name];
  return typeof value === "string" ? value : undefined;
}
