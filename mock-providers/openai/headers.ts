/**
 * The headers that OpenAI sends (developers.openai.com, guides/rate-limits and API reference "debugging requests").
 *
 * The limits are the state of the very limiter that decides, so `remaining` is never a decoration. Limits and what remains are
 * in the units of the limit; times to reset and to retry are for clients, so they are wall time, which at time scale 10 is a
 * tenth of the scenario's.
 */
import type { LimitState, QuotaSnapshot } from "../../behavior/provider.ts";
import { formatGoDuration, type Ms, secondMs } from "../../core/time.ts";
import type { ScenarioClock } from "../clock.ts";

export interface HeaderFacts {
  readonly contentType: string;
  /** `req_` and 32 hexadecimal digits. */
  readonly requestId: string;
  /** Empty for a key that is not known: then the service does not say whose it is. */
  readonly organization: string;
  readonly arrivalWallMs: number;
  readonly quota: QuotaSnapshot;
  readonly clock: ScenarioClock;
}

export const jsonType = "application/json";
export const eventStreamType = "text/event-stream; charset=utf-8";

/** Names and values in turn. A dimension without a limit has no headers. */
export function answerHeaders(facts: HeaderFacts): string[] {
  const headers = [
    "content-type",
    facts.contentType,
    "x-request-id",
    facts.requestId,
    "openai-processing-ms",
    String(Math.round(facts.clock.wall.nowMs() - facts.arrivalWallMs)),
    "openai-version",
    "2020-10-01",
  ];
  if (facts.organization !== "") headers.push("openai-organization", facts.organization);
  const { requests, tokens, projectTokens } = facts.quota;
  if (requests !== undefined) pushLimit(headers, requestHeaders, requests, facts.clock);
  if (tokens !== undefined) pushLimit(headers, tokenHeaders, tokens, facts.clock);
  if (projectTokens !== undefined) pushLimit(headers, projectTokenHeaders, projectTokens, facts.clock);
  return headers;
}

interface LimitHeaderNames {
  readonly limit: string;
  readonly remaining: string;
  readonly reset: string;
}

const requestHeaders = limitHeaderNames("requests");
const tokenHeaders = limitHeaderNames("tokens");
/** As parsers of headers know them since the guide of 2026-06-26 lists more. */
const projectTokenHeaders = limitHeaderNames("project-tokens");

function limitHeaderNames(dimension: string): LimitHeaderNames {
  const name = (part: string): string => `x-ratelimit-${part}-${dimension}`;
  return { limit: name("limit"), remaining: name("remaining"), reset: name("reset") };
}

function pushLimit(headers: string[], names: LimitHeaderNames, state: LimitState, clock: ScenarioClock): void {
  headers.push(
    names.limit,
    String(state.limit),
    names.remaining,
    String(state.remaining),
    names.reset,
    formatGoDuration(clock.toWallMs(state.resetMs)),
  );
}

/**
 * When to come back. The SDK prefers `retry-after-ms` (openai 7.55.0, client.ts); whoever reads seconds only waits a little
 * longer, never shorter. At least 1 ms: a zero makes the SDK try again at once.
 */
export function retryHeaders(retryAfterMs: Ms): readonly string[] {
  const wholeMs = Math.max(1, Math.ceil(retryAfterMs));
  return ["retry-after-ms", String(wholeMs), "retry-after", String(Math.ceil(wholeMs / secondMs))];
}
