/**
 * A replica of the gateway: one event loop, which is a station with one server, and the way it comes and goes.
 *
 *     starting ─▶ unready ─▶ ready ─▶ draining ─▶ gone
 *         └──────────┴──────────────────────────────┘ no longer wished for
 */
import type { Ms } from "../core/time.ts";
import type { EventHandle } from "./kernel.ts";
import { Station } from "./station.ts";

/**
 * `starting`: its process does not run yet. `unready`: it runs, and its probes have not succeeded yet. `ready`: it gets
 * requests. `draining`: it gets no more and finishes those it has.
 */
export type ReplicaPhase = "starting" | "unready" | "ready" | "draining" | "gone";

export class Replica {
  readonly id: number;
  /** What scaling policies and people call it. */
  readonly name: string;
  readonly wishedMs: Ms;
  /** Its event loop: everything that the gateway computes is served here in order. */
  readonly cpu: Station = new Station(1);
  phase: ReplicaPhase = "starting";
  /** When it came into its phase. */
  sinceMs: Ms;
  /** Requests it has been given and nothing more happens to; those that go on for a client who has left still happen. */
  inFlight = 0;
  /** The next step of its start. */
  next: EventHandle | undefined = undefined;

  constructor(id: number, wishedMs: Ms) {
    this.id = id;
    this.name = `gateway-${id}`;
    this.wishedMs = wishedMs;
    this.sinceMs = wishedMs;
  }

  enter(phase: ReplicaPhase, nowMs: Ms): void {
    this.phase = phase;
    this.sinceMs = nowMs;
    this.next = undefined;
  }

  /** Time that its event loop has computed up to now: all the work it was given, less what still lies ahead. */
  busyMs(nowMs: Ms): Ms {
    const aheadMs = this.cpu.waitMs(nowMs);
    return this.cpu.busyMs - aheadMs;
  }
}

/** Stands in for the replica of a request that has none yet. */
export const nowhere: Replica = new Replica(-1, 0);
