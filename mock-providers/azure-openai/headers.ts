/**
 * The headers that Azure OpenAI sends: names as recorded from the service on 2023-06-24 and 2025-05-20, `-limit-` as newer
 * deployments have it (openai/openai-dotnet #838), utilization as Azure/azure-openai-benchmark reads it of provisioned ones.
 *
 * As at OpenAI, limits are the state of the very limiter that decides, and times are wall time.
 */
import type { LimitState, QuotaSnapshot } from "../../behavior/provider.ts";
import type { ScenarioClock } from "../clock.ts";
import { type AzureError, wholeSeconds } from "./errors.ts";

export interface HeaderFacts {
  readonly contentType: string;
  readonly gatewayRequestId: string;
  readonly requestId: string;
  /** As the client sent it; undefined when it did not. */
  readonly clientRequestId: string | undefined;
  readonly quota: QuotaSnapshot;
}

/** Every resource of the mock is there: one of Azure's largest regions. */
const region = "East US 2";

/** Build of the model server, in the form that it has. */
const modelSession = "d007-20261001000000";

/** Names and values in turn. A dimension without a limit has no headers; a provisioned deployment tells its utilization alone. */
export function answerHeaders(facts: HeaderFacts): string[] {
  const { quota } = facts;
  const headers = [
    "content-type",
    facts.contentType,
    "apim-request-id",
    facts.gatewayRequestId,
    "x-request-id",
    facts.requestId,
    "x-ms-client-request-id",
    facts.clientRequestId ?? facts.gatewayRequestId,
    "x-ms-region",
    region,
    "azureml-model-session",
    modelSession,
    "strict-transport-security",
    "max-age=31536000; includeSubDomains; preload",
    "x-content-type-options",
    "nosniff",
  ];
  if (quota.utilization !== undefined) {
    headers.push("azure-openai-deployment-utilization", `${(quota.utilization * 100).toFixed(1)}%`);
    return headers;
  }
  if (quota.requests !== undefined) pushLimit(headers, "requests", quota.requests);
  if (quota.tokens !== undefined) pushLimit(headers, "tokens", quota.tokens);
  return headers;
}

function pushLimit(headers: string[], dimension: "requests" | "tokens", { limit, remaining }: LimitState): void {
  headers.push(
    `x-ratelimit-limit-${dimension}`,
    String(limit),
    `x-ratelimit-remaining-${dimension}`,
    String(remaining),
  );
}

/**
 * When to come back: in whole seconds, at least one; in milliseconds too where the deployment is provisioned, which the SDK prefers
 * (openai 7.55.0, client.ts). The reset is that of the limit that was met (openai/openai-python #937).
 */
export function retryHeaders(error: AzureError, quota: QuotaSnapshot, clock: ScenarioClock): readonly string[] {
  const headers: string[] = [];
  const { retryAfterMs, retryInMs, resets } = error;
  if (retryAfterMs !== undefined) headers.push("retry-after", String(wholeSeconds(retryAfterMs)));
  if (retryAfterMs !== undefined && retryInMs)
    headers.push("retry-after-ms", String(Math.max(1, Math.ceil(retryAfterMs))));
  const state = resets === undefined ? undefined : quota[resets];
  if (state !== undefined)
    headers.push(`x-ratelimit-reset-${resets}`, String(Math.ceil(clock.toWallMs(state.resetMs) / 1_000)));
  return headers;
}
