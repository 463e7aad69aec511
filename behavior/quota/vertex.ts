/**
 * Vertex AI's limiter: purchased throughput first, then the pool that all customers share.
 *
 * Rules and where they come from (PT page = docs.cloud.google.com/vertex-ai/generative-ai/docs/use-provisioned-throughput;
 * 429 page = cloud.google.com/vertex-ai/generative-ai/docs/error-code-429):
 * - Pay-as-you-go has no number per customer (dynamic shared quota): calls are refused whenever the shared pool is short, also
 *   those of customers who use next to nothing (429 page). When it is short is configured, see `SharedPool`; without, never.
 *   Limits that a configuration names all the same are kept as the Gemini API keeps its own.
 * - Provisioned Throughput is a number of tokens per window of the service's clock: scale units (GSUs) times tokens per second
 *   and unit times the window's length, "up to 30 seconds" (PT page, example: 3,360 tokens per second, 100,800 in 30 s).
 *   Windows that depend on model and units, as newer versions of that page mention, are not modelled.
 * - A call is charged at admission with its prompt and an estimate of its answer, and with what it really used at its end: the
 *   difference is added to what is available then (PT page). The estimate is not published; it is `maxOutputTokens` here, and
 *   nothing without it.
 * - What does not fit goes to pay-as-you-go, unless the request says `X-Vertex-AI-LLM-Request-Type: dedicated`, which is then
 *   refused; `shared` leaves purchased throughput alone (PT page).
 */
import { invalidInput } from "../../core/errors.ts";
import type { RandomStream } from "../../core/random.ts";
import type { ModelSpec, SharedPoolSpec } from "../../core/scenario/provider-spec.ts";
import { minuteMs, type Ms, secondMs } from "../../core/time.ts";
import { CalendarWindow } from "./calendar-window.ts";
import { geminiQuota } from "./gemini.ts";
import type { Admission, Limiter, Quota, QuotaAsk, QuotaRefusal } from "./quota.ts";
import { SharedPool } from "./shared-pool.ts";

export interface VertexQuotaOptions {
  /** Names the shortages of each model's pool. */
  readonly random: RandomStream;
  /** undefined: the pool is never short. */
  readonly sharedPool: SharedPoolSpec | undefined;
  /** Time since midnight in California at scenario time 0, for limits per day. */
  readonly startTimeOfDayMs: Ms;
}

/** What refusals are labelled with. */
export const vertexLabels = { sharedPool: "shared pool", provisionedThroughput: "Provisioned Throughput" } as const;

/** Length of the windows in which purchased throughput is counted (PT page, see above). */
export const provisionedWindowMs: Ms = 30 * secondMs;

export function vertexQuota({ random, sharedPool, startTimeOfDayMs }: VertexQuotaOptions): Quota {
  const named = geminiQuota({ startTimeOfDayMs });
  const pools = new Map<string, SharedPool>();
  const purchases = new Map<string, Purchase>();
  return (account, model) => {
    const family = model.limitFamily ?? model.model;
    const pool =
      sharedPool === undefined
        ? undefined
        : once(pools, family, () => new SharedPool(sharedPool, random.split(family)));
    const onDemand = shared(named(account, model), pool);
    const units = model.provisionedUnits;
    if (units === undefined || account.limits !== undefined) return withoutPurchase(onDemand);
    const owner = JSON.stringify([account.organization, account.project ?? "", family]);
    return withPurchase(
      onDemand,
      once(purchases, owner, () => purchaseOf(model, units)),
    );
  };
}

function once<Value>(known: Map<string, Value>, name: string, make: () => Value): Value {
  const value = known.get(name) ?? make();
  known.set(name, value);
  return value;
}

/** Pay-as-you-go: refused while the pool is short, otherwise as the named limits say. */
function shared(named: Limiter, pool: SharedPool | undefined): Limiter {
  if (pool === undefined) return named;
  return {
    ...named,
    admit: (nowMs, ask) => {
      const retryAfterMs = pool.msUntilPlenty(nowMs);
      if (retryAfterMs === 0) return named.admit(nowMs, ask);
      const { sharedPool: label } = vertexLabels;
      return refused({
        kind: "rate-limit",
        dimension: "requests",
        label,
        limit: 0,
        used: 0,
        requested: 1,
        retryAfterMs,
      });
    },
  };
}

/** Nothing was purchased: a call that insists on it never passes. */
function withoutPurchase(onDemand: Limiter): Limiter {
  return {
    ...onDemand,
    admit: (nowMs, ask) =>
      ask.capacity === "provisioned" ? refused(tooLarge(0, 1)) : labelled(onDemand.admit(nowMs, ask), "on-demand"),
  };
}

/** Calls on pay-as-you-go charge nothing that `settle` would have to correct: 0 tells the two kinds apart. */
function withPurchase(onDemand: Limiter, { amount, window, rates }: Purchase): Limiter {
  const admit = (nowMs: Ms, ask: QuotaAsk): Admission => {
    const chargedTokens = burned(rates, ask, ask.maxOutputTokens ?? 0);
    const fits = chargedTokens <= amount && window.msUntilFits(nowMs, chargedTokens) === 0;
    if (ask.capacity !== "on-demand" && fits) {
      const utilization = window.used(nowMs) / amount;
      window.spend(nowMs, chargedTokens);
      return { kind: "admitted", chargedTokens, utilization, capacity: "provisioned" };
    }
    if (ask.capacity !== "provisioned") {
      const admission = labelled(onDemand.admit(nowMs, ask), "on-demand");
      return admission.kind === "admitted" ? { ...admission, chargedTokens: 0 } : admission;
    }
    if (chargedTokens > amount) return refused(tooLarge(amount, chargedTokens));
    return refused({
      kind: "rate-limit",
      dimension: "tokens",
      label: vertexLabels.provisionedThroughput,
      limit: amount,
      used: window.used(nowMs),
      requested: chargedTokens,
      retryAfterMs: window.msUntilFits(nowMs, chargedTokens),
    });
  };
  return {
    admit,
    settle: (nowMs, chargedTokens, ask, usage) => {
      if (chargedTokens > 0) window.correct(nowMs, burned(rates, ask, usage.outputTokens) - chargedTokens);
    },
    snapshot: (nowMs) => ({
      ...onDemand.snapshot(nowMs),
      tokens: {
        limit: amount,
        remaining: Math.max(0, amount - window.used(nowMs)),
        resetMs: window.msUntilWhole(nowMs),
      },
    }),
    scale: onDemand.scale,
    perMinute: { requests: onDemand.perMinute.requests, tokens: (amount * minuteMs) / provisionedWindowMs },
  };
}

function labelled(admission: Admission, capacity: "on-demand"): Admission {
  return admission.kind === "admitted" ? { ...admission, capacity } : admission;
}

function refused(refusal: QuotaRefusal): Admission {
  return { kind: "refused", refusal };
}

function tooLarge(limit: number, requested: number): QuotaRefusal {
  return { kind: "request-too-large", label: vertexLabels.provisionedThroughput, limit, requested };
}

/** Purchased throughput for one model, shared by all keys of a project. */
interface Purchase {
  /** Weighted tokens per window, whole. */
  readonly amount: number;
  readonly window: CalendarWindow;
  readonly rates: BurndownRates;
}

interface BurndownRates {
  /** Weighted tokens per second that one scale unit buys. */
  readonly tokensPerSecond: number;
  /** What a token of each kind counts. */
  readonly weights: Weights;
  /** For prompts of more than 200,000 tokens, where they differ. */
  readonly longPrompt?: Weights;
}

type Weights = readonly [input: number, cached: number, output: number];

/** Prompts above it are long. */
const longPromptTokens = 200_000;

const sonnet: BurndownRates = { tokensPerSecond: 350, weights: [1, 0.1, 5] };
const opus: BurndownRates = { tokensPerSecond: 210, weights: [1, 0.1, 5] };

/**
 * Supported-models page of Provisioned Throughput, read after 2026-06. Cached tokens of Gemini 2.5 are not listed there and
 * count in full here.
 */
const burndownRates: Readonly<Record<string, BurndownRates>> = {
  "gemini-3.6-flash": { tokensPerSecond: 675, weights: [1, 0.1, 5] },
  "gemini-3.5-flash": { tokensPerSecond: 675, weights: [1, 0.1, 6] },
  "gemini-3.1-pro-preview": { tokensPerSecond: 500, weights: [1, 0.1, 6], longPrompt: [2, 0.2, 9] },
  "gemini-3.1-flash-lite": { tokensPerSecond: 4_030, weights: [1, 0.1, 6] },
  "gemini-3-flash-preview": { tokensPerSecond: 2_015, weights: [1, 0.1, 6] },
  "gemini-2.5-pro": { tokensPerSecond: 650, weights: [1, 1, 8], longPrompt: [2, 2, 12] },
  "gemini-2.5-flash": { tokensPerSecond: 2_690, weights: [1, 1, 9] },
  "gemini-2.5-flash-lite": { tokensPerSecond: 8_070, weights: [1, 1, 4] },
  "claude-sonnet-5": sonnet,
  "claude-sonnet-4-6": sonnet,
  "claude-opus-4-8": opus,
  "claude-opus-4-6": opus,
};

/** Models whose throughput per scale unit is known. */
export const provisionedModels: readonly string[] = Object.keys(burndownRates);

/** Throws invalid input for a model whose rates are not known. */
function purchaseOf({ model }: ModelSpec, units: number): Purchase {
  const rates = Object.hasOwn(burndownRates, model) ? burndownRates[model] : undefined;
  if (rates === undefined) {
    const allowed = provisionedModels.join(", ");
    throw invalidInput(`no throughput per scale unit is known for ${model} on Vertex AI; allowed are ${allowed}`, {
      code: "unknown-provisioned-throughput",
      hint: "leave its provisioned units out, or use one of these models",
    });
  }
  const amount = Math.floor((units * rates.tokensPerSecond * provisionedWindowMs) / secondMs);
  return { amount, window: new CalendarWindow({ amount, perMs: provisionedWindowMs, startMs: 0 }), rates };
}

/** Weighted tokens of a call, rounded up to a whole one. */
function burned(
  { weights, longPrompt }: BurndownRates,
  { inputTokens, cachedTokens }: QuotaAsk,
  outputTokens: number,
): number {
  const [input, cached, output] = inputTokens > longPromptTokens ? (longPrompt ?? weights) : weights;
  return Math.max(1, Math.ceil((inputTokens - cachedTokens) * input + cachedTokens * cached + outputTokens * output));
}
