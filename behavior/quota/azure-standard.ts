/**
 * Azure OpenAI's limiter of standard deployments (pay as you go).
 *
 * Rules and where they come from (quota page = MicrosoftDocs/azure-ai-docs, articles/ai-services/openai/how-to/quota.md):
 * - A deployment gets tokens per minute out of the quota of its subscription, region and model; its limit on requests follows from
 *   them by a ratio per model (quota page; tier tables read 2026-08-20).
 * - The management API lists the two as `rateLimits`: tokens with a renewal period of 60 s, requests with one of 10 or 60 s by model
 *   (sample answer in MicrosoftDocs' pages on model upgrades, gpt-35-turbo: 80,000 tokens, 80 requests per 10 s).
 * - A call is charged once, at admission, with an estimate: its prompt by number of characters, plus `max_tokens`, times the number
 *   of answers asked for (quota page). What it really used corrects nothing. Without `max_tokens` the prompt alone is
 *   taken here: an embedding recorded on 2025-05-20 left 349,994 of 350,000.
 * - The token counter is set back each minute; once it is used up, 429 until then (quota page).
 * - Requests are judged over short periods, "typically 1 or 10 seconds": 600 per minute are 10 per second (quota page). Taken here
 *   as the renewal period where that is 10 s, else as the shorter of the two in which a whole request is allowed.
 * - Headers speak of the renewal period: the recording above says 349 requests remaining of what are 2,100 per minute.
 * - A call that is larger than the whole limit is told to come back after a day (public error texts); refused calls count nowhere.
 */
import type { AccelerationSpec, ModelSpec } from "../../core/scenario/provider-spec.ts";
import { dayMs, minuteMs, type Ms, secondMs } from "../../core/time.ts";
import { sharedRamps } from "./acceleration.ts";
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

export interface AzureStandardQuotaOptions {
  /** Judge requests over periods of this length; 0: as Azure does, see above. */
  readonly sliceMs: Ms;
  /** Refuses growth that is too fast; undefined: never. */
  readonly acceleration?: AccelerationSpec | undefined;
}

/** Characters per token of the estimate: OpenAI's rule of thumb for English; Azure publishes none. */
const charactersPerToken = 4;

/** Tokens that a call takes from the limit. `maxOutputTokens` is that of all its answers together. */
export function azureTokenCharge(ask: Pick<QuotaAsk, "promptCharacters" | "maxOutputTokens">): number {
  return Math.ceil(ask.promptCharacters / charactersPerToken) + (ask.maxOutputTokens ?? 0);
}

/** Requests that come with 1,000 tokens per minute, and the period they are counted in. */
interface RequestRatio {
  readonly requestsPer1kTokens: number;
  readonly perMs: Ms;
}

const onePer10s: RequestRatio = { requestsPer1kTokens: 1, perMs: 10 * secondMs };
const tenPerMinute: RequestRatio = { requestsPer1kTokens: 10, perMs: minuteMs };
const onePerMinute: RequestRatio = { requestsPer1kTokens: 1, perMs: minuteMs };

/**
 * By model: "older chat models", o1, o3-mini and o3-pro from the quota page (2026-09-16), the others worked out from the tier
 * tables (MicrosoftDocs/azure-ai-docs, includes/quota-tier/tier-1.md, 2026-08-20; Global Standard where it differs).
 */
const requestRatios: Readonly<Record<string, RequestRatio>> = {
  "gpt-35-turbo": onePer10s,
  "gpt-4": onePer10s,
  "gpt-4o": onePer10s,
  "gpt-4o-mini": tenPerMinute,
  "gpt-5": tenPerMinute,
  "gpt-5.1": tenPerMinute,
  "gpt-5.2": tenPerMinute,
  "gpt-5.4": tenPerMinute,
  o1: { requestsPer1kTokens: 1 / 6, perMs: minuteMs },
  "o1-mini": { requestsPer1kTokens: 1 / 10, perMs: minuteMs },
  "o3-mini": { requestsPer1kTokens: 1 / 10, perMs: minuteMs },
  "o3-pro": { requestsPer1kTokens: 1 / 10, perMs: minuteMs },
  "text-embedding-ada-002": onePer10s,
  "text-embedding-3-small": onePer10s,
  "text-embedding-3-large": onePer10s,
};

/** gpt-4.1 and its small versions, gpt-5-mini, gpt-5-nano, gpt-5.5 and newer, o3, o4-mini: one request per 1,000 tokens. */
const usualRatio = onePerMinute;

/** Requests that a deployment may make, as they follow from its tokens per minute. At least 1. */
export function derivedRequestLimit(
  model: string,
  tokensPerMinute: number,
): { readonly amount: number; readonly perMs: Ms } {
  const ratio = Object.hasOwn(requestRatios, model) ? requestRatios[model] : undefined;
  const { requestsPer1kTokens, perMs } = ratio ?? usualRatio;
  return { amount: Math.max(1, Math.floor((tokensPerMinute * requestsPer1kTokens) / 1_000)), perMs };
}

const callRate = "call rate limit";
const tokenRate = "token rate limit";

/** One resource's limits: a deployment's are shared by all its keys, those of a project come on top. */
export function azureStandardQuota({ sliceMs, acceleration }: AzureStandardQuotaOptions): Quota {
  const windowsOf = sharedWindows(sliceMs);
  const rampsOf = sharedRamps(acceleration);
  return (account, model) => {
    const family = model.limitFamily ?? model.model;
    const scopes = scopesOf(account, family, deploymentLimits(model));
    const windows = scopes.flatMap(({ owner, limits }) => windowsOf(owner, limits));
    return limiter(windows, account.limits === undefined ? rampsOf([account.organization, family], "tokens") : []);
  };
}

/** Azure has no limits per day on standard deployments; those that a configuration names hold all the same. */
function deploymentLimits(model: ModelSpec): readonly Limit[] {
  const { requestsPerMinute, requestsPer10Seconds, requestsPerDay, tokensPerMinute, tokensPerDay } = model;
  const limits: Limit[] = [];
  if (requestsPer10Seconds !== undefined)
    limits.push({ dimension: "requests", amount: requestsPer10Seconds, perMs: 10 * secondMs, label: callRate });
  if (requestsPerMinute !== undefined) {
    limits.push({ dimension: "requests", amount: requestsPerMinute, perMs: minuteMs, label: callRate });
  } else if (tokensPerMinute !== undefined && requestsPer10Seconds === undefined) {
    limits.push({ dimension: "requests", ...derivedRequestLimit(model.model, tokensPerMinute), label: callRate });
  }
  if (requestsPerDay !== undefined)
    limits.push({ dimension: "requests", amount: requestsPerDay, perMs: dayMs, label: callRate });
  if (tokensPerMinute !== undefined)
    limits.push({ dimension: "tokens", amount: tokensPerMinute, perMs: minuteMs, label: tokenRate });
  if (tokensPerDay !== undefined)
    limits.push({ dimension: "tokens", amount: tokensPerDay, perMs: dayMs, label: tokenRate });
  return limits;
}

type WindowCounter = Counter<FixedWindow>;

/** Hands the same windows to everybody who names the same owner; the first one's limits count. */
function sharedWindows(sliceMs: Ms): (owner: readonly string[], limits: readonly Limit[]) => readonly WindowCounter[] {
  const byOwner = new Map<string, readonly WindowCounter[]>();
  return (owner, limits) => {
    const name = JSON.stringify(owner);
    const windows = byOwner.get(name) ?? limits.map((limit) => counterOf(limit, windowOf(limit, sliceMs)));
    byOwner.set(name, windows);
    return windows;
  };
}

function windowOf(limit: Limit, sliceMs: Ms): FixedWindow {
  const { amount, perMs } = limit;
  return new FixedWindow({ amount, perMs, slices: limit.dimension === "requests" ? slicesOf(limit, sliceMs) : 1 });
}

/** Only a minute is cut into slices: shorter periods are short enough, and a day's limit is no rate. */
function slicesOf({ amount, perMs }: Limit, sliceMs: Ms): number {
  if (perMs !== minuteMs) return 1;
  const lengths = sliceMs > 0 ? [sliceMs] : [secondMs, 10 * secondMs];
  return lengths.map((lengthMs) => Math.floor(perMs / lengthMs)).find((slices) => slices >= 1 && slices <= amount) ?? 1;
}

/** Azure counts input and output together; limits on either alone are another provider's. */
function limiter(all: readonly WindowCounter[], ramps: readonly Counter[]): Limiter {
  const requestWindows = all.filter(({ limit }) => limit.dimension === "requests");
  const tokenWindows = all.filter(({ limit }) => limit.dimension === "tokens");
  const windows = [...requestWindows, ...tokenWindows];
  const gates: readonly Counter<Meter>[] = [...windows, ...ramps];
  const tokensPerMinute = tokenWindows.filter(({ limit }) => limit.perMs <= minuteMs);

  const admit = (nowMs: Ms, ask: QuotaAsk): Admission => {
    const chargedTokens = azureTokenCharge(ask);
    const hopeless = firstTooSmall(tokenWindows, chargedTokens);
    if (hopeless !== undefined) return tooLarge(hopeless, chargedTokens);
    const spent = lastToHaveRoom(gates, nowMs, costOf, chargedTokens);
    if (spent !== undefined) {
      return overrun(spent, {
        used: spent.bucket.used(nowMs),
        requested: costOf(spent, chargedTokens),
        retryAfterMs: msUntilAllHaveRoom(gates, nowMs, costOf, chargedTokens),
      });
    }
    const utilization = shareInUse(tokensPerMinute, nowMs);
    for (const gate of gates) gate.bucket.spend(nowMs, costOf(gate, chargedTokens));
    return { kind: "admitted", chargedTokens, utilization };
  };

  return {
    admit,
    settle: () => undefined,
    snapshot: (nowMs) => ({ requests: scarcest(requestWindows, nowMs), tokens: scarcest(tokenWindows, nowMs) }),
    scale: (nowMs, factor) => scaleAll(windows, nowMs, factor),
    perMinute: { requests: lowestPerMinute(requestWindows), tokens: lowestPerMinute(tokenWindows) },
  };
}

function costOf({ limit }: Counter<Meter>, chargedTokens: number): number {
  return limit.dimension === "requests" ? 1 : chargedTokens;
}
