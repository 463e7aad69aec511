/**
 * The simulated gateway: what the real one does to a request, as pieces of work on a replica's event loop and waits.
 *
 *     client ─▶ receive ─ CPU ─▶ provider ─▶ chunk ─ CPU ─▶ … ─▶ end ─ CPU ─▶ client
 *                  ▲                │ refused, or the connection failed
 *                  └─ back-off ─────┴──▶ retry, next provider of the route, or the failure itself
 *
 * Rules, with Portkey 1.15.2 as the model (build/start-server.js; measured in November 2026):
 * - A failed connection is always worth a retry, a status when it is in `retries.on`; waits double from the first. When the
 *   retries at a provider are used up, a status in `retries.on` goes to the next provider of the route.
 * - A stream that has begun is never retried. How its chunks pass is in `stream-passage.ts`.
 * - When its client leaves, a gateway that does not cancel carries on to the end, pending retries included.
 * Assumed: a further call costs as much CPU as the first; the network is charged once, on the way back to the client.
 */
import type { GatewayProfile } from "../behavior/gateway-profile.ts";
import type { BrokenAnswer } from "../behavior/provider.ts";
import { brokenAtMs } from "../behavior/stream-usage.ts";
import { assertNever, invariant } from "../core/invariant.ts";
import type { RandomStream } from "../core/random.ts";
import type { PlatformSpec } from "../core/scenario/platform-spec.ts";
import type { ResilienceSpec } from "../core/scenario/resilience-spec.ts";
import type { Ms } from "../core/time.ts";
import {
  brokenStream,
  clientLeft,
  clientTimeout,
  connectionReset,
  cutStream,
  type Ending,
  failedWith,
  gatewayTimeout,
  malformedAnswer,
  noConnection,
  refused,
  retryAfterOf,
  unsureAnswer,
  wholeAnswer,
} from "./answers.ts";
import { Calls } from "./calls.ts";
import type { Deployments } from "./deployments.ts";
import { schedule, type Step, steps } from "./events.ts";
import type { FrontDoor } from "./front-door.ts";
import { type GatewayTimes, gatewayTimes } from "./gateway-times.ts";
import type { Journey } from "./journey.ts";
import type { Kernel } from "./kernel.ts";
import { settlesAfterMs } from "./race.ts";
import { awaitedAgain } from "./revised-plan.ts";
import { endingTold, SecondTry } from "./second-try.ts";
import { type ChunkWork, StreamPassage } from "./stream-passage.ts";
import { spend } from "./time-spent.ts";

export interface GatewayOptions {
  readonly kernel: Kernel;
  readonly profile: GatewayProfile;
  readonly retries: PlatformSpec["retries"];
  /** What a scenario asks of it beyond what it does by itself; each part undefined where nothing is asked. */
  readonly resilience: ResilienceSpec | undefined;
  readonly door: FrontDoor | undefined;
  readonly deployments: Deployments | undefined;
  readonly random: RandomStream;
  /** The gateway's own times appear this many times as long: scenario milliseconds per wall millisecond. */
  readonly timeScale: number;
  readonly chunks: ChunkWork;
  /** A client has its answer or has left; not called again for that request. */
  readonly onClientDone: (journey: Journey) => void;
  /** Whether the answer that is being given will turn out not to be good enough; unless given, none does. */
  readonly isUnsure?: ((journey: Journey) => boolean) | undefined;
  /** Nothing more will happen to the request. */
  readonly onJourneyEnd: (journey: Journey) => void;
}

export class Gateway {
  readonly #options: GatewayOptions;
  readonly #kernel: Kernel;
  readonly #secondTry: SecondTry;
  readonly #door: FrontDoor | undefined;
  readonly #deployments: Deployments | undefined;
  readonly #calls: Calls;
  /** Infinity: no limit. */
  readonly #totalMs: Ms;

  // The profile's times, scaled.
  readonly #times: GatewayTimes;
  readonly #networkMs: Ms;
  readonly #stream: StreamPassage;

  constructor(options: GatewayOptions) {
    const { profile, timeScale, resilience, retries, random } = options;
    this.#options = options;
    this.#kernel = options.kernel;
    this.#door = options.door;
    this.#deployments = options.deployments;
    this.#secondTry = new SecondTry({ retries, choices: resilience?.retries, timeScale, random });
    const attemptMs = resilience?.timeouts?.attemptMs ?? Number.POSITIVE_INFINITY;
    this.#calls = new Calls({ ...options, hedge: resilience?.hedge, attemptMs });
    this.#totalMs = resilience?.timeouts?.totalMs ?? Number.POSITIVE_INFINITY;
    const times = gatewayTimes(profile, timeScale);
    this.#times = times;
    this.#networkMs = times.networkMs;
    this.#stream = new StreamPassage({ ...times, chunks: options.chunks });
  }

  /** A request comes in, now. All its turns but the first are taken to wait as long as the first. */
  receive(journey: Journey): void {
    const { nowMs } = this.#kernel;
    if (journey.spent !== undefined) spend(journey, undefined, nowMs, 0);
    if (journey.limitMs === Number.POSITIVE_INFINITY) journey.limitMs = nowMs + this.#totalMs;
    const { cpu } = journey.replica;
    const furtherWaitsMs = (this.#options.profile.requestTurns - 1) * cpu.waitMs(nowMs);
    const doneMs = cpu.offer(nowMs, this.#times.request);
    this.#next(journey, steps.providerIsCalled, doneMs + furtherWaitsMs);
  }

  /** The next step of a journey has come. */
  take(journey: Journey, step: Step): void {
    const again = awaitedAgain(journey, step, this.#kernel.nowMs, this.#stream);
    if (again !== undefined) return this.#next(journey, again.step, again.atMs);
    if (journey.spent !== undefined) spend(journey, step, this.#kernel.nowMs, this.#networkMs);
    switch (step) {
      case steps.doorOpens:
      case steps.providerIsCalled:
        return this.#callProvider(journey);
      case steps.hedgeIsDue:
        return this.#race(journey);
      case steps.raceIsWon:
        this.#calls.endRace(journey);
        return this.#awaitAnswer(journey);
      case steps.chunkComes:
        return this.#passChunks(journey);
      case steps.answerEnds:
        return this.#passEnd(journey);
      case steps.callFails:
        return this.#fail(journey);
      case steps.retryIsDue:
        return this.receive(journey);
      case steps.lastWaitIsOver:
        return this.#goOn(journey);
      case steps.answered:
        return this.#answered(journey);
      case steps.clientLeaves:
        return this.#clientLeaves(journey);
      default:
        return assertNever(step);
    }
  }

  /** A replica has this request and does not serve it: an answer of its own goes to the client. */
  refuse(journey: Journey, ending: Ending): void {
    journey.ending = ending;
    this.#finish(journey, undefined);
  }

  /** No replica takes this request: whoever stands in front of them says so, at no cost. */
  turnAway(journey: Journey, ending: Ending): void {
    journey.ending = ending;
    this.#next(journey, steps.answered, this.#kernel.nowMs + this.#networkMs);
  }

  /** Ends all work on a request: a call upstream is cut off, and nothing of it comes any more. Its client waits on. */
  withdraw(journey: Journey): void {
    const { nowMs } = this.#kernel;
    this.#kernel.cancel(journey.pending);
    journey.interruptedStep = undefined;
    this.#stream.passSeen(journey, nowMs);
    this.#stream.stopFlow(journey, nowMs);
    this.#calls.takeBack(journey);
  }

  /** The same, and its client sees the connection close; what had passed the gateway by then still reaches it. */
  breakOff(journey: Journey, ending: Ending): void {
    this.withdraw(journey);
    journey.ending = journey.begunToArrive ? cutStream(false) : ending;
    this.#next(journey, steps.answered, Math.max(this.#kernel.nowMs, journey.seenMs));
  }

  #callProvider(journey: Journey): void {
    if (this.#door !== undefined && !journey.entered && !this.#enter(journey, this.#door)) return;
    if (this.#deployments !== undefined && !this.#findOpen(journey, this.#deployments)) return;
    const { nowMs } = this.#kernel;
    journey.ending = wholeAnswer;
    const decision = this.#calls.begin(journey);
    switch (decision.kind) {
      case "serve":
        journey.serve(nowMs, decision.ticket, decision.plan);
        if (this.#options.isUnsure?.(journey) !== true) return this.#hedgeOrWait(journey);
        journey.ending = unsureAnswer;
        return this.#next(journey, steps.callFails, nowMs + decision.plan.totalMs);
      case "refuse":
        journey.ending = refused(journey.upstream.provider.dialect, journey.model, decision.refusal);
        journey.retryAfterMs = retryAfterOf(decision.refusal);
        return this.#next(journey, steps.callFails, nowMs + decision.afterMs);
      case "drop":
        if (decision.how === "hang") return this.#hedgeOrWait(journey);
        journey.ending = noConnection(decision.how);
        return this.#next(journey, steps.callFails, nowMs + decision.afterMs);
      default:
        return assertNever(decision);
    }
  }

  /** Whether a request may go on to a provider; if not, it has been seen to. */
  #enter(journey: Journey, door: FrontDoor): boolean {
    const nowMs = this.#kernel.nowMs;
    const entrance = door.enter(nowMs, journey);
    switch (entrance.kind) {
      case "in":
        return true;
      case "refused":
        journey.retryAfterMs = entrance.retryAfterMs;
        this.refuse(journey, entrance.ending);
        return false;
      case "waits":
        this.#next(journey, steps.doorOpens, entrance.untilMs);
        return false;
      case "kept":
        journey.answerFrom(entrance.answer, entrance.alike);
        this.#finish(journey, undefined);
        return false;
      default:
        return assertNever(entrance);
    }
  }

  /** Moves on to a provider that breakers and cooldowns let be called; where there is none, says so to the client. */
  #findOpen(journey: Journey, deployments: Deployments): boolean {
    const nowMs = this.#kernel.nowMs;
    if (journey.upstreamCalls === 0) journey.route = deployments.order(nowMs, journey.route, journey.planned);
    if (deployments.findOpen(nowMs, journey)) return true;
    journey.retryAfterMs = deployments.reopensAfterMs(nowMs, journey.route);
    this.refuse(journey, failedWith(429, "no-deployment"));
    return false;
  }

  /** A call was made: waits for its answer, or until it is time for a second call. */
  #hedgeOrWait(journey: Journey): void {
    const dueMs = this.#calls.hedgeDueMs(journey);
    if (dueMs < Number.POSITIVE_INFINITY) return this.#next(journey, steps.hedgeIsDue, dueMs);
    this.#awaitAnswer(journey);
  }

  #race(journey: Journey): void {
    const wonMs = this.#calls.beginRival(journey);
    if (wonMs === undefined) this.#awaitAnswer(journey);
    else this.#next(journey, steps.raceIsWon, wonMs);
  }

  /** Waits for what the call will bring, or for as long as a call may take. */
  #awaitAnswer(journey: Journey): void {
    const { plan, begunMs } = journey;
    if (begunMs + settlesAfterMs(journey) > journey.untilMs) {
      journey.ending = gatewayTimeout;
      return this.#next(journey, steps.callFails, journey.untilMs);
    }
    if (plan === undefined) return this.#waitForClient(journey);
    if (journey.planned.stream) return this.#awaitChunks(journey);
    const { broken } = plan;
    if (broken === undefined || broken.how === "malformed") {
      return this.#next(journey, steps.answerEnds, begunMs + plan.totalMs);
    }
    if (broken.how === "stall") return this.#waitForClient(journey);
    journey.ending = connectionReset;
    this.#next(journey, steps.callFails, begunMs + brokenAtMs(plan, broken.afterChunks));
  }

  /** Goes to the next chunk that is a piece of work, or to the end of the stream, of which the last chunk is a part. */
  #awaitChunks(journey: Journey): void {
    const stream = this.#stream;
    if (stream.nextStandsAlone(journey)) return this.#next(journey, steps.chunkComes, stream.nextMs(journey));
    const endMs = stream.endMs(journey);
    stream.startFlow(journey, this.#kernel.nowMs, endMs);
    this.#next(journey, steps.answerEnds, endMs);
  }

  #passChunks(journey: Journey): void {
    this.#stream.pass(journey, this.#kernel.nowMs);
    this.#awaitChunks(journey);
  }

  /** The provider is done: what is left of the answer, and its end, go to the client. */
  #passEnd(journey: Journey): void {
    const { plan } = journey;
    invariant(plan !== undefined, "an answer that ends was being served");
    const readMs = journey.planned.stream ? this.#stream.passLast(journey, this.#kernel.nowMs) : undefined;
    const { broken } = plan;
    if (broken === undefined) {
      this.#calls.succeeds(journey, plan);
    } else {
      const ending = this.#brokenEnding(journey, broken);
      if (ending === undefined) return this.#waitForClient(journey);
      journey.ending = ending;
      this.#calls.fails(journey);
    }
    this.#finish(journey, readMs);
  }

  #brokenEnding({ upstream, planned }: Journey, broken: BrokenAnswer): Ending | undefined {
    if (!planned.stream) return malformedAnswer;
    const hidden = this.#options.profile.failover !== undefined;
    return brokenStream(broken, upstream.provider.dialect, planned.model, hidden);
  }

  #askNext(journey: Journey): void {
    journey.hop += 1;
    journey.attempts = 0;
    this.receive(journey);
  }

  #fail(journey: Journey): void {
    const { failover } = this.#options.profile;
    const { nowMs } = this.#kernel;
    if (journey.ending === unsureAnswer && journey.plan !== undefined) {
      journey.unsure = { plan: journey.plan, hop: journey.hop };
      this.#calls.succeeds(journey, journey.plan);
      return this.#askNext(journey);
    }
    this.#calls.fails(journey);
    if (failover === undefined) return this.#finish(journey, undefined);
    const waitMs = this.#secondTry.waitMs(nowMs, journey, failover);
    if (waitMs !== undefined) return this.#next(journey, steps.retryIsDue, nowMs + waitMs);
    const lastMs = this.#secondTry.lastWaitMs(nowMs, journey, failover);
    if (lastMs > 0) return this.#next(journey, steps.lastWaitIsOver, nowMs + lastMs);
    this.#goOn(journey);
  }

  /** This provider is not asked any more: the next one is, or the client hears of it. */
  #goOn(journey: Journey): void {
    const { failover } = this.#options.profile;
    invariant(failover !== undefined, "without it a failure reaches the client as it is");
    if (this.#secondTry.goesOn(this.#kernel.nowMs, journey, failover)) return this.#askNext(journey);
    journey.ending = endingTold(journey.ending, failover);
    if (failover.hidesRetryAfter === true) journey.retryAfterMs = undefined;
    this.#finish(journey, undefined);
  }

  /** The answer is whole, or there is none: its end goes to the client. After `readMs`, at once if the last chunk was read then. */
  #finish(journey: Journey, readMs: Ms | undefined): void {
    const { unsure } = journey;
    if (unsure !== undefined && journey.ending !== wholeAnswer && !journey.begunToArrive)
      journey.answerUnsurely(unsure);
    const { cpu } = journey.replica;
    const { end, afterStream } = this.#times;
    const doneMs = cpu.offer(this.#kernel.nowMs, end);
    const endMs = readMs === undefined ? doneMs : Math.min(doneMs, readMs + end.busyMs);
    if (afterStream !== undefined && journey.begunToArrive) cpu.offer(this.#kernel.nowMs, afterStream);
    if (journey.answeredFrom !== undefined) journey.seesChunks(journey.plan?.chunks ?? 0, endMs + this.#networkMs);
    this.#next(journey, steps.answered, endMs + this.#networkMs);
  }

  #answered(journey: Journey): void {
    if (journey.clientWaits) {
      journey.end(this.#kernel.nowMs, journey.ending);
      this.#options.onClientDone(journey);
    }
    this.#endJourney(journey);
  }

  #clientLeaves(journey: Journey): void {
    const { profile, onClientDone } = this.#options;
    const nowMs = this.#kernel.nowMs;
    this.#stream.passSeen(journey, nowMs);
    const gone = journey.leaves ? clientLeft : clientTimeout;
    journey.end(nowMs, gone(journey.begunToArrive ? 200 : 0));
    onClientDone(journey);
    if (journey.interruptedStep === undefined || profile.cancelsUpstream) this.#abandon(journey);
    else journey.pending = schedule(this.#kernel, journey.interruptedMs, journey.interruptedStep, journey.slot);
  }

  /** Nothing will come any more: the client waits in vain until its time limit. */
  #waitForClient(journey: Journey): void {
    if (!journey.clientWaits) return this.#abandon(journey);
    journey.pending = schedule(this.#kernel, journey.deadlineMs, steps.clientLeaves, journey.slot);
  }

  /** Ends the journey of a client who has left. */
  #abandon(journey: Journey): void {
    this.#stream.stopFlow(journey, this.#kernel.nowMs);
    this.#calls.takeBack(journey);
    this.#endJourney(journey);
  }

  #endJourney(journey: Journey): void {
    if (journey.entered) this.#door?.leave(this.#kernel.nowMs, journey);
    this.#options.onJourneyEnd(journey);
  }

  /** The next step, unless the client's time limit runs out before it. Without delay it is taken at once. */
  #next(journey: Journey, step: Step, atMs: Ms): void {
    if (journey.clientWaits && atMs > journey.deadlineMs) {
      journey.interruptedStep = step;
      journey.interruptedMs = atMs;
      journey.pending = schedule(this.#kernel, journey.deadlineMs, steps.clientLeaves, journey.slot);
    } else if (atMs === this.#kernel.nowMs) {
      this.take(journey, step);
    } else {
      journey.pending = schedule(this.#kernel, atMs, step, journey.slot);
    }
  }
}
