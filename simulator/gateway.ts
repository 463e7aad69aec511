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
 * - A stream that has begun is never retried. Its first chunk waits `firstChunkDelayMs`, later ones queue behind it.
 * - When its client leaves, a gateway that does not cancel carries on to the end, pending retries included.
 * Assumed: a further call costs as much CPU as the first; the network is charged once, on the way back to the client.
 *
 * Chunks would be the bulk of all events. So by default (`chunks: "flow"`) the first chunk of a stream, those held back
 * behind it, and the last one are pieces of work, and those between are background load on the event loop while the stream
 * lasts: at most six events a request, however long its answer. Waits of the chunks between are interpolated, which
 * only the largest gap can tell. With `chunks: "each"` every chunk is a piece of work. What the gateway adds to latency comes
 * out the same within 5 %, from an idle to an overloaded event loop (test/simulator/gateway.test.ts). Where passing a chunk
 * costs nothing, no chunk causes an event.
 */
import type { GatewayProfile } from "../behavior/gateway-profile.ts";
import { promptCharacters } from "../behavior/prompt.ts";
import type { ProviderAsk, ProviderDecision, Usage } from "../behavior/provider.ts";
import { assertNever, invariant } from "../core/invariant.ts";
import { addMoney } from "../core/money.ts";
import type { PlatformSpec } from "../core/scenario/scenario.ts";
import type { Ms } from "../core/time.ts";
import { clientTimeout, connectionReset, cutStream, failedWith, refusalSeen, wholeAnswer } from "./answers.ts";
import { schedule, type Step, steps } from "./events.ts";
import type { Journey } from "./journey.ts";
import type { Kernel } from "./kernel.ts";
import { usageCutShort, usageWhole } from "./usage.ts";

/** How the CPU for the chunks of a stream is served: each one in turn, or as one even flow. */
export type ChunkWork = "each" | "flow";

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

type Served = Extract<ProviderDecision, { readonly kind: "serve" }>;

export class Gateway {
  readonly #options: GatewayOptions;
  readonly #kernel: Kernel;
  readonly #retryOn: ReadonlySet<number>;

  // The profile's times, scaled.
  readonly #requestCpuMs: Ms;
  readonly #chunkCpuMs: Ms;
  readonly #endCpuMs: Ms;
  readonly #firstChunkDelayMs: Ms;
  readonly #networkMs: Ms;
  readonly #backoffMs: Ms;
  readonly #chunksAreFree: boolean;

  constructor(options: GatewayOptions) {
    const { profile, timeScale } = options;
    this.#options = options;
    this.#kernel = options.kernel;
    this.#retryOn = new Set(options.retries.on);
    this.#requestCpuMs = profile.requestCpuMs * timeScale;
    this.#chunkCpuMs = profile.chunkCpuMs * timeScale;
    this.#endCpuMs = profile.endCpuMs * timeScale;
    this.#firstChunkDelayMs = profile.firstChunkDelayMs * timeScale;
    this.#networkMs = profile.networkMs * timeScale;
    this.#backoffMs = (profile.failover?.backoffMs ?? 0) * timeScale;
    this.#chunksAreFree = this.#chunkCpuMs === 0 && this.#firstChunkDelayMs === 0;
  }

  /** A request comes in, now. */
  receive(journey: Journey): void {
    this.#next(journey, steps.providerIsCalled, this.#work(journey, this.#requestCpuMs));
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
    const { chunksPassed, releaseMs } = journey;
    const toCome = chunksToCome(journey);
    if (!this.#chunksAreFree && toCome > 0) {
      const dueMs = chunkDueMs(journey, chunksPassed);
      const isHeld = dueMs <= releaseMs || this.#options.chunks === "each";
      if (chunksPassed === 0 || (chunksPassed < toCome - 1 && isHeld)) {
        return this.#next(journey, steps.chunkComes, Math.max(dueMs, releaseMs));
      }
    }
    const endMs = Math.max(chunkDueMs(journey, toCome - 1), releaseMs);
    this.#startFlow(journey, toCome - 1 - chunksPassed, endMs);
    this.#next(journey, steps.answerEnds, endMs);
  }

  /** The first chunk, or all that have come by now, short of the last one. */
  #passChunks(journey: Journey): void {
    const nowMs = this.#kernel.nowMs;
    const from = journey.chunksPassed;
    const beforeLast = chunksToCome(journey) - 1;
    let to = from + 1;
    while (from > 0 && to < beforeLast && chunkDueMs(journey, to) <= nowMs) to++;
    const workMs = (to - from) * this.#chunkCpuMs;
    const startMs = this.#work(journey, workMs) - workMs;
    if (from === 0) {
      journey.firstChunkMs = nowMs;
      journey.firstWaitMs = startMs - nowMs;
      journey.releaseMs = startMs + workMs + this.#firstChunkDelayMs;
      journey.seesChunk(journey.releaseMs + this.#networkMs);
    } else {
      for (let passed = 1; passed <= to - from; passed++) {
        journey.seesChunk(startMs + passed * this.#chunkCpuMs + this.#networkMs);
      }
    }
    journey.chunksPassed = to;
    this.#awaitChunks(journey);
  }

  /** Spreads the work for this many chunks evenly from now to the end of the stream. */
  #startFlow(journey: Journey, chunks: number, endMs: Ms): void {
    if (chunks <= 0 || this.#chunkCpuMs === 0) return;
    journey.flow = (chunks * this.#chunkCpuMs) / (endMs - this.#kernel.nowMs);
    journey.start.replica.cpu.changeBackground(this.#kernel.nowMs, journey.flow);
  }

  #stopFlow(journey: Journey): void {
    if (journey.flow === 0) return;
    journey.start.replica.cpu.changeBackground(this.#kernel.nowMs, -journey.flow);
    journey.flow = 0;
  }

  /** The provider is done: what is left of the answer, and its end, go to the client. */
  #passEnd(journey: Journey): void {
    const { plan } = journey;
    invariant(plan !== undefined, "an answer that ends was being served");
    this.#stopFlow(journey);
    if (journey.start.planned.stream) this.#passLastChunks(journey);
    if (plan.breakAfterChunks === undefined) {
      this.#settle(journey, usageWhole(plan));
    } else {
      if (plan.breakHow === "stall") return this.#waitForClient(journey);
      journey.ending = cutStream(plan.breakHow, this.#options.profile.failover !== undefined);
      this.#settle(journey, this.#cutShort(journey));
    }
    this.#next(journey, steps.answered, this.#work(journey, this.#endCpuMs) + this.#networkMs);
  }

  /** The last chunk, and before it those that flowed: their waits lie between those of the first and the last. */
  #passLastChunks(journey: Journey): void {
    const toCome = chunksToCome(journey);
    if (journey.chunksPassed >= toCome) return;
    const { firstChunkMs, firstWaitMs } = journey;
    const nowMs = this.#kernel.nowMs;
    const cpuMs = this.#chunkCpuMs;
    const lastWaitMs = cpuMs === 0 ? 0 : this.#work(journey, cpuMs) - cpuMs - nowMs;
    const growth = nowMs === firstChunkMs ? 0 : (lastWaitMs - firstWaitMs) / (nowMs - firstChunkMs);
    let passedMs = 0;
    for (let chunk = journey.chunksPassed; chunk < toCome; chunk++) {
      const comesMs = Math.max(chunkDueMs(journey, chunk), journey.releaseMs);
      const waitMs = chunk === toCome - 1 ? lastWaitMs : firstWaitMs + growth * (comesMs - firstChunkMs);
      passedMs = Math.max(passedMs, comesMs + waitMs) + cpuMs;
      journey.seesChunk(passedMs + this.#networkMs);
    }
    journey.chunksPassed = toCome;
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
    this.#next(journey, steps.answered, this.#work(journey, this.#endCpuMs) + this.#networkMs);
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
    this.#passChunksSeen(journey, nowMs);
    journey.end(nowMs, clientTimeout(journey.begunToArrive ? 200 : 0));
    onClientDone(journey);
    if (journey.interruptedStep === undefined || profile.cancelsUpstream) this.#abandon(journey);
    else schedule(this.#kernel, journey.interruptedMs, journey.interruptedStep, journey.slot);
  }

  /** Chunks that have reached the client by now without an event of their own. */
  #passChunksSeen(journey: Journey, nowMs: Ms): void {
    if (journey.ticket === undefined || !journey.start.planned.stream) return;
    const toCome = chunksToCome(journey);
    const passageMs = journey.firstWaitMs + this.#chunkCpuMs + this.#networkMs;
    while (journey.chunksPassed < toCome) {
      const seenMs = Math.max(chunkDueMs(journey, journey.chunksPassed), journey.releaseMs) + passageMs;
      if (seenMs > nowMs) return;
      journey.seesChunk(seenMs);
      journey.chunksPassed += 1;
    }
  }

  /** Nothing will come any more: the client waits in vain until its time limit. */
  #waitForClient(journey: Journey): void {
    if (!journey.clientWaits) return this.#abandon(journey);
    schedule(this.#kernel, journey.start.deadlineMs, steps.clientLeaves, journey.slot);
  }

  /** Ends the journey of a client who has left. */
  #abandon(journey: Journey): void {
    this.#stopFlow(journey);
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

  /** Puts a piece of work on the replica's event loop; answers when it is done. */
  #work(journey: Journey, cpuMs: Ms): Ms {
    return journey.start.replica.cpu.offer(this.#kernel.nowMs, cpuMs);
  }

  /** The next step, unless the client's time limit runs out before it. Without delay it is taken at once. */
  #next(journey: Journey, step: Step, atMs: Ms): void {
    if (journey.clientWaits && atMs > journey.start.deadlineMs) {
      journey.interruptedStep = step;
      journey.interruptedMs = atMs;
      schedule(this.#kernel, journey.start.deadlineMs, steps.clientLeaves, journey.slot);
    } else if (atMs === this.#kernel.nowMs) {
      this.take(journey, step);
    } else {
      schedule(this.#kernel, atMs, step, journey.slot);
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
  };
}

/** Content events of the stream being served, fewer than planned when a fault breaks it off. */
function chunksToCome(journey: Journey): number {
  return journey.plan?.breakAfterChunks ?? journey.plan?.chunks ?? 0;
}

/** When a content event leaves the provider. Without any (-1): when the answer is done, or where the first would have broken. */
function chunkDueMs(journey: Journey, chunk: number): Ms {
  const { plan, begunMs } = journey;
  invariant(plan !== undefined, "chunks belong to a served call");
  if (chunk >= 0) return begunMs + plan.chunkAtMs(chunk);
  return begunMs + (plan.chunks === 0 ? plan.totalMs : plan.ttftMs);
}
