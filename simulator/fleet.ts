/**
 * The gateway fleet: replicas behind a load balancer.
 *
 * A replica is one event loop, a station with one server. The balancer deals requests out in turn (round robin). Replicas
 * that start, drain and die, other ways to balance, and a scaling policy that says how many there should be, all come in
 * here: the gateway only ever asks for the replica of a request.
 */
import { invariant } from "../core/invariant.ts";
import type { Ms } from "../core/time.ts";
import { Station } from "./station.ts";

export interface Replica {
  readonly id: number;
  /** Its event loop: everything that the gateway computes is served here in order. */
  readonly cpu: Station;
}

/** How busy a replica was. */
export interface ReplicaUse {
  readonly replica: number;
  /** Pieces of work served. */
  readonly jobs: number;
  /** Share of the run in which it computed, 0..1 unless work was left at the end. */
  readonly utilization: number;
  /** Mean time that a piece of work waited for the event loop. */
  readonly waitMeanMs: Ms;
}

export class Fleet {
  readonly #replicas: readonly Replica[];
  #dealt = 0;

  constructor(replicas: number) {
    invariant(Number.isInteger(replicas) && replicas >= 1, `a fleet has one or more replicas, not ${replicas}`);
    this.#replicas = Array.from({ length: replicas }, (_, id) => ({ id, cpu: new Station(1) }));
  }

  /** The replica that serves the next request. */
  next(): Replica {
    const replica = this.#replicas[this.#dealt++ % this.#replicas.length];
    invariant(replica !== undefined, "a fleet has replicas");
    return replica;
  }

  use(durationMs: Ms): readonly ReplicaUse[] {
    return this.#replicas.map(({ id, cpu }) => ({
      replica: id,
      jobs: cpu.jobs,
      utilization: durationMs === 0 ? 0 : cpu.busyMs / durationMs,
      waitMeanMs: cpu.jobs === 0 ? 0 : cpu.waitedMs / cpu.jobs,
    }));
  }
}
