/**
 * What a client's library does when a try fails: it waits and tries again, and its client learns of the last try only.
 *
 * Each try is a journey of its own, since a gateway may go on with one that its client has given up; all of them together are
 * one request and one record. Exists only where a scenario gives clients retries.
 */
import type { FailedTry, RetryAgain } from "../behavior/routing/client-retries.ts";
import type { PlannedRequest, WorkloadPhase } from "../behavior/workload.ts";
import { invariant } from "../core/invariant.ts";
import { addMoney, type NanoDollars } from "../core/money.ts";
import type { PhaseName, RequestRecord } from "../core/record.ts";
import type { Ms } from "../core/time.ts";
import { clientLeft } from "./answers.ts";
import type { OnTheirWay } from "./checkers.ts";
import { clientActs, schedule } from "./events.ts";
import type { Journey, JourneyTable } from "./journey.ts";
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
  readonly retryAgain: RetryAgain;
  /** Sends a try now, and makes it the effort's last; its client gives up on it at `deadlineMs`, on purpose if `leaves`. */
  readonly send: (effort: Effort, deadlineMs: Ms, leaves: boolean) => void;
  readonly timeoutMs: Ms;
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
    this.#try(new Effort(phase.name, user, planned, this.#options.kernel.nowMs));
  }

  /** A try has ended for its client. */
  tryEnded(journey: Journey): void {
    const { kernel, retryAgain, onClientDone } = this.#options;
    const effort = effortOf(journey);
    const { outcome, status } = journey.seen;
    const { retryAfterMs } = journey;
    const failed: FailedTry = { key: effort.planned.key, tries: effort.tries, outcome, status, retryAfterMs };
    // An answer that has begun is never asked for again.
    const waitMs = outcome === "ok" || journey.begunToArrive ? undefined : retryAgain(failed);
    if (waitMs === undefined) {
      effort.decided = true;
      return onClientDone(journey);
    }
    const slot = this.#slots++;
    this.#waiting.set(slot, effort);
    const atMs = Math.min(kernel.nowMs + waitMs, effort.leavesMs);
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
    this.#try(effort);
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

  #try(effort: Effort): void {
    const { kernel, timeoutMs, send } = this.#options;
    effort.tries += 1;
    effort.open += 1;
    const untilMs = kernel.nowMs + timeoutMs;
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

function effortOf(journey: Journey): Effort {
  const { effort } = journey;
  invariant(effort !== undefined, "every try belongs to an effort");
  return effort;
}
