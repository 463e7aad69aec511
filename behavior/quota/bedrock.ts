/**
 * Amazon Bedrock's limiter.
 *
 * Rules and where they come from (page = docs.aws.amazon.com/bedrock/latest/userguide/quotas-token-burndown.html):
 * - Tokens per minute and per day, per account and model; an inference profile (`us.`, `eu.`, `global.`) has limits of its
 *   own. Input and output share them, and so do all operations (page; quotas-runtime.html). A limit on requests holds only
 *   where one is given: the current page lists none for new models.
 * - A call reserves its whole input, cached tokens included, and `max_tokens`; without `max_tokens` the longest answer that
 *   its model can give (page; aws/agent-toolkit-for-aws, references/quota-health.md).
 * - At its end it is charged for input that was not read from the cache, and for output times the burndown rate of its model;
 *   the rest of the reservation is given back (page). A short reservation leaves a debt that later calls wait for.
 * - The page speaks of corrections in between, without a rule for them: not modelled.
 * - Some reports have the reservation multiplied, too; the page does not: `reservesBurndown`.
 * - Windows are not published: taken as continuously refilled. Refused calls count nowhere.
 */
import type { ModelSpec } from "../../core/scenario/provider-spec.ts";
import { dayMs, minuteMs, type Ms } from "../../core/time.ts";
import { bedrockModelFacts } from "./bedrock-models.ts";
import {
  type Counter,
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

export interface BedrockQuotaOptions {
  /** Enforce limits per minute (or shorter) in slices of this length; 0: the whole limit may be used in one burst. */
  readonly sliceMs: Ms;
  /** Whether the burndown rate applies to the reservation, too. Not as documented. */
  readonly reservesBurndown?: boolean;
}

/** What refusals call limits; `too many tokens per day` is told apart from `too many tokens`. */
export const bedrockLabels = { requests: "requests", tokens: "tokens", perDay: "tokens per day" } as const;

/** One account's limits: per model, a project's on top. */
export function bedrockQuota({ sliceMs, reservesBurndown = false }: BedrockQuotaOptions): Quota {
  const countersOf = sharedCounters(sliceMs);
  return (account, model) => {
    const rates: Rates = { ...bedrockModelFacts(model.model), reservesBurndown };
    const scopes = scopesOf(account, model.limitFamily ?? model.model, modelLimits(model));
    return limiter(
      scopes.flatMap(({ owner, limits }) => countersOf(owner, limits)),
      rates,
    );
  };
}

function modelLimits(model: ModelSpec): readonly Limit[] {
  const limits: Limit[] = [];
  const add = (dimension: Limit["dimension"], amount: number | undefined, perMs: Ms, label: string): void => {
    if (amount !== undefined) limits.push({ dimension, amount, perMs, label });
  };
  add("requests", model.requestsPerMinute, minuteMs, bedrockLabels.requests);
  add("requests", model.requestsPerDay, dayMs, bedrockLabels.requests);
  add("tokens", model.tokensPerMinute, minuteMs, bedrockLabels.tokens);
  add("tokens", model.tokensPerDay, dayMs, bedrockLabels.perDay);
  return limits;
}

/** How a model's tokens are counted. */
interface Rates {
  readonly outputTokensMax: number;
  readonly burndown: number;
  readonly reservesBurndown: boolean;
}

/** Limits on input or output alone are those of another endpoint (`bedrock-mantle`) and not looked at. */
function limiter(all: readonly Counter[], rates: Rates): Limiter {
  const requestCounters = all.filter(({ limit }) => limit.dimension === "requests");
  const tokenCounters = all.filter(({ limit }) => limit.dimension === "tokens");
  const counters = [...requestCounters, ...tokenCounters];
  const tokensPerMinute = tokenCounters.filter(({ limit }) => limit.perMs <= minuteMs);

  const admit = (nowMs: Ms, ask: QuotaAsk): Admission => {
    const reserved = reservation(ask, rates);
    const hopeless = firstTooSmall(tokenCounters, reserved);
    if (hopeless !== undefined) return tooLarge(hopeless, reserved, labelOf(hopeless));
    const spent = lastToHaveRoom(counters, nowMs, costOf, reserved);
    if (spent !== undefined) {
      return overrun(spent, {
        label: labelOf(spent),
        used: spent.bucket.used(nowMs),
        requested: costOf(spent, reserved),
        retryAfterMs: msUntilAllHaveRoom(counters, nowMs, costOf, reserved),
      });
    }
    const utilization = Math.min(1, shareInUse(tokensPerMinute, nowMs));
    for (const counter of counters) counter.bucket.spend(nowMs, costOf(counter, reserved));
    return { kind: "admitted", chargedTokens: reserved, utilization };
  };

  return {
    admit,
    settle: (nowMs, reserved, ask, usage) => {
      const owed = ask.inputTokens - ask.cachedTokens + usage.outputTokens * rates.burndown;
      for (const { bucket } of tokenCounters) bucket.correct(nowMs, owed - reserved);
    },
    snapshot: (nowMs) => ({ requests: scarcest(requestCounters, nowMs), tokens: scarcest(tokenCounters, nowMs) }),
    scale: (nowMs, factor) => scaleAll(counters, nowMs, factor),
    perMinute: { requests: lowestPerMinute(requestCounters), tokens: lowestPerMinute(tokenCounters) },
  };
}

/** Tokens that a call takes from the limits before anything is generated. */
function reservation({ inputTokens, maxOutputTokens }: QuotaAsk, rates: Rates): number {
  const outputTokens = maxOutputTokens ?? rates.outputTokensMax;
  return inputTokens + (rates.reservesBurndown ? outputTokens * rates.burndown : outputTokens);
}

/** By what it counts, because limits of a key are labelled as its configuration likes. */
function labelOf({ limit: { dimension, perMs } }: Counter): string {
  if (dimension === "requests") return bedrockLabels.requests;
  return perMs >= dayMs ? bedrockLabels.perDay : bedrockLabels.tokens;
}

function costOf({ limit }: Counter, reserved: number): number {
  return limit.dimension === "requests" ? 1 : reserved;
}
