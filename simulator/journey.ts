/**
 * A journey: one request on its way from its client through the gateway to a provider and back.
 *
 * A journey has exactly one event pending: what is ahead of it is known, and the client's time limit costs an event only when it
 * will really run out.
 */
import type { ResponsePlan, Ticket } from "../behavior/provider.ts";
import type { KeptAnswer } from "../behavior/routing/response-cache.ts";
import type { PlannedRequest } from "../behavior/workload.ts";
import { invariant } from "../core/invariant.ts";
import { addMoney, type NanoDollars } from "../core/money.ts";
import { isGenerated, type PhaseName, type RequestRecord } from "../core/record.ts";
import type { Ms } from "../core/time.ts";
import { type Ending, notEnded, wholeAnswer } from "./answers.ts";
import type { Step } from "./events.ts";
import { type EventHandle, noEvent } from "./kernel.ts";
import { nowhere, type Replica } from "./replica.ts";
import type { Effort } from "./efforts.ts";
import type { Rival } from "./race.ts";
import type { Upstream } from "./routes.ts";
import { spentParts, timeParts } from "./time-spent.ts";

export interface JourneyStart {
  readonly phase: PhaseName;
  /** The user of a closed phase who sends it, `nobody` in an open phase. */
  readonly user: number;
  readonly planned: PlannedRequest;
  /** When the plan wants it sent, which is when it is sent: a simulated client is never late. */
  readonly intendedMs: Ms;
  /** When the client gives up, or leaves on purpose. */
  readonly deadlineMs: Ms;
  /** Whether it then leaves on purpose. */
  readonly leaves: boolean;
  /** Before that, when it gives up unless the answer has begun; unless given, it stays. */
  readonly beginByMs?: Ms;
  /** Providers that may serve it, in fallback order. */
  readonly route: readonly Upstream[];
  /** All tries of the client together; undefined where clients never try again. */
  readonly effort?: Effort | undefined;
  /** Whether it is to be told what its time went into. */
  readonly explained?: boolean;
}

/** Stands in for a user where there is none. */
export const nobody = -1;

/**
 * All of it is set when its request begins, since a journey serves one request after the other (`JourneyTable`): V8 writes a number
 * with a fraction into the place that a field has for it, and would make a new object of some seven hundred bytes for each request.
 */
export class Journey {
  readonly slot: number;
  phase: PhaseName;
  user: number;
  planned: PlannedRequest;
  intendedMs: Ms;
  /** When its client gives up as things stand: later, once the answer has begun, where its person had less patience than that. */
  deadlineMs: Ms;
  wholeByMs: Ms;
  leaves: boolean;
  effort: Effort | undefined;
  /** Whether something may still happen to its request. */
  isUnderWay = false;
  /** The one that serves it; `nowhere` while it waits for one. */
  replica: Replica = nowhere;

  /** False once the client has its answer or has left. */
  clientWaits = true;
  /** What would have come next when the client left; undefined: nothing. */
  interruptedStep: Step | undefined = undefined;
  interruptedMs: Ms = 0;
  /** Its one event, which may have fired. */
  pending: EventHandle = noEvent;

  /** What the gateway asks for, and whom: as its client did, unless the gateway knows better. */
  model: string;
  route: readonly Upstream[];
  // Upstream. Place on the route, calls made there, calls in all.
  hop = 0;
  attempts = 0;
  upstreamCalls = 0;
  /** The call being served; its ticket until it is settled. */
  ticket: Ticket | undefined = undefined;
  plan: ResponsePlan | undefined = undefined;
  begunMs: Ms = 0;
  /** Whether a call is open that breakers want to hear of, and whether it is a probe. */
  calling = false;
  probe = false;
  /** When the gateway gives up on this call, and on the request. */
  untilMs: Ms = Number.POSITIVE_INFINITY;
  limitMs: Ms = Number.POSITIVE_INFINITY;
  /** What the latest failure asks for, and how long the latest back-off was. */
  retryAfterMs: Ms | undefined = undefined;
  waitedMs: Ms = 0;
  /** A second call in flight, and how many there were. */
  rival: Rival | undefined = undefined;
  hedges = 0;
  /** Whether it has passed the gateway's door, and whether the answer was there already. */
  entered = false;
  /** Nothing more happens to it; only efforts want to know. */
  isOver = false;
  answeredFrom: RequestRecord["answeredFrom"] = undefined;
  /** What a small model answered that was not sure of it, and where on the route that is. */
  unsure: { readonly plan: ResponsePlan; readonly hop: number } | undefined = undefined;
  /** Content events that the gateway has read and passed on, and when it has done so with the latest. */
  chunksPassed = 0;
  readMs: Ms = 0;
  /** Whether the first one has come and is held back, and the instant before which none is passed on. */
  held = false;
  releaseMs: Ms = 0;
  /** When the first read came to the event loop, and how long it waited. */
  flowsFromMs: Ms = 0;
  flowsWaitMs: Ms = 0;
  /** Chunks per millisecond that flow to the replica between the first and the last one, while they do. */
  flow = 0;
  /** How the last call ends, as far as it is known. */
  ending: Ending = wholeAnswer;
  generatedTokens = 0;
  cost: NanoDollars = 0;

  /** What its time went into, by part, up to an instant; undefined where nobody asks. */
  spent: Float64Array | undefined = undefined;
  spentUntilMs: Ms = 0;

  // What the client has seen.
  #firstTokenMs: Ms = Number.NaN;
  #lastChunkMs: Ms = 0;
  #gapMaxMs: Ms = 0;
  #chunks = 0;
  #endMs: Ms = Number.NaN;
  #seen: Ending = notEnded;
  #outputTokens = 0;

  constructor(slot: number, start: JourneyStart) {
    this.slot = slot;
    this.phase = start.phase;
    this.user = start.user;
    this.planned = start.planned;
    this.intendedMs = start.intendedMs;
    this.deadlineMs = start.deadlineMs;
    this.wholeByMs = start.deadlineMs;
    this.leaves = start.leaves;
    this.effort = start.effort;
    this.model = start.planned.model;
    this.route = start.route;
    this.begin(start);
  }

  /** Sets out with a request, as if there had been none before. */
  begin(start: JourneyStart): void {
    this.phase = start.phase;
    this.user = start.user;
    this.planned = start.planned;
    this.intendedMs = start.intendedMs;
    this.deadlineMs = Math.min(start.deadlineMs, start.beginByMs ?? Number.POSITIVE_INFINITY);
    this.wholeByMs = start.deadlineMs;
    this.leaves = start.leaves;
    this.effort = start.effort;
    this.isUnderWay = true;
    this.replica = nowhere;
    this.clientWaits = true;
    this.interruptedStep = undefined;
    this.interruptedMs = 0;
    this.pending = noEvent;
    this.#beginUpstream(start);
    this.#beginStream();
    this.spent = start.explained === true ? new Float64Array(timeParts.length) : undefined;
    this.spentUntilMs = start.intendedMs;
    this.#seen = notEnded;
    this.#endMs = Number.NaN;
    this.#outputTokens = 0;
  }

  #beginUpstream({ planned, route }: JourneyStart): void {
    this.model = planned.model;
    this.route = route;
    this.hop = 0;
    this.attempts = 0;
    this.upstreamCalls = 0;
    this.ticket = undefined;
    this.plan = undefined;
    this.begunMs = 0;
    this.calling = false;
    this.probe = false;
    this.untilMs = Number.POSITIVE_INFINITY;
    this.limitMs = Number.POSITIVE_INFINITY;
    this.retryAfterMs = undefined;
    this.waitedMs = 0;
    this.rival = undefined;
    this.hedges = 0;
    this.entered = false;
    this.isOver = false;
    this.answeredFrom = undefined;
    this.unsure = undefined;
    this.ending = wholeAnswer;
    this.generatedTokens = 0;
    this.cost = 0;
  }

  #beginStream(): void {
    this.chunksPassed = 0;
    this.readMs = 0;
    this.held = false;
    this.releaseMs = 0;
    this.flowsFromMs = 0;
    this.flowsWaitMs = 0;
    this.flow = 0;
    this.#firstTokenMs = Number.NaN;
    this.#lastChunkMs = 0;
    this.#gapMaxMs = 0;
    this.#chunks = 0;
  }

  /** The provider that is being asked, or was last. */
  get upstream(): Upstream {
    const upstream = this.route[this.hop];
    invariant(upstream !== undefined, "a journey stays on its route");
    return upstream;
  }

  /** Starts to be served: nothing of the answer has come yet. */
  serve(nowMs: Ms, ticket: Ticket, plan: ResponsePlan): void {
    this.ticket = ticket;
    this.plan = plan;
    this.begunMs = nowMs;
    this.chunksPassed = 0;
    this.readMs = nowMs;
    this.held = false;
    this.releaseMs = nowMs;
    this.flowsFromMs = nowMs;
    this.flowsWaitMs = 0;
  }

  /** The second call has won: it is the call from now on. */
  promote({ hop, ticket, plan, begunMs, probe }: Rival): void {
    this.rival = undefined;
    this.hop = hop;
    this.probe = probe;
    this.calling = true;
    this.untilMs = Number.POSITIVE_INFINITY;
    this.serve(begunMs, ticket, plan);
  }

  /** Gets an answer that the gateway has kept. */
  answerFrom({ outputTokens, chunks }: KeptAnswer, alike: boolean): void {
    this.answeredFrom = alike ? "similar" : "cache";
    this.plan = { ...instantAnswer, outputTokens, chunks };
  }

  /** Nobody better can be reached: gets what the small model answered after all. */
  answerUnsurely({ plan, hop }: { readonly plan: ResponsePlan; readonly hop: number }): void {
    this.hop = hop;
    this.answeredFrom = "unsure";
    this.plan = { ...instantAnswer, outputTokens: plan.outputTokens, chunks: plan.chunks };
    this.ending = wholeAnswer;
  }

  /** Number of the next call upstream, over all tries of the client. */
  nextAttempt(): number {
    const { effort } = this;
    return effort === undefined ? this.upstreamCalls : ++effort.calls;
  }

  /** Content events reach the client together then, unless it will have left. */
  seesChunks(chunks: number, atMs: Ms): void {
    if (!this.clientWaits || atMs > this.deadlineMs) return;
    if (this.#chunks === 0) this.#begins(atMs);
    else this.#gapMaxMs = Math.max(this.#gapMaxMs, atMs - this.#lastChunkMs);
    this.#lastChunkMs = atMs;
    this.#chunks += chunks;
  }

  #begins(atMs: Ms): void {
    this.#firstTokenMs = atMs;
    if (this.deadlineMs !== this.wholeByMs) this.deadlineMs = this.wholeByMs;
  }

  /** Content events reach the client one by one, the latest then, after at least one before and while it is there. */
  seesApart(chunks: number, gapMaxMs: Ms, lastMs: Ms): void {
    if (!this.clientWaits) return;
    this.#gapMaxMs = Math.max(this.#gapMaxMs, gapMaxMs);
    this.#lastChunkMs = lastMs;
    this.#chunks += chunks;
  }

  /**
   * The client has its answer, or has given up. As the load engine counts, tokens are those of a whole answer, otherwise
   * one per content event.
   */
  end(atMs: Ms, ending: Ending): void {
    if (ending.outcome === "ok" && !this.planned.stream) this.#firstTokenMs = atMs;
    this.clientWaits = false;
    this.#seen = ending;
    this.#endMs = atMs;
    this.#outputTokens = ending.outcome === "ok" ? (this.plan?.outputTokens ?? 0) : this.#chunks;
  }

  /** Whether the client got a whole answer; it has its answer or has given up. */
  get isOk(): boolean {
    return this.#seen.outcome === "ok";
  }

  /** Whether the client has seen any part of a streamed answer. */
  get begunToArrive(): boolean {
    return this.#chunks > 0;
  }

  /** When the client saw, or will see, the latest part of a streamed answer. */
  get seenMs(): Ms {
    return this.#lastChunkMs;
  }

  /** How the client has been answered. */
  get seen(): Ending {
    return this.#seen;
  }

  get endMs(): Ms {
    return this.#endMs;
  }

  /** The record, as a load engine writes it and the join completes it (`core/join.ts`). Times to the microsecond. */
  record(): RequestRecord {
    const { phase, planned, effort } = this;
    const intendedMs = microseconds(effort?.sentMs ?? this.intendedMs);
    const upstreamCalls = this.upstreamCalls + (effort?.upstreamCalls ?? 0);
    const hedges = this.hedges + (effort?.hedges ?? 0);
    const generatedTokens = this.generatedTokens + (effort?.generatedTokens ?? 0);
    const plain: RequestRecord = {
      key: planned.key,
      phase,
      tenant: planned.tenant,
      model: planned.model,
      provider: this.upstreamCalls === 0 ? "" : this.upstream.provider.name,
      stream: planned.stream,
      intendedMs,
      sentMs: intendedMs,
      firstTokenMs: Number.isNaN(this.#firstTokenMs) ? null : microseconds(this.#firstTokenMs),
      endMs: microseconds(this.#endMs),
      status: this.#seen.status,
      outcome: this.#seen.outcome,
      reason: this.#seen.reason,
      inputTokens: planned.inputTokens,
      cachedTokens: this.plan?.foundTokens?.() ?? planned.cachedTokens,
      outputTokens: this.#outputTokens,
      chunks: this.#chunks,
      gapMaxMs: microseconds(this.#gapMaxMs),
      upstreamCalls,
      cost: addMoney(this.cost, effort?.cost ?? 0),
      wastedTokens: Math.max(0, generatedTokens - (isGenerated(this) ? this.#outputTokens : 0)),
    };
    return this.#isPlain(hedges) ? plain : { ...plain, ...this.#besides(hedges) };
  }

  /** Whether there is nothing to say of it that most requests have not. */
  #isPlain(hedges: number): boolean {
    const { answeredFrom, effort, model, planned, spent } = this;
    const isAlone = hedges === 0 && (effort === undefined || effort.tries === 1);
    return isAlone && answeredFrom === undefined && model === planned.model && spent === undefined;
  }

  #besides(hedges: number): Partial<RequestRecord> {
    const { effort, planned } = this;
    return {
      ...(effort === undefined || effort.tries === 1 ? {} : { clientTries: effort.tries }),
      ...(effort === undefined || effort.resends === 0 ? {} : { resends: effort.resends }),
      ...(hedges === 0 ? {} : { hedges }),
      ...(this.answeredFrom === undefined ? {} : { answeredFrom: this.answeredFrom }),
      ...(this.model === planned.model ? {} : { servedModel: this.model }),
      ...(this.spent === undefined ? {} : { spent: spentParts(this.spent, effort) }),
    };
  }
}

/** An answer that is there already. */
const instantAnswer: ResponsePlan = {
  ttftMs: 0,
  chunks: 0,
  chunkAtMs: () => 0,
  totalMs: 0,
  outputTokens: 0,
  finish: "stop",
};

/** Records carry times to the microsecond, live ones too: finer is noise. */
export function microseconds(timeMs: Ms): Ms {
  return Math.round(timeMs * 1_000) / 1_000;
}
