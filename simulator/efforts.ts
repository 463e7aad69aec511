/**
 * What a client does when a try fails: its library waits and tries again, or its person sends the request again, and what
 * counts for the client is the last try only.
 *
 * Each try is a journey of its own, since a gateway may go on with one that its client has given up; all of them together are
 * one request and one record. Exists only where a scenario gives clients retries, or people who send again.
 */
import { type EndedTry, type NextTry, nextTry } from "../behavior/routing/next-try.ts";
import type { PlannedRequest, Workload, WorkloadPhase } from "../behavior/workload.ts";
import { invariant } from "../core/invariant.ts";
import { addMoney, type NanoDollars } from "../core/money.ts";
import type { PhaseName, RequestRecord } from "../core/record.ts";
import type { Ms } from "../core/time.ts";
import { clientLeft } from "./answers.ts";
import type { OnTheirWay } from "./checkers.ts";
import { clientActs, schedule } from "./events.ts";
import type { Journey } from "./journey.ts";
import type { JourneyTable } from "./journey-table.ts";
import type { Kernel } from "./kernel.ts";

/** One request of a client, over all tries. */
export class Effort {
  readonly phase: PhaseName;
  readonly user: number;
  readonly planned: PlannedRequest;
  readonly sentMs: Ms;
  /** When its client leaves on purpose. */
  readonly leavesMs: Ms;
  tries = 0;
  /** How often its person has sent it again, and tries since then. */
  resends = 0;
  triesSinceSent = 0;
  /** When its person sends it again unless the answer has begun by then; infinite: waits. */
  patientUntilMs: Ms = Number.POSITIVE_INFINITY;
  /** Who makes the next try, between two of them. */
  nextBy: NextTry["by"] = "library";
  /** Whether its client has an answer, or has given up. */
  decided = false;
  /** Tries that still happen somewhere. */
  open = 0;
  /** The latest try. */
  last: Journey | undefined = undefined;
  /** Calls upstream so far, by number. */
  calls = 0;

  // Of the tries that are over and not the last.
  upstreamCalls = 0;
  hedges = 0;
  generatedTokens = 0;
  cost: NanoDollars = 0;
  triesMs: Ms = 0;
  waitsMs: Ms = 0;

  constructor(phase: PhaseName, user: number, planned: PlannedRequest, sentMs: Ms) {
    this.phase = phase;
    this.user = user;
    this.planned = planned;
    this.sentMs = sentMs;
    this.leavesMs = sentMs + (planned.leaveAfterMs ?? Number.POSITIVE_INFINITY);
  }
}

export interface EffortsOptions {
  readonly kernel: Kernel;
  readonly client: Workload["client"];
  /** Sends a try now, and makes it the effort's last; its client gives up on it at `deadlineMs`, on purpose if `leaves`. */
  readonly send: (effort: Effort, deadlineMs: Ms, leaves: boolean) => void;
  /** The client has an answer, or has given up, now; not called again for that request. */
  readonly onClientDone: (journey: Journey) => void;
  /** Nothing more will happen to the request. */
  readonly onRecord: (record: RequestRecord) => void;
}

export class Efforts {
  readonly #options: EffortsOptions;
  /** Those that wait to try again, by slot of their event. */
  readonly #waiting = new Map<number, Effort>();
  #slots = 0;

  constructor(options: EffortsOptions) {
    this.#options = options;
  }

  begin(phase: WorkloadPhase, user: number, planned: PlannedRequest): void {
    this.#send(new Effort(phase.name, user, planned, this.#options.kernel.nowMs));
  }

  /** A try has ended for its client. */
  tryEnded(journey: Journey): void {
    const { kernel, client, onClientDone } = this.#options;
    const effort = effortOf(journey);
    const next = journey.isOk ? undefined : nextTry(client, endedTry(effort, journey, kernel.nowMs));
    if (next === undefined) {
      effort.decided = true;
      return onClientDone(journey);
    }
    effort.nextBy = next.by;
    const slot = this.#slots++;
    this.#waiting.set(slot, effort);
    const atMs = Math.min(kernel.nowMs + next.waitMs, effort.leavesMs);
    schedule(kernel, atMs, clientActs.clientTriesAgain, slot);
  }

  /** The wait of an effort is over, or its client leaves. */
  triesAgain(slot: number): void {
    const { kernel, onClientDone } = this.#options;
    const effort = this.#waiting.get(slot);
    invariant(effort?.last !== undefined, "whoever tries again has tried before");
    const { last } = effort;
    if (kernel.nowMs >= effort.leavesMs) {
      effort.waitsMs += kernel.nowMs - last.endMs;
      last.end(kernel.nowMs, clientLeft(0));
      effort.decided = true;
      onClientDone(last);
      this.#waiting.delete(slot);
      if (effort.open === 0) this.#options.onRecord(last.record());
      return;
    }
    this.#waiting.delete(slot);
    effort.triesMs += last.endMs - last.intendedMs;
    effort.waitsMs += kernel.nowMs - last.endMs;
    if (last.isOver) this.#addUp(effort, last);
    if (effort.nextBy === "library") return this.#try(effort);
    effort.resends += 1;
    this.#send(effort);
  }

  /** Nothing more happens to a try. */
  tryIsOver(journey: Journey): void {
    const effort = effortOf(journey);
    effort.open -= 1;
    journey.isOver = true;
    if (journey !== effort.last) this.#addUp(effort, journey);
    if (effort.decided && effort.open === 0 && effort.last !== undefined) {
      this.#options.onRecord(effort.last.record());
    }
  }

  /** Requests, not tries. */
  count(journeys: JourneyTable): OnTheirWay {
    const efforts = new Set(this.#waiting.values());
    for (const journey of journeys.filter(() => true)) efforts.add(effortOf(journey));
    const decided = [...efforts].filter((effort) => effort.decided).length;
    return { waiting: efforts.size - decided, abandoned: decided };
  }

  /** Its person sends it, for the first time or again. */
  #send(effort: Effort): void {
    const { kernel, client } = this.#options;
    const patienceMs = client.resends?.patienceMs(effort.planned.key, effort.resends) ?? Number.POSITIVE_INFINITY;
    const untilMs = kernel.nowMs + patienceMs;
    effort.patientUntilMs = untilMs < effort.leavesMs ? untilMs : Number.POSITIVE_INFINITY;
    effort.triesSinceSent = 0;
    this.#try(effort);
  }

  #try(effort: Effort): void {
    const { kernel, client, send } = this.#options;
    effort.tries += 1;
    effort.triesSinceSent += 1;
    effort.open += 1;
    const untilMs = kernel.nowMs + client.timeoutMs;
    const leaves = effort.leavesMs < untilMs;
    send(effort, leaves ? effort.leavesMs : untilMs, leaves);
  }

  #addUp(effort: Effort, over: Journey): void {
    effort.upstreamCalls += over.upstreamCalls;
    effort.hedges += over.hedges;
    effort.generatedTokens += over.generatedTokens;
    effort.cost = addMoney(effort.cost, over.cost);
  }
}

function endedTry(effort: Effort, journey: Journey, nowMs: Ms): EndedTry {
  const { outcome, status } = journey.seen;
  return {
    key: effort.planned.key,
    tries: effort.triesSinceSent,
    resends: effort.resends,
    outcome,
    status,
    retryAfterMs: journey.retryAfterMs,
    begun: journey.begunToArrive,
    patienceLeftMs: effort.patientUntilMs - nowMs,
  };
}

function effortOf(journey: Journey): Effort {
  const { effort } = journey;
  invariant(effort !== undefined, "every try belongs to an effort");
  return effort;
}
