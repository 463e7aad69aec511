/**
 * The Gemini API's limiter.
 *
 * Rules and where they come from (guide = ai.google.dev/gemini-api/docs/rate-limits):
 * - Requests per minute, input tokens per minute and requests per day, per project and per model; whichever is hit first
 *   refuses (guide). Output is not limited. Cached tokens count like all others (ai.google.dev, "context caching", rate limits).
 * - A prompt is charged at admission and never settled: how long it is, is known. A prompt that turns out too long for its model
 *   is charged all the same (google-gemini/gemini-cli #15184).
 * - Minutes are those of the clock: refusals on a limit of 0, which no refill could ever mend, name waits such as 45.6 s
 *   (continuedev/continue #9570); waits on limits above 0 look alike (#10921: 33.8 s).
 * - Days end at midnight Pacific time (guide). Scenario time has no date, so `startTimeOfDayMs` says which time of day it is in
 *   California when it starts. Every day has 24 hours: the two days a year on which clocks change are not modelled.
 * - Refused calls count nowhere: nothing is published about them.
 * - A key's own limits, which Google does not have, are counted over periods that begin with the first call in them.
 *
 * Limits are labelled with the `quotaId` of refusals: bodies quoted in public issues, those of the paid tiers.
 */
import type { ModelSpec } from "../../core/scenario/provider-spec.ts";
import { dayMs, minuteMs, type Ms } from "../../core/time.ts";
import { CalendarWindow } from "./calendar-window.ts";
import {
  type Counter,
  counterOf,
  firstTooSmall,
  lastToHaveRoom,
  lowestPerMinute,
  type Meter,
  msUntilAllHaveRoom,
  scaleAll,
  scarcest,
  shareInUse,
} from "./counters.ts";
import { FixedWindow } from "./fixed-window.ts";
import type { Admission, Limit, Limiter, Quota, QuotaAsk } from "./quota.ts";
import { overrun, tooLarge } from "./refusals.ts";
import { scopesOf } from "./scopes.ts";

export interface GeminiQuotaOptions {
  /** Time since midnight in California at scenario time 0. Minutes begin accordingly. */
  readonly startTimeOfDayMs: Ms;
}

/** What refusals call the limits of a paid tier (continuedev/continue #10921; public error texts). */
export const geminiQuotaIds = {
  requestsPerMinute: "GenerateRequestsPerMinutePerProjectPerModel",
  requestsPerDay: "GenerateRequestsPerDayPerProjectPerModel",
  inputTokensPerMinute: "GenerateContentPaidTierInputTokensPerModelPerMinute",
  /** Of no published tier; a configuration may name it all the same. */
  inputTokensPerDay: "GenerateContentPaidTierInputTokensPerModelPerDay",
} as const;

/** One service's limits, shared by all keys of a project. */
export function geminiQuota({ startTimeOfDayMs }: GeminiQuotaOptions): Quota {
  const counters = sharedMeters();
  const onTheClock = ({ amount, perMs }: Limit): Meter =>
    new CalendarWindow({ amount, perMs, startMs: startTimeOfDayMs });
  const fromFirstCall = ({ amount, perMs }: Limit): Meter => new FixedWindow({ amount, perMs, slices: 1 });
  return (account, model) => {
    const meterOf = account.limits === undefined ? onTheClock : fromFirstCall;
    // Limits are per project: keys without one share one.
    const owned = { ...account, organization: JSON.stringify([account.organization, account.project ?? ""]) };
    const scopes = scopesOf(owned, model.limitFamily ?? model.model, modelLimits(model));
    return limiter(scopes.flatMap(({ owner, limits }) => counters(owner, limits, meterOf)));
  };
}

function modelLimits(model: ModelSpec): readonly Limit[] {
  const limits: Limit[] = [];
  const add = (dimension: Limit["dimension"], amount: number | undefined, perMs: Ms, label: string): void => {
    if (amount !== undefined) limits.push({ dimension, amount, perMs, label });
  };
  add("requests", model.requestsPerMinute, minuteMs, geminiQuotaIds.requestsPerMinute);
  add("requests", model.requestsPerDay, dayMs, geminiQuotaIds.requestsPerDay);
  const inputTokensPerMinute = model.inputTokensPerMinute ?? model.tokensPerMinute;
  add("inputTokens", inputTokensPerMinute, minuteMs, geminiQuotaIds.inputTokensPerMinute);
  add("inputTokens", model.tokensPerDay, dayMs, geminiQuotaIds.inputTokensPerDay);
  return limits;
}

type MetersOf = (
  owner: readonly string[],
  limits: readonly Limit[],
  meterOf: (limit: Limit) => Meter,
) => readonly Counter<Meter>[];

/** Hands the same counters to everybody who names the same owner; the first one's limits count. */
function sharedMeters(): MetersOf {
  const byOwner = new Map<string, readonly Counter<Meter>[]>();
  return (owner, limits, meterOf) => {
    const name = JSON.stringify(owner);
    const counters = byOwner.get(name) ?? limits.map((limit) => counterOf(limit, meterOf(limit)));
    byOwner.set(name, counters);
    return counters;
  };
}

/** Limits on output, which Google does not have, are not looked at; one on tokens means the prompt's. */
function limiter(all: readonly Counter<Meter>[]): Limiter {
  const requestCounters = all.filter(({ limit }) => limit.dimension === "requests");
  const tokenCounters = all.filter(({ limit }) => limit.dimension === "inputTokens" || limit.dimension === "tokens");
  const counters = [...requestCounters, ...tokenCounters];
  const tokensPerMinute = tokenCounters.filter(({ limit }) => limit.perMs <= minuteMs);

  const admit = (nowMs: Ms, { inputTokens }: QuotaAsk): Admission => {
    const hopeless = firstTooSmall(tokenCounters, inputTokens);
    if (hopeless !== undefined) return tooLarge(hopeless, inputTokens);
    const spent = lastToHaveRoom(counters, nowMs, costOf, inputTokens);
    if (spent !== undefined) {
      return overrun(spent, {
        used: spent.bucket.used(nowMs),
        requested: costOf(spent, inputTokens),
        retryAfterMs: msUntilAllHaveRoom(counters, nowMs, costOf, inputTokens),
      });
    }
    const utilization = shareInUse(tokensPerMinute, nowMs);
    for (const counter of counters) counter.bucket.spend(nowMs, costOf(counter, inputTokens));
    return { kind: "admitted", chargedTokens: inputTokens, utilization };
  };

  return {
    admit,
    settle: () => undefined,
    snapshot: (nowMs) => ({
      requests: scarcest(requestCounters, nowMs),
      tokens: undefined,
      inputTokens: scarcest(tokenCounters, nowMs),
    }),
    scale: (nowMs, factor) => scaleAll(counters, nowMs, factor),
    perMinute: { requests: lowestPerMinute(requestCounters), tokens: lowestPerMinute(tokenCounters) },
  };
}

function costOf({ limit }: Counter<Meter>, inputTokens: number): number {
  return limit.dimension === "requests" ? 1 : inputTokens;
}
