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
import { promptCharacters } from "../behavior/prompt.ts";
import type { ProviderAsk, ProviderDecision, Usage } from "../behavior/provider.ts";
import { assertNever, invariant } from "../core/invariant.ts";
import { addMoney } from "../core/money.ts";
import type { PlatformSpec } from "../core/scenario/platform-spec.ts";
import type { Ms } from "../core/time.ts";
import {
  clientLeft,
  clientTimeout,
  connectionReset,
  cutStream,
  type Ending,
  failedWith,
  refusalSeen,
  wholeAnswer,
} from "./answers.ts";
import { schedule, type Step, steps } from "./events.ts";
import type { Journey } from "./journey.ts";
import type { Kernel } from "./kernel.ts";
import { type ChunkWork, StreamPassage } from "./stream-passage.ts";
import { usageCutShort, usageWhole } from "./usage.ts";

export interface GatewayOptions {
  readonly kernel: Kernel;
  readonly profile: GatewayProfile;
  readonly retries: PlatformSpec["retries"];
  /** The gateway's own times appear this many times as long: scenario milliseconds per wall millisecond. */
  readonly timeScale: number;
  readonly chunks: ChunkWork;
  /** A client has its answer or has left; not called again for that request. */
  readonly onClientDone: (journey: Journey) => void;
  /** Nothing more will happen to the request. */
  readonly onJourneyEnd: (journey: Journey) => void;
}

/** CPU of a piece of work, as a station wants to know it. */
interface Cost {
  readonly idleMs: Ms;
  readonly busyMs: Ms;
  readonly warmMs: Ms;
}

type Served = Extract<ProviderDecision, { readonly kind: "serve" }>;

export class Gateway {
  readonly #options: GatewayOptions;
  readonly #kernel: Kernel;
  readonly #retryOn: ReadonlySet<number>;

  // The profile's times, scaled.
  readonly #request: Cost;
  readonly #end: Cost;
  readonly #networkMs: Ms;
  readonly #backoffMs: Ms;
  readonly #stream: StreamPassage;

  constructor(options: GatewayOptions) {
    const { profile, timeScale } = options;
    this.#options = options;
    this.#kernel = options.kernel;
    this.#retryOn = new Set(options.retries.on);
    const cost = (cpuMs: Ms, busyShare: number): Cost => ({
      idleMs: cpuMs * timeScale,
      busyMs: cpuMs * busyShare * timeScale,
      warmMs: profile.warmMs * timeScale,
    });
    this.#request = cost(profile.requestCpuMs, profile.busyRequestShare);
    this.#end = cost(profile.endCpuMs, profile.busyRequestShare);
    this.#networkMs = profile.networkMs * timeScale;
    this.#backoffMs = (profile.failover?.backoffMs ?? 0) * timeScale;
    this.#stream = new StreamPassage({
      read: {
        ...cost(profile.chunkCpuMs, profile.busyChunkShare),
        furtherMs: profile.coalescedChunkCpuMs * timeScale,
      },
      firstChunkDelayMs: profile.firstChunkDelayMs * timeScale,
      networkMs: this.#networkMs,
      chunks: options.chunks,
    });
  }

  /** A request comes in, now. All its turns but the first are taken to wait as long as the first. */
  receive(journey: Journey): void {
    const { nowMs } = this.#kernel;
    const { cpu } = journey.start.replica;
    const { idleMs, busyMs, warmMs } = this.#request;
    const furtherWaitsMs = (this.#options.profile.requestTurns - 1) * cpu.waitMs(nowMs);
    const doneMs = cpu.offer(nowMs, idleMs, busyMs, warmMs);
    this.#next(journey, steps.providerIsCalled, doneMs + furtherWaitsMs);
  }

  /** The next step of a journey has come. */
  take(journey: Journey, step: Step): void {
    switch (step) {
      case steps.providerIsCalled:
        return this.#callProvider(journey);
      case steps.chunkComes:
        return this.#passChunks(journey);
      case steps.answerEnds:
        return this.#passEnd(journey);
      case steps.callFails:
        return this.#fail(journey);
      case steps.retryIsDue:
        return this.receive(journey);
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
    if (journey.pending !== undefined) this.#kernel.cancel(journey.pending);
    journey.interruptedStep = undefined;
    this.#stream.passSeen(journey, nowMs);
    this.#stream.stopFlow(journey, nowMs);
    if (journey.ticket !== undefined) this.#settle(journey, this.#cutShort(journey));
  }

  /** The same, and its client sees the connection close; what had passed the gateway by then still reaches it. */
  breakOff(journey: Journey, ending: Ending): void {
    this.withdraw(journey);
    journey.ending = journey.begunToArrive ? cutStream("cut", false) : ending;
    this.#next(journey, steps.answered, Math.max(this.#kernel.nowMs, journey.seenMs));
  }

  #callProvider(journey: Journey): void {
    const nowMs = this.#kernel.nowMs;
    journey.attempts += 1;
    journey.upstreamCalls += 1;
    journey.ending = wholeAnswer;
    const decision = journey.upstream.provider.begin(nowMs, askOf(journey));
    switch (decision.kind) {
      case "serve":
        return this.#serve(journey, decision);
      case "refuse":
        journey.ending = refusalSeen(decision.refusal);
        return this.#next(journey, steps.callFails, nowMs + decision.afterMs);
      case "drop":
        if (decision.how === "hang") return this.#waitForClient(journey);
        journey.ending = connectionReset;
        return this.#next(journey, steps.callFails, nowMs + decision.afterMs);
      default:
        return assertNever(decision);
    }
  }

  #serve(journey: Journey, { ticket, plan }: Served): void {
    const nowMs = this.#kernel.nowMs;
    journey.serve(nowMs, ticket, plan);
    if (journey.start.planned.stream) return this.#awaitChunks(journey);
    if (plan.breakAfterChunks === undefined) return this.#next(journey, steps.answerEnds, nowMs + plan.totalMs);
    if (plan.breakHow === "stall") return this.#waitForClient(journey);
    journey.ending = connectionReset;
    this.#next(journey, steps.callFails, nowMs + plan.chunkAtMs(plan.breakAfterChunks));
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
    const readMs = journey.start.planned.stream ? this.#stream.passLast(journey, this.#kernel.nowMs) : undefined;
    if (plan.breakAfterChunks === undefined) {
      this.#settle(journey, usageWhole(plan));
    } else {
      if (plan.breakHow === "stall") return this.#waitForClient(journey);
      journey.ending = cutStream(plan.breakHow, this.#options.profile.failover !== undefined);
      this.#settle(journey, this.#cutShort(journey));
    }
    this.#finish(journey, readMs);
  }

  #fail(journey: Journey): void {
    const { profile, retries } = this.#options;
    if (journey.ticket !== undefined) this.#settle(journey, this.#cutShort(journey));
    if (profile.failover !== undefined) {
      const noAnswer = journey.ending.status === 0;
      const status = noAnswer ? profile.failover.connectionStatus : journey.ending.status;
      if (journey.attempts <= retries.max && (noAnswer || this.#retryOn.has(status))) {
        const waitMs = this.#backoffMs * 2 ** (journey.attempts - 1);
        return this.#next(journey, steps.retryIsDue, this.#kernel.nowMs + waitMs);
      }
      if (journey.hop + 1 < journey.start.route.length && this.#retryOn.has(status)) {
        journey.hop += 1;
        journey.attempts = 0;
        return this.receive(journey);
      }
      if (noAnswer) journey.ending = failedWith(status, `http-${status}`);
    }
    this.#finish(journey, undefined);
  }

  /** The answer is whole, or there is none: its end goes to the client. After `readMs`, at once if the last chunk was read then. */
  #finish(journey: Journey, readMs: Ms | undefined): void {
    const { idleMs, busyMs, warmMs } = this.#end;
    const doneMs = journey.start.replica.cpu.offer(this.#kernel.nowMs, idleMs, busyMs, warmMs);
    const endMs = readMs === undefined ? doneMs : Math.min(doneMs, readMs + busyMs);
    this.#next(journey, steps.answered, endMs + this.#networkMs);
  }

  #answered(journey: Journey): void {
    if (journey.clientWaits) {
      journey.end(this.#kernel.nowMs, journey.ending);
      this.#options.onClientDone(journey);
    }
    this.#options.onJourneyEnd(journey);
  }

  #clientLeaves(journey: Journey): void {
    const { profile, onClientDone } = this.#options;
    const nowMs = this.#kernel.nowMs;
    this.#stream.passSeen(journey, nowMs);
    const gone = journey.start.leaves ? clientLeft : clientTimeout;
    journey.end(nowMs, gone(journey.begunToArrive ? 200 : 0));
    onClientDone(journey);
    if (journey.interruptedStep === undefined || profile.cancelsUpstream) this.#abandon(journey);
    else journey.pending = schedule(this.#kernel, journey.interruptedMs, journey.interruptedStep, journey.slot);
  }

  /** Nothing will come any more: the client waits in vain until its time limit. */
  #waitForClient(journey: Journey): void {
    if (!journey.clientWaits) return this.#abandon(journey);
    journey.pending = schedule(this.#kernel, journey.start.deadlineMs, steps.clientLeaves, journey.slot);
  }

  /** Ends the journey of a client who has left. */
  #abandon(journey: Journey): void {
    this.#stream.stopFlow(journey, this.#kernel.nowMs);
    if (journey.ticket !== undefined) this.#settle(journey, this.#cutShort(journey));
    this.#options.onJourneyEnd(journey);
  }

  #cutShort(journey: Journey): Usage {
    invariant(journey.plan !== undefined, "a call that is cut short was being served");
    return usageCutShort(journey.plan, journey.start.planned.stream, this.#kernel.nowMs - journey.begunMs);
  }

  #settle(journey: Journey, usage: Usage): void {
    const { ticket, upstream } = journey;
    invariant(ticket !== undefined, "a call is settled once");
    journey.ticket = undefined;
    journey.generatedTokens += usage.outputTokens;
    journey.cost = addMoney(journey.cost, upstream.provider.finish(this.#kernel.nowMs, ticket, usage));
  }

  /** The next step, unless the client's time limit runs out before it. Without delay it is taken at once. */
  #next(journey: Journey, step: Step, atMs: Ms): void {
    if (journey.clientWaits && atMs > journey.start.deadlineMs) {
      journey.interruptedStep = step;
      journey.interruptedMs = atMs;
      journey.pending = schedule(this.#kernel, journey.start.deadlineMs, steps.clientLeaves, journey.slot);
    } else if (atMs === this.#kernel.nowMs) {
      this.take(journey, step);
    } else {
      journey.pending = schedule(this.#kernel, atMs, step, journey.slot);
    }
  }
}

function askOf(journey: Journey): ProviderAsk {
  const { planned } = journey.start;
  return {
    apiKey: journey.upstream.apiKey,
    requestKey: planned.key,
    attempt: journey.upstreamCalls,
    model: planned.model,
    inputTokens: planned.inputTokens,
    cachedTokens: planned.cachedTokens,
    promptCharacters: promptCharacters(planned),
    maxOutputTokens: planned.maxOutputTokens,
    outputTokens: planned.outputTokens,
    stream: planned.stream,
    origin: journey.start.replica.region,
  };
}
