/**
 * OpenAI's limiter.
 *
 * Rules and where they come from (guide = developers.openai.com/api/docs/guides/rate-limits):
 * - Requests and tokens, each per minute and per day, per organization and per project, per model or family of models that
 *   share their limits; whichever is hit first refuses (guide).
 * - A call is charged once, at admission: 1 request, and as tokens the larger (not the sum) of `max_tokens` and an
 *   estimate from the number of characters (guide, "reduce max_tokens"). Nothing is settled afterwards. A response recorded on
 *   2026-01-05 agrees (865 characters, max_output_tokens 200: 220 tokens taken); one of 2025-01-10 (the Quarkus LangChain4j
 *   workshop, max_tokens 1,000: 1,287 taken) looks like a sum, so that the rule may have changed since.
 * - Four characters per token: OpenAI's rule of thumb for English (help.openai.com, "What are tokens"), and what the former
 *   of these two comes to. The limiter's own divisor is not published.
 * - Refill is continuous, and the reset is the time until the limit is whole: the guide's sample (60 requests per minute,
 *   remaining 59, reset 1 s) and recorded responses (10,000 tokens per minute, remaining 9,481, reset 3.114 s: Kong's article on
 *   semantic caching, 2025-01-04).
 * - Where requests are limited per minute and per day, headers speak of the day: gpt-4o-mini, then limited to 500 per minute and
 *   10,000 per day, said 10,000, remaining 9,999, reset 8.64 s (igorstechnoclub.com, 2024-12-25). Taken here as: of several limits
 *   the one that refills slowest.
 * - Unsuccessful requests count against the limit per minute, so sending again and again does not help (guide). A
 *   refused call takes one request of what is left, so it postpones the next success but never builds up a debt.
 * - A limit per minute may be enforced in shorter slices, 60,000 per minute as 1,000 per second (help.openai.com, "best
 *   practices for managing my rate limits").
 * - A single call above a token limit can never pass: "Request too large" (public error texts, vanderschaarlab/climb #1).
 */
import type { AccelerationSpec, ModelSpec } from "../../core/scenario/provider-spec.ts";
import { dayMs, minuteMs, type Ms } from "../../core/time.ts";
import { sharedRamps } from "./acceleration.ts";
import {
  type Counter,
  givenLimits,
  firstTooSmall,
  lastToHaveRoom,
  lowestPerMinute,
  msUntilAllHaveRoom,
  scaleAll,
  scarcest,
  shareInUse,
  sharedCounters,
} from "./counters.ts";
import type { Admission, Limit, Limiter, Quota, QuotaAsk } from "./quota.ts";
import { overrun, tooLarge } from "./refusals.ts";
import { scopesOf } from "./scopes.ts";

export interface OpenAiQuotaOptions {
  /** Enforce limits per minute (or shorter) in slices of this length; 0: the whole limit may be used in one burst. */
  readonly sliceMs: Ms;
  /** Whether a refused call takes a request from the limits per minute. OpenAI documents that it does. */
  readonly refusedCallsCount?: boolean;
  /** Refuses growth that is too fast; undefined: never. */
  readonly acceleration?: AccelerationSpec | undefined;
}

/** OpenAI's rule of thumb; see above. */
const charactersPerToken = 4;

/** Tokens that a call takes from the limits, decided before anything is generated. */
export function tokenCharge(ask: Pick<QuotaAsk, "promptCharacters" | "maxOutputTokens">): number {
  return Math.max(ask.maxOutputTokens ?? 0, Math.ceil(ask.promptCharacters / charactersPerToken));
}

/** The limits of a model, worded as in OpenAI's own messages. */
function modelLimits(model: ModelSpec): readonly Limit[] {
  return givenLimits([
    ["requests", model.requestsPerMinute, minuteMs, "requests per min (RPM)"],
    ["requests", model.requestsPerDay, dayMs, "requests per day (RPD)"],
    ["tokens", model.tokensPerMinute, minuteMs, "tokens per min (TPM)"],
    ["tokens", model.tokensPerDay, dayMs, "tokens per day (TPD)"],
  ]);
}

/** One provider's limits, shared by everybody who shares an organization, a project or a key. */
export function openAiQuota(options: OpenAiQuotaOptions): Quota {
  const countersOf = sharedCounters(options.sliceMs);
  const rampsOf = sharedRamps(options.acceleration);
  return (account, model) => {
    const family = model.limitFamily ?? model.model;
    const scopes = scopesOf(account, family, modelLimits(model));
    const counters = scopes.map(({ owner, limits }) => countersOf(owner, limits));
    const ramps = account.limits === undefined ? rampsOf([account.organization, family], "tokens") : [];
    return limiter(counters, ramps, options.refusedCallsCount ?? true);
  };
}

/** `scopes`: the counters of each owner. */
function limiter(
  scopes: readonly (readonly Counter[])[],
  ramps: readonly Counter[],
  refusedCallsCount: boolean,
): Limiter {
  const counters = scopes.flat();
  const gates = [...counters, ...ramps];
  const requestCounters = counters.filter((counter) => counter.limit.dimension === "requests");
  const tokenCounters = counters.filter((counter) => counter.limit.dimension === "tokens");
  const countingTokens = [...tokenCounters, ...ramps];
  const countingRefusals = requestCounters.filter((counter) => refusedCallsCount && counter.limit.perMs <= minuteMs);
  const tokensPerMinute = tokenCounters.filter((counter) => counter.limit.perMs <= minuteMs);
  const shownRequests = scopes.flatMap((own) => slowest(own.filter((counter) => requestCounters.includes(counter))));
  const shownTokens = scopes.flatMap((own) => slowest(own.filter((counter) => tokenCounters.includes(counter))));

  const projectTokens = slowest(tokenCounters.filter((counter) => counter.limit.scope === "project"));

  const countRefusal = (nowMs: Ms): void => {
    for (const { bucket } of countingRefusals) bucket.take(nowMs, 1);
  };

  const admit = (nowMs: Ms, ask: QuotaAsk): Admission => {
    const chargedTokens = tokenCharge(ask);
    const hopeless = firstTooSmall(tokenCounters, chargedTokens);
    if (hopeless !== undefined) {
      countRefusal(nowMs);
      return tooLarge(hopeless, chargedTokens);
    }
    const spent = lastToHaveRoom(gates, nowMs, costOf, chargedTokens);
    if (spent !== undefined) {
      const used = spent.bucket.used(nowMs);
      countRefusal(nowMs);
      // Counting the refusal may have postponed the next success, so the wait is asked for after it.
      const retryAfterMs = msUntilAllHaveRoom(gates, nowMs, costOf, chargedTokens);
      return overrun(spent, { used, requested: costOf(spent, chargedTokens), retryAfterMs });
    }
    const utilization = shareInUse(tokensPerMinute, nowMs);
    for (const { bucket } of requestCounters) bucket.spend(nowMs, 1);
    for (const { bucket } of countingTokens) bucket.spend(nowMs, chargedTokens);
    return { kind: "admitted", chargedTokens, utilization };
  };

  return {
    admit,
    settle: () => undefined,
    snapshot: (nowMs) => {
      const shown = { requests: scarcest(shownRequests, nowMs), tokens: scarcest(shownTokens, nowMs) };
      return projectTokens.length === 0 ? shown : { ...shown, projectTokens: scarcest(projectTokens, nowMs) };
    },
    scale: (nowMs, factor) => scaleAll(counters, nowMs, factor),
    perMinute: { requests: lowestPerMinute(requestCounters), tokens: lowestPerMinute(tokenCounters) },
  };
}

function costOf(counter: Counter, chargedTokens: number): number {
  return counter.limit.dimension === "requests" ? 1 : chargedTokens;
}

/** The limits of one owner that headers speak of: those that refill slowest. Of several owners, the one with least left. */
function slowest(counters: readonly Counter[]): readonly Counter[] {
  const rate = ({ limit }: Counter): number => limit.amount / limit.perMs;
  const lowest = Math.min(...counters.map(rate));
  return counters.filter((counter) => rate(counter) === lowest);
}
