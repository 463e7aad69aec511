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

/** What runs until somebody rolls out something else. */
export const firstVersion = "v1";

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
  /** Requests it has been given so far. */
  taken = 0;
  /** The next step of its start, or the end of its grace. */
  next: EventHandle | undefined = undefined;
  /** What it runs, and where. */
  readonly version: string;
  readonly region: string;
  /** Share of its requests that it fails by itself, 0..1. */
  errorShare = 0;
  /** Whether it can reach models at all. */
  reachesModels = true;
  /** What health checks think of it, and how many in a row spoke for the other view. */
  isWell = true;
  contrary = 0;

  constructor(id: number, wishedMs: Ms, version: string = firstVersion, region: string = "") {
    this.id = id;
    this.name = `gateway-${id}`;
    this.wishedMs = wishedMs;
    this.sinceMs = wishedMs;
    this.version = version;
    this.region = region;
  }

  /** Whether it serves requests as it should. */
  get isSound(): boolean {
    return this.errorShare === 0 && this.reachesModels;
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
