/**
 * A station: identical servers behind one queue, first come first served. A gateway replica's event loop is a station with
 * one server.
 *
 * Jobs that are served in order of arrival and never interrupted need no queue in memory: a job starts when it arrives or
 * when the first server falls free, whichever is later (Lindley 1952 for one server, Kiefer and Wolfowitz 1955 for
 * several), so its departure is known the moment it arrives. Offering a job is O(servers) and allocates nothing.
 *
 * A job may need more of a server that it finds idle than of one that is at work, or was just now (Welch 1964: an
 * exceptional first service in each busy period). An event loop must be woken, finds its caches cold, and fetches one event
 * with a system call that would have fetched many.
 *
 * Besides jobs a station takes the chunks of streams as a flow (`chunk-flow.ts`) that lengthens and shortens the wait of
 * the next job.
 */
import { invariant } from "../core/invariant.ts";
import type { Ms } from "../core/time.ts";
import { ChunkFlow, type ReadCost } from "./chunk-flow.ts";

/** What a job needs of a server that has been idle for `warmMs`, and of one that has not. */
export type WorkCost = Omit<ReadCost, "furtherMs">;

/** A job that needs the same of any server. */
export function evenWork(serviceMs: Ms): WorkCost {
  return { idleMs: serviceMs, busyMs: serviceMs, warmMs: 0 };
}

export class Station {
  /** When each server has finished everything it was given so far. */
  readonly #freeMs: Float64Array;
  /** What flows to each server. */
  readonly #flow: ChunkFlow = new ChunkFlow();
  /** Up to when the flow has been followed. */
  #nowMs: Ms = 0;
  #jobs = 0;
  #jobMs: Ms = 0;
  #waitedMs: Ms = 0;
  /** Jobs that come from now on take this many times as long. The flow of streams does not. */
  slowdown = 1;

  constructor(servers: number) {
    invariant(Number.isInteger(servers) && servers >= 1, `a station has one or more servers, not ${servers}`);
    this.#freeMs = new Float64Array(servers).fill(Number.NEGATIVE_INFINITY);
  }

  /** Takes a job, which may need so much more than its usual cost; answers when it will be done. Calls come in order of time. */
  offer(arrivalMs: Ms, cost: WorkCost, furtherMs: Ms = 0): Ms {
    this.#advance(arrivalMs);
    const server = this.#firstFree();
    const freeMs = this.#freeMs[server] ?? 0;
    const startMs = Math.max(arrivalMs, freeMs);
    const busyMs = cost.busyMs + furtherMs;
    const idleMs = cost.idleMs + furtherMs;
    const serviceMs = (busyMs + this.#coldShare(arrivalMs - freeMs, cost.warmMs) * (idleMs - busyMs)) * this.slowdown;
    const departureMs = startMs + serviceMs;
    this.#freeMs[server] = departureMs;
    this.#jobs += 1;
    this.#jobMs += serviceMs;
    this.#waitedMs += startMs - arrivalMs;
    return departureMs;
  }

  /** How long a job that comes now would wait. */
  waitMs(nowMs: Ms): Ms {
    this.#advance(nowMs);
    return Math.max(0, (this.#freeMs[this.#firstFree()] ?? 0) - nowMs);
  }

  /** From now on there is one stream more (1) or less (-1), with so many chunks per unit of time. Calls come in order of time. */
  changeFlow(nowMs: Ms, streams: 1 | -1, chunksPerMs: number, cost: ReadCost): void {
    invariant(this.#freeMs.length === 1, "streams flow to a station with one server");
    this.#advance(nowMs);
    this.#flow.change(streams, chunksPerMs, cost);
  }

  /** Jobs taken. */
  get jobs(): number {
    return this.#jobs;
  }

  /** Service given and promised, over all servers. */
  get busyMs(): Ms {
    return this.#jobMs + this.#flow.workMs;
  }

  /** Time that jobs have waited and will wait for a server, in all. */
  get waitedMs(): Ms {
    return this.#waitedMs;
  }

  /** Takes in what has flowed here since the last call. */
  #advance(nowMs: Ms): void {
    if (nowMs === this.#nowMs) return;
    const passedMs = nowMs - this.#nowMs;
    invariant(passedMs > 0, "a station is told of things in order of time");
    if (this.#flow.flows) {
      const waitMs = Math.max(0, (this.#freeMs[0] ?? 0) - this.#nowMs);
      this.#freeMs[0] = nowMs + this.#flow.waitAfter(waitMs, passedMs);
    }
    this.#nowMs = nowMs;
  }

  /** How likely a server is cold that has had no job for so long; where chunks flow, it may be reading one. */
  #coldShare(freeForMs: Ms, warmMs: Ms): number {
    if (freeForMs < 0) return 0;
    if (this.#flow.flows) return this.#flow.coldShare;
    return freeForMs >= warmMs ? 1 : 0;
  }

  /** Of servers that are free equally early, the first. */
  #firstFree(): number {
    const freeMs = this.#freeMs;
    let server = 0;
    for (let other = 1; other < freeMs.length; other++) {
      if ((freeMs[other] ?? 0) < (freeMs[server] ?? 0)) server = other;
    }
    return server;
  }
}
