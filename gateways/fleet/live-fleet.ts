/**
 * The contract of a fleet that runs for real: replicas of one gateway behind one address, that come, go, drain and die
 * while requests are served. All instants are scenario time.
 *
 * Two kinds of fleets speak it. Replicas that Squall starts itself, as processes or as containers, live behind a load balancer
 * of ours: that fleet is mechanism only (`MovableFleet`), and who comes and who goes is decided by the rule that a simulated
 * fleet follows (`cli/live/replica-set.ts`). Pods belong to a cluster, which has rules of its own and a load balancer of its
 * own: it is told what is wished for, and looked at. Whatever moves a fleet (a person, a policy, a drill) has the same hands on
 * both (`ReplicaHands`).
 */
import type { RolloutSpec } from "../../core/scenario/event-spec.ts";
import type { Ms } from "../../core/time.ts";
import type { GatewayCall, GatewayPolicy } from "../driver.ts";

/** As in a simulation: `starting` does not answer yet, `unready` is not given requests yet, `draining` not any more. */
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
  /** Whether it has been cut off from all providers on purpose. */
  readonly isCutOff: boolean;
  /** The rest is as the latest sample found it. */
  readonly inFlight: number;
  /** Requests it has been given. */
  readonly taken: number;
  /** Of its processes, since they started; 0 where nobody tells. */
  readonly cpuSeconds: number;
  readonly rssBytes: number;
  /** Where it serves metrics of its own; undefined: nowhere, or not yet. */
  readonly metricsUrl?: string | undefined;
}

export interface FleetSample {
  /** Requests that came to the fleet since it started. */
  readonly arrived: number;
  /** Requests without a replica. */
  readonly waiting: number;
  /** Most that waited at one instant since `countMostAnew`: no fewer, and no more. Absent where nobody counts. */
  readonly mostWaiting?: readonly [atLeast: number, atMost: number];
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
  /** Cuts one off from everything behind it, or mends that, while its process goes on. Throws `not-breakable` where it cannot be. */
  readonly cutOff: (id: number, isCut: boolean) => void;
  /** A health check has changed its mind. Where all are found sick, all get requests. */
  readonly judge: (id: number, isWell: boolean) => void;
  /** One health check: whether it answers, or whether a model does through it. */
  readonly probe: (id: number, what: "http" | "model", timeoutMs: Ms) => Promise<boolean>;
  readonly sample: () => Promise<FleetSample>;
  /** What was the most so far does not count any more. Absent where nobody counts. */
  readonly countMostAnew?: () => Promise<void>;
  /**
   * Another policy: `at-once` where it is in force from the next request on; `new-replicas` where only replicas that
   * start from now on have it.
   */
  readonly setPolicy: (policy: GatewayPolicy) => Promise<"at-once" | "new-replicas">;
  /**
   * Has part of the conversations about some models served by the routes of another policy, from the next request on; the
   * others by those of the present one. Throws `not-per-request` where a gateway does not take its policy from each request.
   */
  readonly switchModels: (shares: ReadonlyMap<string, number>, policy: GatewayPolicy) => Promise<void>;
  /** Turns a tenant's requests away with 429, asking it to wait for so long; undefined: lets them in again. */
  readonly bar: (tenant: string, retryAfterMs: Ms | undefined) => Promise<void>;
  /** Lets requests in, or turns every one away with 503. */
  readonly admit: (requests: boolean) => Promise<void>;
  /** Resolves with a reason when the fleet cannot go on: its front has ended, or nothing starts. Never rejects. */
  readonly exited: Promise<string>;
  /** Ends everything and waits. Safe to call twice. */
  readonly stop: (deadlineMs: Ms) => Promise<void>;
}

/** A fleet whose replicas come and go one by one, as somebody else decides. */
export interface MovableFleet extends LiveFleet {
  /** Starts so many; they get requests once they are ready. */
  readonly add: (count: number, version: string) => void;
  /** It gets no more requests and goes when it is done, or when its grace is over. One that does not serve yet goes at once. */
  readonly drain: (id: number) => void;
  /** It is gone with all that is in flight on it; answers how much that was. */
  readonly kill: (id: number) => Promise<number>;
}

/**
 * The hands on a fleet: how many replicas there are to be, and of which version. What a fleet cannot do it rejects with
 * `not-done-live`, in words, and nothing has happened then.
 */
export interface ReplicaHands {
  readonly wished: number;
  /** What new replicas run. */
  readonly version: string;
  readonly scaleTo: (wished: number) => Promise<void>;
  /** A new version, replica by replica; answers at what pace, in words. */
  readonly rollOut: (rollout: RolloutSpec) => Promise<string>;
  /** Back to what ran before the last rollout. False: there was none. */
  readonly rollBack: () => Promise<boolean>;
  /** Replaces every replica by one that has the present policy. */
  readonly renew: () => Promise<void>;
  /** So many finish what they have and go, the oldest first; others are started for them. Answers how many. */
  readonly drain: (count: number) => Promise<number>;
  /** So many are gone at once, the oldest first; others are started for them when that is noticed. Answers how many. */
  readonly lose: (count: number, noticedAfterMs: Ms) => Promise<number>;
  /** So many run on and reach no model, the newest first. Answers how many. */
  readonly cutOff: (count: number) => Promise<number>;
  /** Every replica reaches models again. */
  readonly mend: () => Promise<void>;
  /** A replica has come into another phase. */
  readonly changed: () => void;
  /** Nobody sends any more: nothing comes and goes any more. */
  readonly stop: () => void;
}

/** Told of everything that changes. */
export interface FleetWatcher {
  /** Kinds: `replica-ready`, `replica-gone`; of pods also `replica-restarted` and `usage-unknown`. */
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
