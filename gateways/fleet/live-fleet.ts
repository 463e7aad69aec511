/**
 * The contract of a fleet that runs for real: replicas of one gateway behind one address, that come, go, drain and die
 * while requests are served.
 *
 * It is mechanism only: how many replicas there should be, and of which version, is decided elsewhere (`cli/live-replica-set.ts`),
 * by the rules that a simulated fleet follows. All instants are scenario time.
 */
import type { Ms } from "../../core/time.ts";
import type { GatewayCall, GatewayPolicy } from "../driver.ts";

/** As in a simulation: `starting` has no process that answers, `unready` is not given requests yet, `draining` not any more. */
export type LivePhase = "starting" | "unready" | "ready" | "draining" | "gone";

export interface LiveReplica {
  readonly id: number;
  /** What scaling policies and people call it: `gateway-0`. */
  readonly name: string;
  readonly version: string;
  /** Number of the policy that it was started with: 0 for the first. */
  readonly policy: number;
  readonly phase: LivePhase;
  readonly wishedMs: Ms;
  /** When it came into its phase. */
  readonly sinceMs: Ms;
  /** What health checks think of it. */
  readonly isWell: boolean;
  /** The rest is as the latest sample found it. */
  readonly inFlight: number;
  /** Requests it has been given. */
  readonly taken: number;
  /** Of its process, since that started; 0 where the system does not tell. */
  readonly cpuSeconds: number;
  readonly rssBytes: number;
}

export interface FleetSample {
  /** Requests that came to the fleet since it started. */
  readonly arrived: number;
  /** Requests without a replica. */
  readonly waiting: number;
  /** Requests that have one. */
  readonly inFlight: number;
  /** Of all replicas there have been, since each began to serve. */
  readonly cpuSeconds: number;
}

export interface LiveFleet {
  /** `portkey 1.15.2 x 3 behind haproxy 2.6.12 (least-connections)`. */
  readonly description: string;
  readonly call: (model: string) => GatewayCall;
  /** All that exist, in order of age. */
  readonly replicas: () => readonly LiveReplica[];
  /** Starts so many; they get requests once they are ready. */
  readonly add: (count: number, version: string) => void;
  /** It gets no more requests and goes when it is done, or when its grace is over. One that does not serve yet goes at once. */
  readonly drain: (id: number) => void;
  /** It is gone with all that is in flight on it; answers how much that was. */
  readonly kill: (id: number) => Promise<number>;
  /** A health check has changed its mind. Where all are found sick, all get requests. */
  readonly judge: (id: number, isWell: boolean) => void;
  /** One health check: whether its process answers, or whether a model does through it. */
  readonly probe: (id: number, what: "http" | "model", timeoutMs: Ms) => Promise<boolean>;
  readonly sample: () => Promise<FleetSample>;
  /**
   * Another policy: `at-once` where it is in force from the next request on; `new-replicas` where only replicas that
   * start from now on have it.
   */
  readonly setPolicy: (policy: GatewayPolicy) => Promise<"at-once" | "new-replicas">;
  /** Lets requests in, or turns every one away with 503. */
  readonly admit: (requests: boolean) => Promise<void>;
  /** Resolves with a reason when the fleet cannot go on: its front has ended, or nothing starts. Never rejects. */
  readonly exited: Promise<string>;
  /** Ends everything and waits. Safe to call twice. */
  readonly stop: (deadlineMs: Ms) => Promise<void>;
}

/** Told of everything that changes. */
export interface FleetWatcher {
  /** Kinds: `replica-ready`, `replica-gone`, `replica-sick`, `replica-well`. */
  readonly happened: (kind: string, subject: string, text: string) => void;
  /** A replica has come into another phase. */
  readonly changed: () => void;
}

/** Scenario time on the wall. */
export interface FleetClock {
  readonly nowMs: () => Ms;
  /** Scenario milliseconds per wall millisecond. */
  readonly timeScale: number;
}
