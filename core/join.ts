/**
 * Joins what the client saw with what the providers saw.
 *
 * A marker at the head of the first message survives every gateway, so each upstream call knows its request: retries,
 * fallbacks and tokens nobody received become visible, and the money is the providers' own count.
 */
import { addMoney } from "./money.ts";
import type { RequestRecord } from "./record.ts";

/** Identity of a request within a run. */
function joinKey(record: Pick<RequestRecord, "phase" | "key">): string {
  return `${record.phase}/${record.key}`;
}

/**
 * Fills in what only the providers know: how many calls a request caused, who answered last, which model did, what all of them
 * cost, and how many tokens were generated that its client never received.
 */
export function joinUpstream(record: RequestRecord, calls: readonly RequestRecord[]): RequestRecord {
  const last = calls.at(-1);
  if (last === undefined) return record;
  const generated = calls.reduce((sum, call) => sum + call.outputTokens, 0);
  return {
    ...record,
    provider: last.provider,
    ...(last.model === record.model ? {} : { servedModel: last.model }),
    inputTokens: last.inputTokens,
    cachedTokens: last.cachedTokens,
    upstreamCalls: calls.length,
    cost: calls.reduce((sum, call) => addMoney(sum, call.cost), 0),
    wastedTokens: Math.max(0, generated - record.outputTokens),
  };
}

/**
 * Joins while a run is going on, so that neither side has to be kept whole.
 *
 * A call is in the providers' journal before its answer reaches the client. So once a journal read that began after a
 * record came in has returned, everything about that record is known and it can leave. Only records of clients that gave up
 * wait for the end: their call may still be running upstream.
 */
export class StreamingJoin {
  readonly #calls = new Map<string, RequestRecord[]>();
  readonly #held: RequestRecord[] = [];
  #newlyHeld: RequestRecord[] = [];
  #waiting: RequestRecord[] = [];
  #ripe: RequestRecord[] = [];

  /** A record from the load engine. */
  record(record: RequestRecord): void {
    const mayStillRun = record.outcome === "timeout" || record.outcome === "aborted" || record.outcome === "unfinished";
    if (!mayStillRun) {
      this.#waiting.push(record);
      return;
    }
    this.#held.push(record);
    this.#newlyHeld.push(record);
  }

  /** A journal read begins: what has come in so far will be complete when it returns. */
  readBegins(): void {
    this.#ripe = [...this.#ripe, ...this.#waiting];
    this.#waiting = [];
  }

  /** A journal read returned these calls; answers the records that are now complete, in the order in which they ended. */
  readReturned(journal: Iterable<RequestRecord>): readonly RequestRecord[] {
    this.#index(journal);
    const complete = this.#ripe;
    this.#ripe = [];
    return complete.map((record) => this.#take(record));
  }

  /** Of clients that gave up since the last time: what is known by now. They come again, complete, at the end. */
  gaveUp(): readonly RequestRecord[] {
    const held = this.#newlyHeld;
    this.#newlyHeld = [];
    return held.map((record) => joinUpstream(record, this.#calls.get(joinKey(record)) ?? []));
  }

  /** The last journal read returned these calls; answers all that is left. */
  finish(journal: Iterable<RequestRecord>): readonly RequestRecord[] {
    this.#index(journal);
    const rest = [...this.#ripe, ...this.#waiting, ...this.#held].toSorted((left, right) => left.endMs - right.endMs);
    this.#ripe = [];
    this.#waiting = [];
    this.#held.length = 0;
    return rest.map((record) => this.#take(record));
  }

  #index(journal: Iterable<RequestRecord>): void {
    for (const call of journal) {
      const key = joinKey(call);
      const known = this.#calls.get(key);
      if (known === undefined) this.#calls.set(key, [call]);
      else known.push(call);
    }
  }

  #take(record: RequestRecord): RequestRecord {
    const key = joinKey(record);
    const calls = this.#calls.get(key) ?? [];
    this.#calls.delete(key);
    return joinUpstream(record, calls);
  }
}
