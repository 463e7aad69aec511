/**
 * What the gateway has asked of providers on behalf of requests: calls that are made, raced, taken back, and paid for.
 * Whoever has a stake in how a call ends hears of it here: the provider, breakers, budgets, the cache.
 */
import { promptCharacters } from "../behavior/prompt.ts";
import type { ProviderAsk, ProviderDecision, ResponsePlan, Ticket, Usage } from "../behavior/provider.ts";
import { invariant } from "../core/invariant.ts";
import { addMoney } from "../core/money.ts";
import type { HedgeSpec } from "../core/scenario/resilience-spec.ts";
import type { Ms } from "../core/time.ts";
import { isProvidersFault, unsureAnswer } from "./answers.ts";
import type { Deployments } from "./deployments.ts";
import type { FrontDoor } from "./front-door.ts";
import type { Journey } from "./journey.ts";
import type { Kernel } from "./kernel.ts";
import { answersAfterMs, Hedging, rivalHop, settlesAfterMs } from "./race.ts";
import type { Upstream } from "./routes.ts";
import { usageCutShort, usageForNobody, usageWhole } from "./usage.ts";

export interface CallsOptions {
  readonly kernel: Kernel;
  readonly hedge: HedgeSpec | undefined;
  readonly deployments: Deployments | undefined;
  readonly door: FrontDoor | undefined;
  /** How long a call may take; Infinity: for ever. */
  readonly attemptMs: Ms;
}

export class Calls {
  readonly #kernel: Kernel;
  readonly #hedging: Hedging | undefined;
  readonly #deployments: Deployments | undefined;
  readonly #door: FrontDoor | undefined;
  readonly #attemptMs: Ms;

  constructor({ kernel, hedge, deployments, door, attemptMs }: CallsOptions) {
    this.#kernel = kernel;
    this.#hedging = hedge === undefined ? undefined : new Hedging(hedge);
    this.#deployments = deployments;
    this.#door = door;
    this.#attemptMs = attemptMs;
  }

  /** Calls the provider whose turn it is. */
  begin(journey: Journey): ProviderDecision {
    const { nowMs } = this.#kernel;
    journey.attempts += 1;
    journey.plan = undefined;
    journey.begunMs = nowMs;
    journey.untilMs = Math.min(nowMs + this.#attemptMs, journey.limitMs);
    journey.calling = true;
    journey.probe = this.#deployments?.begins(nowMs, journey.upstream) ?? false;
    return this.#ask(journey, journey.upstream);
  }

  /** When it is time for a second call; Infinity if it never is. */
  hedgeDueMs(journey: Journey): Ms {
    if (this.#hedging === undefined) return Number.POSITIVE_INFINITY;
    const afterMs = this.#hedging.dueAfterMs(settlesAfterMs(journey));
    const dueMs = journey.begunMs + (afterMs ?? Number.POSITIVE_INFINITY);
    return dueMs < journey.untilMs ? dueMs : Number.POSITIVE_INFINITY;
  }

  /** Makes a second call, if one may be made. Answers when one of the two begins to answer; undefined: there is no race. */
  beginRival(journey: Journey): Ms | undefined {
    const { nowMs } = this.#kernel;
    const hop = rivalHop(nowMs, journey);
    const upstream = journey.route[hop];
    if (upstream === undefined || this.#hedging?.mayCall() !== true) return undefined;
    journey.hedges += 1;
    const probe = this.#deployments?.begins(nowMs, upstream) ?? false;
    const { retryAfterMs } = journey;
    const decision = this.#ask(journey, upstream);
    journey.retryAfterMs = retryAfterMs;
    if (decision.kind !== "serve") {
      this.#deployments?.takenBack(upstream, probe);
      return undefined;
    }
    const { ticket, plan } = decision;
    journey.rival = { upstream, hop, ticket, plan, begunMs: nowMs, probe };
    const wonMs = Math.min(answersAtMs(journey), nowMs + answersAfterMs(plan, journey.planned.stream));
    if (wonMs < Number.POSITIVE_INFINITY) return wonMs;
    this.#dropRival(journey);
    return undefined;
  }

  /** Whoever answers now goes on; the other call is cancelled. */
  endRace(journey: Journey): void {
    const { rival } = journey;
    invariant(rival !== undefined, "a race has two sides");
    if (answersAtMs(journey) <= this.#kernel.nowMs) return this.#dropRival(journey);
    this.#drop(journey);
    journey.promote(rival);
  }

  /** A whole answer has come. */
  succeeds(journey: Journey, plan: ResponsePlan): void {
    const { nowMs } = this.#kernel;
    this.#settle(journey, usageWhole(plan));
    this.#hedging?.answered(plan.ttftMs);
    if (journey.ending !== unsureAnswer) this.#door?.keep(nowMs, journey);
    journey.calling = false;
    this.#deployments?.succeeds(nowMs, journey.upstream, journey.probe, plan.ttftMs);
  }

  /** The call has failed with `journey.ending`. */
  fails(journey: Journey): void {
    if (journey.ticket !== undefined) this.#settle(journey, this.#cutShort(journey));
    journey.calling = false;
    if (this.#deployments === undefined) return;
    const { upstream, probe, retryAfterMs, ending } = journey;
    if (isProvidersFault(ending)) this.#deployments.fails(this.#kernel.nowMs, upstream, probe, retryAfterMs);
    else this.#deployments.refused(this.#kernel.nowMs, upstream, probe, ending.status);
  }

  /** Takes back whatever has been asked of providers for this request. */
  takeBack(journey: Journey): void {
    if (journey.rival !== undefined) this.#dropRival(journey);
    this.#drop(journey);
  }

  #drop(journey: Journey): void {
    if (journey.ticket !== undefined) this.#settle(journey, this.#cutShort(journey));
    if (journey.calling) this.#deployments?.takenBack(journey.upstream, journey.probe);
    journey.calling = false;
  }

  /** Nobody gets anything of the second call. */
  #dropRival(journey: Journey): void {
    const { rival } = journey;
    invariant(rival !== undefined, "a race has two sides");
    journey.rival = undefined;
    const { stream } = journey.planned;
    const usage = usageForNobody(rival.plan, stream, this.#kernel.nowMs - rival.begunMs);
    this.#pay(journey, rival.upstream, rival.ticket, usage);
    this.#deployments?.takenBack(rival.upstream, rival.probe);
  }

  #ask(journey: Journey, upstream: Upstream): ProviderDecision {
    journey.upstreamCalls += 1;
    journey.retryAfterMs = undefined;
    return upstream.provider.begin(this.#kernel.nowMs, askOf(journey, upstream));
  }

  #cutShort({ plan, planned, begunMs }: Journey): Usage {
    invariant(plan !== undefined, "a call that is cut short was being served");
    return usageCutShort(plan, planned.stream, this.#kernel.nowMs - begunMs);
  }

  #settle(journey: Journey, usage: Usage): void {
    const { ticket, upstream } = journey;
    invariant(ticket !== undefined, "a call is settled once");
    journey.ticket = undefined;
    this.#pay(journey, upstream, ticket, usage);
  }

  #pay(journey: Journey, { provider }: Upstream, ticket: Ticket, usage: Usage): void {
    const { nowMs } = this.#kernel;
    const cost = provider.finish(nowMs, ticket, usage);
    journey.generatedTokens += usage.outputTokens;
    journey.cost = addMoney(journey.cost, cost);
    this.#door?.charge(nowMs, journey.planned.tenant, cost);
  }
}

/** When the first call begins to answer; Infinity if that is never, or later than a call may take. */
function answersAtMs({ plan, begunMs, untilMs, planned }: Journey): Ms {
  const atMs = plan === undefined ? Number.POSITIVE_INFINITY : begunMs + answersAfterMs(plan, planned.stream);
  return atMs > untilMs ? Number.POSITIVE_INFINITY : atMs;
}

function askOf(journey: Journey, upstream: Upstream): ProviderAsk {
  const { planned } = journey;
  return {
    apiKey: upstream.apiKey,
    requestKey: planned.key,
    attempt: journey.nextAttempt(),
    model: journey.model,
    inputTokens: planned.inputTokens,
    cachedTokens: planned.cachedTokens,
    prefixBlocks: planned.prefixBlocks,
    promptCharacters: promptCharacters(planned),
    maxOutputTokens: planned.maxOutputTokens,
    outputTokens: planned.outputTokens,
    stream: planned.stream,
    origin: journey.replica.region,
    withoutQuota: true,
  };
}
