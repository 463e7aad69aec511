/**
 * A station: identical servers behind one queue, first come first served. A gateway replica's event loop is a station with
 * one server.
 *
 * Jobs that are served in order of arrival and never interrupted need no queue in memory: a job starts when it arrives or
 * when the first server falls free, whichever is later (Lindley 1952 for one server, Kiefer and Wolfowitz 1955 for
 * several), so its departure is known the moment it arrives. Offering a job is O(servers) and allocates nothing.
 *
 * Besides jobs a station takes background load: many small pieces of work, spread so evenly over time that only their
 * sum matters. It flows into the queue like a fluid: while a share b of the server goes into it, what waits ahead of the
 * next job shrinks by 1 - b per unit of time, or grows when b is above 1.
 */
import { invariant } from "../core/invariant.ts";
import type { Ms } from "../core/time.ts";

export class Station {
  /** When each server has finished everything it was given so far. */
  readonly #freeMs: Float64Array;
  /** Share of all servers together that background work takes, and the instant up to which it has been served. */
  #background = 0;
  #nowMs: Ms = 0;
  #jobs = 0;
  #busyMs: Ms = 0;
  #waitedMs: Ms = 0;

  constructor(servers: number) {
    invariant(Number.isInteger(servers) && servers >= 1, `a station has one or more servers, not ${servers}`);
    this.#freeMs = new Float64Array(servers);
  }

  /** Takes a job that needs `serviceMs` of one server; answers when it will be done. Calls come in order of time. */
  offer(arrivalMs: Ms, serviceMs: Ms): Ms {
    this.#advance(arrivalMs);
    const server = this.#firstFree();
    const startMs = Math.max(arrivalMs, this.#freeMs[server] ?? 0);
    const departureMs = startMs + serviceMs;
    this.#freeMs[server] = departureMs;
    this.#jobs += 1;
    this.#busyMs += serviceMs;
    this.#waitedMs += startMs - arrivalMs;
    return departureMs;
  }

  /** From now on, background work needs this much more (or less) service per unit of time. */
  changeBackground(nowMs: Ms, change: number): void {
    this.#advance(nowMs);
    this.#background += change;
  }

  /** Jobs taken. */
  get jobs(): number {
    return this.#jobs;
  }

  /** Service given and promised, over all servers. */
  get busyMs(): Ms {
    return this.#busyMs;
  }

  /** Time that jobs have waited and will wait for a server, in all. */
  get waitedMs(): Ms {
    return this.#waitedMs;
  }

  /** Serves the background work that has come since the last call. */
  #advance(nowMs: Ms): void {
    const passedMs = nowMs - this.#nowMs;
    invariant(passedMs >= 0, "a station is told of things in order of time");
    if (this.#background > 0 && passedMs > 0) {
      const workMs = this.#background * passedMs;
      const share = workMs / this.#freeMs.length;
      for (let server = 0; server < this.#freeMs.length; server++) {
        this.#freeMs[server] = Math.max(this.#nowMs, this.#freeMs[server] ?? 0) + share;
      }
      this.#busyMs += workMs;
    }
    this.#nowMs = nowMs;
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
