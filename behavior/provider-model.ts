/**
 * A provider, put together from its parts.
 *
 * One call meets them in the order in which a hosted API has them:
 *
 *     connection fault ▸ key ▸ model ▸ credit ▸ limits ▸ context length ▸ answered fault ▸ latency
 *
 * A reset connection reaches nobody, so it is charged to nobody. Limits are kept in front of the model servers and go by an
 * estimate from characters, so a prompt that is too long and a call that an outage answers with 500 have used up quota by
 * then. The order of key, model and credit among themselves is not documented; nothing is charged before limits.
 */
import { invariant } from "../core/invariant.ts";
import type { RandomStream } from "../core/random.ts";
import type { ProviderLedger } from "../core/run.ts";
import type { Dialect, ModelSpec, ProviderSpec } from "../core/scenario/provider-spec.ts";
import type { Ms } from "../core/time.ts";
import { changedPlan } from "./changed-plan.ts";
import type { CombinedEffect } from "./faults/effect.ts";
import { faultyPlan } from "./faults/faulty-plan.ts";
import { noEffect } from "./faults/kinds.ts";
import { providerFaults } from "./faults/provider-faults.ts";
import type { CallAim, FaultSchedule } from "./faults/schedule.ts";
import { refusesBlockedPrompts, statusOf } from "./faults/statuses.ts";
import { dailyFactor, latencyModel, type LatencyModel, loadFactor } from "./latency/model.ts";
import { engineRefusal, engineTiming, type HostedEngine, hostedEngines } from "./latency/batching/engine-plan.ts";
import { latencyProfileOf } from "./latency/profiles.ts";
import { promptCacheOf, type PromptCacheInUse } from "./prompt-cache-use.ts";
import { capacityCharges } from "./price/capacity.ts";
import { withOwnPrices } from "./price/own-prices.ts";
import type { PriceTable } from "./price/prices.ts";
import { ledgerBook } from "./provider-ledger.ts";
import type {
  Capacity,
  Provider,
  ProviderAsk,
  ProviderDecision,
  QuotaSnapshot,
  Refusal,
  ResponsePlan,
  Ticket,
} from "./provider.ts";
import { quotaOf } from "./quota/algorithms.ts";
import type { Account, Admission, AnswerCourse, Limiter } from "./quota/quota.ts";

export type { Account, Limit } from "./quota/quota.ts";

export interface ProviderOptions {
  readonly spec: ProviderSpec;
  /** Keys that are known, each once; any other is refused. */
  readonly accounts: readonly Account[];
  /** The run's root stream; the provider splits its own off it, by its name. */
  readonly random: RandomStream;
  readonly prices: PriceTable;
  readonly faults: FaultSchedule;
  /** Multiplies every planned time, on top of each model's own scale; 0 answers at once. */
  readonly latencyScale: number;
}

/**
 * How long a refusal takes to be answered. Not found in any published measurement, so nothing is made up: the client still
 * sees its own network and gateway.
 */
const refusalMs: Ms = 0;

const noQuota: QuotaSnapshot = { requests: undefined, tokens: undefined };

/** A provider that says beforehand what a request will find in its prompt cache, as the head of an answer has to. */
export interface ModelledProvider extends Provider {
  readonly cachedTokens: PromptCacheInUse["cachedTokens"];
}

export function createProvider(options: ProviderOptions): ModelledProvider {
  const { spec } = options;
  const prices = withOwnPrices(options.prices, spec);
  const desks = desksByKey(options);
  const own = options.random.split(spec.name);
  const latencyDraws = own.split("latency");
  const limiterOf = ({ apiKey, model }: CallAim): Limiter | undefined => desks.get(apiKey)?.offers.get(model)?.limiter;
  const faults = providerFaults(options.faults, spec, own.split("fault"), limiterOf);
  const book = ledgerBook();
  const flights: Flights = { sold: 0, open: 0 };
  const prompts = promptCacheOf(spec);
  const serve = (nowMs: Ms, { ask, given, offer, admission, effect }: AdmittedCall): ProviderDecision => {
    const { limiter } = offer;
    const { chargedTokens, utilization, capacity } = admission;
    book.begun(nowMs, "served", chargedTokens);
    prompts.read(nowMs, ask);
    const random = latencyDraws.visit(ask.requestKey, ask.attempt);
    const slowness = loadFactor(offer.latency.profile, utilization) * hourFactor(spec, offer, nowMs);
    const factor = offer.scale * effect.factor * slowness;
    const asked = planned(offer, ask, { nowMs, factor, random, effect });
    const plan = completed(asked, capacity, ask === given ? undefined : ask.cachedTokens);
    const course = limiter.answering === undefined ? undefined : courseOf(nowMs, ask, plan);
    if (course !== undefined) limiter.answering?.(nowMs, course);
    const prepaid = spec.nodes !== undefined || capacity === "provisioned";
    const quota = quotaSeen(limiter, nowMs, ask);
    return new Flight(flights, { ask, limiter, chargedTokens, course, prepaid, plan, quota });
  };
  const refuse = (call: RefusedCall, refusal: Refusal, limiter?: Limiter, chargedTokens = 0): ProviderDecision => {
    book.begun(call.nowMs, refusal.kind === "fault" ? "failed" : "refused", chargedTokens);
    return { kind: "refuse", refusal, quota: quotaSeen(limiter, call.nowMs, call.ask), afterMs: refusalMs };
  };
  const begin = (nowMs: Ms, given: ProviderAsk): ProviderDecision => {
    const ask = prompts.asFound(nowMs, given);
    const effect = faults.effectOn(nowMs, ask);
    if (effect.drop !== undefined) {
      book.begun(nowMs, "failed", 0);
      return { ...effect.drop, kind: "drop", afterMs: effect.drop.afterMs * options.latencyScale };
    }
    const desk = effect.unknownKey ? undefined : desks.get(ask.apiKey);
    if (desk === undefined) return refuse({ nowMs, ask }, { kind: "unknown-key" });
    desk.calls += 1;
    const offer = desk.offers.get(ask.model);
    if (offer === undefined) return refuse({ nowMs, ask }, { kind: "unknown-model" });
    const { limiter } = offer;
    if (desk.account.state === "insufficient-quota")
      return refuse({ nowMs, ask }, { kind: "insufficient-quota" }, limiter);
    const admission = limiter.admit(nowMs, ask);
    if (admission.kind === "refused") return refuse({ nowMs, ask }, admission.refusal, limiter);
    const objection = objectionTo(offer, nowMs, ask, effect);
    if (objection !== undefined) return refuse({ nowMs, ask }, objection, limiter, admission.chargedTokens);
    return serve(nowMs, { ask, given, offer, admission, effect });
  };

  return {
    name: spec.name,
    dialect: spec.dialect,
    begin,
    cachedTokens: prompts.cachedTokens,
    finish: finishing(flights, book, prices),
    snapshot: snapshots(faults, limiterOf),
    inFlight: () => flights.open,
    ledger: (nowMs) => ({
      provider: spec.name,
      dialect: spec.dialect,
      ...book.read(nowMs),
      ...hourlyCharges(spec),
      limits: limitsOfBusiest([...desks.values()]),
    }),
  };
}

/** The part of a ledger that is charged by the hour, where anything is. */
function hourlyCharges(spec: ProviderSpec): Pick<ProviderLedger, "capacity"> {
  const capacity = capacityCharges(spec);
  return capacity.length === 0 ? {} : { capacity };
}

function snapshots(
  faults: ReturnType<typeof providerFaults>,
  limiterOf: (aim: CallAim) => Limiter | undefined,
): Provider["snapshot"] {
  return (nowMs, apiKey, model) => {
    faults.cutLimits(nowMs, { apiKey, model });
    return limiterOf({ apiKey, model })?.snapshot(nowMs) ?? noQuota;
  };
}

/** State of the limits, for answers that somebody reads. */
function quotaSeen(limiter: Limiter | undefined, nowMs: Ms, { withoutQuota }: ProviderAsk): QuotaSnapshot {
  return limiter === undefined || withoutQuota === true ? noQuota : limiter.snapshot(nowMs);
}

/** Settles calls with their limits and prices them, each once. */
function finishing(flights: Flights, book: ReturnType<typeof ledgerBook>, prices: PriceTable): Provider["finish"] {
  return (nowMs, ticket, usage) => {
    invariant(
      ticket instanceof Flight && ticket.flights === flights && ticket.isOpen,
      "a ticket is finished once, at the provider that sold it",
    );
    invariant(usage.wastedTokens <= usage.outputTokens, "tokens are generated before they are wasted");
    ticket.isOpen = false;
    flights.open -= 1;
    const { ask: asked, limiter, chargedTokens, course, prepaid, plan } = ticket;
    plan.leave?.(nowMs);
    const ask = plan.foundTokens === undefined ? asked : { ...asked, cachedTokens: plan.foundTokens() };
    limiter.settle(nowMs, chargedTokens, ask, usage, course);
    const { inputTokens: input, cachedTokens: cached, cacheWrites: written } = ask;
    const { outputTokens: output } = usage;
    const tokens = { input, cached, output, written, reasoning: Math.min(ask.reasoningTokens ?? 0, output) };
    const cost = prepaid ? 0 : prices.price(ask.model, tokens);
    book.ended(nowMs, ask, usage, cost);
    return cost ?? 0;
  };
}

/** A plan that says what was found of it: which capacity takes it, and how much of the prompt rules had in a cache. */
function completed(
  asked: ResponsePlan,
  capacity: Capacity | undefined,
  cachedTokens: number | undefined,
): ResponsePlan {
  if (capacity === undefined && cachedTokens === undefined) return asked;
  const found =
    cachedTokens === undefined || asked.foundTokens !== undefined ? {} : { foundTokens: () => cachedTokens };
  return changedPlan(asked, { ...found, ...(capacity && { capacity }) });
}

/** A call that limits have let in. */
interface AdmittedCall {
  readonly ask: ProviderAsk;
  /** As it came, before rules on prompt caches. */
  readonly given: ProviderAsk;
  readonly offer: Offer;
  readonly admission: Extract<Admission, { readonly kind: "admitted" }>;
  readonly effect: CombinedEffect;
}

interface RefusedCall {
  readonly nowMs: Ms;
  readonly ask: ProviderAsk;
}

/** What is left to object to a call that limits have let in: context length ▸ answered fault. */
function objectionTo(offer: Offer, nowMs: Ms, ask: ProviderAsk, effect: CombinedEffect): Refusal | undefined {
  const refusal =
    contextRefusal(offer, ask) ?? (offer.engine === undefined ? undefined : engineRefusal(offer.engine, nowMs, ask));
  if (refusal !== undefined || effect === noEffect) return refusal;
  if (effect.error === undefined) {
    return effect.promptBlocked && refusesBlockedPrompts(offer.dialect) ? { kind: "blocked-prompt" } : undefined;
  }
  const { retryAfterMs } = effect.error;
  return { kind: "fault", status: statusOf(effect.error.status, offer.dialect, ask.model), retryAfterMs };
}

/** The calls that one provider serves: how many there were, and how many there are. */
interface Flights {
  sold: number;
  open: number;
}

/** A call that is being served: the decision to serve it, its own ticket, and what settles it. */
class Flight implements ServedCall, Ticket {
  readonly kind = "serve";
  readonly id: number;
  readonly flights: Flights;
  readonly ask: ProviderAsk;
  readonly limiter: Limiter;
  readonly chargedTokens: number;
  readonly course: AnswerCourse | undefined;
  readonly prepaid: boolean;
  readonly plan: ResponsePlan;
  readonly quota: QuotaSnapshot;
  isOpen = true;

  constructor(flights: Flights, { ask, limiter, chargedTokens, course, prepaid, plan, quota }: ServedCall) {
    flights.open += 1;
    this.id = flights.sold += 1;
    this.flights = flights;
    this.ask = ask;
    this.limiter = limiter;
    this.chargedTokens = chargedTokens;
    this.course = course;
    this.prepaid = prepaid;
    this.plan = plan;
    this.quota = quota;
  }

  get ticket(): Ticket {
    return this;
  }
}

interface ServedCall {
  readonly ask: ProviderAsk;
  readonly limiter: Limiter;
  readonly chargedTokens: number;
  readonly course: AnswerCourse | undefined;
  /** By the hour: nothing is charged for its tokens. */
  readonly prepaid: boolean;
  readonly plan: ResponsePlan;
  readonly quota: QuotaSnapshot;
}

function courseOf(nowMs: Ms, ask: ProviderAsk, { ttftMs, totalMs, outputTokens }: ResponsePlan): AnswerCourse {
  return { ask, firstTokenMs: nowMs + ttftMs, lastTokenMs: nowMs + totalMs, outputTokens };
}

/** Where one key's calls are served; found once per call by key, then by model. */
interface Desk {
  readonly account: Account;
  readonly offers: ReadonlyMap<string, Offer>;
  calls: number;
}

/** One model, as one key may use it. */
interface Offer {
  readonly dialect: Dialect;
  readonly limiter: Limiter;
  readonly latency: LatencyModel;
  /** Scale of the provider and of the model together. */
  readonly scale: number;
  /** A model of one's own; its latency is the engine's. */
  readonly engine: HostedEngine | undefined;
  /** See `dailyFactor`. */
  readonly dailySwing: number;
  readonly contextTokens: number | undefined;
  /** Whether the answer has to fit into the context beside the prompt. */
  readonly contextHoldsAnswer: boolean;
}

function desksByKey(options: ProviderOptions): ReadonlyMap<string, Desk> {
  const { spec, accounts, prices, latencyScale } = options;
  const quota = quotaOf(spec, options.random.split(spec.name).split("quota"));
  const engines = hostedEngines(spec.models, latencyScale);
  const desks = new Map<string, Desk>();
  for (const account of accounts) {
    invariant(!desks.has(account.apiKey), `provider ${spec.name} has two accounts with one key`);
    const offerOf = (model: ModelSpec): Offer => ({
      dialect: spec.dialect,
      limiter: quota(account, model),
      latency: latencyModel(latencyProfileOf(model)),
      engine: engines.get(model.model),
      dailySwing: model.latency?.dailySwing ?? 0,
      scale: latencyScale * model.latencyScale,
      contextTokens: prices.contextTokens(model.model),
      // Google gives models an input limit and an output limit apart (ai.google.dev/gemini-api/docs/models).
      contextHoldsAnswer: !(spec.dialect === "gemini" || spec.dialect === "vertex"),
    });
    const offers = new Map(spec.models.map((model) => [model.model, offerOf(model)]));
    desks.set(account.apiKey, { account, offers, calls: 0 });
  }
  return desks;
}

/** OpenAI counts the prompt and `max_tokens` against the context together (its error text names both parts). */
function contextRefusal(offer: Offer, ask: ProviderAsk): Refusal | undefined {
  const requested = ask.inputTokens + (offer.contextHoldsAnswer ? (ask.maxOutputTokens ?? 0) : 0);
  if (offer.contextTokens === undefined || requested <= offer.contextTokens) return undefined;
  return { kind: "context-length", limit: offer.contextTokens, requested };
}

interface Circumstances {
  readonly nowMs: Ms;
  readonly factor: number;
  readonly random: RandomStream;
  readonly effect: CombinedEffect;
}

function planned(offer: Offer, ask: ProviderAsk, { nowMs, factor, random, effect }: Circumstances): ResponsePlan {
  const contextTokens = offer.contextHoldsAnswer ? offer.contextTokens : undefined;
  const contextLeft = (contextTokens ?? Number.POSITIVE_INFINITY) - ask.inputTokens;
  const allowed = Math.min(ask.outputTokens, ask.maxOutputTokens ?? ask.outputTokens, contextLeft);
  const { filteredAfter } = effect;
  const outputTokens = filteredAfter === undefined ? allowed : Math.floor(allowed * filteredAfter);
  const atItsEnd = allowed < ask.outputTokens ? "length" : "stop";
  const { inputTokens, cachedTokens } = ask;
  const finish = filteredAfter === undefined ? atItsEnd : "content_filter";
  const plan: ResponsePlan =
    offer.engine === undefined
      ? offer.latency.time(random, { inputTokens, cachedTokens, outputTokens, factor, finish })
      : { ...engineTiming(offer.engine, { nowMs, ask, outputTokens, factor: effect.factor }), outputTokens, finish };
  return effect === noEffect ? plan : faultyPlan(plan, effect, { dialect: offer.dialect, ask, scale: offer.scale });
}

function hourFactor({ startTimeOfDayMs = 0 }: ProviderSpec, { dailySwing }: Offer, nowMs: Ms): number {
  return dailySwing === 0 ? 1 : dailyFactor(dailySwing, startTimeOfDayMs + nowMs);
}

/** Limits as the key with most calls has them. */
function limitsOfBusiest(desks: readonly Desk[]): ProviderLedger["limits"] {
  const [first, ...others] = desks;
  if (first === undefined) return [];
  const busiest = others.reduce((best, desk) => (desk.calls > best.calls ? desk : best), first);
  return [...busiest.offers].map(([model, { limiter }]) => ({
    model,
    requestsPerMinute: limiter.perMinute.requests ?? null,
    tokensPerMinute: limiter.perMinute.tokens ?? null,
  }));
}
