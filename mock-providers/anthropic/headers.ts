/**
 * Response headers (platform.claude.com/docs/en/api/rate-limits, "Response headers"): four families of three, in this order
 * requests, tokens, input tokens, output tokens. Remaining tokens are rounded to the nearest thousand; the reset is the
 * instant at which the limit is whole again, RFC 3339 in UTC, here rounded up to the second so that it is never too early.
 */
import type { LimitState, QuotaSnapshot } from "../../behavior/provider.ts";
import { type Ms, secondMs } from "../../core/time.ts";
import type { ScenarioClock } from "../clock.ts";

export interface HeaderFacts {
  readonly contentType: string;
  readonly requestId: string;
  /** Empty for a key that is not known. */
  readonly organization: string;
  readonly quota: QuotaSnapshot;
  readonly clock: ScenarioClock;
}

export const jsonType = "application/json";
export const eventStreamType = "text/event-stream; charset=utf-8";

/** Names and values in turn. A dimension without a limit has no headers. */
export function answerHeaders({ contentType, requestId, organization, quota, clock }: HeaderFacts): string[] {
  const headers = ["content-type", contentType, "request-id", requestId];
  if (organization !== "") headers.push("anthropic-organization-id", organization);
  const push = (names: LimitHeaderNames, state: LimitState | undefined, roundedTo: number): void => {
    if (state !== undefined) pushLimit(headers, names, state, roundedTo, clock);
  };
  push(requestHeaders, quota.requests, 1);
  push(tokenHeaders, quota.tokens, tokensRoundedTo);
  push(inputHeaders, quota.inputTokens, tokensRoundedTo);
  push(outputHeaders, quota.outputTokens, tokensRoundedTo);
  return headers;
}

const tokensRoundedTo = 1_000;

interface LimitHeaderNames {
  readonly limit: string;
  readonly remaining: string;
  readonly reset: string;
}

const requestHeaders = limitHeaderNames("requests");
const tokenHeaders = limitHeaderNames("tokens");
const inputHeaders = limitHeaderNames("input-tokens");
const outputHeaders = limitHeaderNames("output-tokens");

function limitHeaderNames(dimension: string): LimitHeaderNames {
  const name = (part: string): string => `anthropic-ratelimit-${dimension}-${part}`;
  return { limit: name("limit"), remaining: name("remaining"), reset: name("reset") };
}

function pushLimit(
  headers: string[],
  names: LimitHeaderNames,
  { limit, remaining, resetMs }: LimitState,
  roundedTo: number,
  clock: ScenarioClock,
): void {
  const rounded = Math.min(limit, Math.round(remaining / roundedTo) * roundedTo);
  const reset = rfc3339(clock.wall.epochMs() + clock.toWallMs(resetMs));
  headers.push(names.limit, String(limit), names.remaining, String(rounded), names.reset, reset);
}

function rfc3339(epochMs: number): string {
  return `${new Date(Math.ceil(epochMs / secondMs) * secondMs).toISOString().slice(0, 19)}Z`;
}

/** Whole seconds, rounded up; at least 1, because the SDK takes 0 for no advice (@anthropic-ai/sdk 1.11.0, client.ts). */
export function retryAfter(retryAfterMs: Ms): string {
  return String(Math.max(1, Math.ceil(retryAfterMs / secondMs)));
}
