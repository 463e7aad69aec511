/** How the gateway is deployed: what its copies live in, where they stand, and what lies between them and the providers. */
import type { DistributionSpec } from "../distributions.ts";
import type { NanoDollars } from "../money.ts";
import type { Ms } from "../time.ts";

/** Undefined stands for containers: replicas that are there, whatever comes. */
export type DeploymentSpec = ServerlessSpec | QueueSpec;

/** An instance is started for a request that finds none free, and goes when nobody has needed it for a while. */
export interface ServerlessSpec {
  readonly kind: "serverless";
  readonly coldStart: DistributionSpec;
  /** Requests that one instance serves at a time. */
  readonly concurrency: number;
  /** Instances that the account may have; a request beyond is refused with 429. */
  readonly instancesMax: number;
  /** A request that takes longer is broken off with 504. */
  readonly limitMs: Ms;
  /** How long an idle instance is kept. */
  readonly idleMs: Ms;
  readonly memoryGb: number;
  readonly gbHourly: NanoDollars;
  readonly perMillion: NanoDollars;
}

/** Requests are accepted at once, wait in a queue, and workers take them; their clients ask until the answer is there. */
export interface QueueSpec {
  readonly kind: "queue";
  /** Messages that may wait; one more is refused with 503. */
  readonly waitingMax: number;
  /** A message that a worker has had for so long without an answer is delivered again. */
  readonly visibilityMs: Ms;
  /** After so many deliveries it is put away: a dead letter, a failure to its client. */
  readonly deliveriesMax: number;
}

/** Who finds out that a copy is sick, and how soon. */
export interface HealthSpec {
  /** `http`: whether the process answers at all. `model`: whether a question to a model comes back, which costs tokens. */
  readonly probe: "http" | "model";
  readonly everyMs: Ms;
  /** A probe that takes longer has failed. */
  readonly timeoutMs: Ms;
  /** So many failures in a row, and it gets no more requests. */
  readonly unhealthy: number;
  /** So many successes in a row, and it gets some again. */
  readonly healthy: number;
}

export interface RegionSpec {
  readonly name: string;
  /** Share of the clients that are here; shares add up to 1. */
  readonly clients: number;
  /** Share of the replicas that are here; shares add up to 1. */
  readonly replicas: number;
  /** Round trip to other regions and to providers, by name; 0 to whatever is not named. */
  readonly reachMs: Readonly<Record<string, Ms>>;
}

/** What lies between the gateway and a provider: a VPN, a leased line. */
export interface LinkSpec {
  readonly provider: string;
  /** Round trip. */
  readonly latencyMs: Ms;
  /** Shared by all answers on their way; undefined: more than they need. */
  readonly bytesPerMs: number | undefined;
}

/** A small model close by answers first; what it is not sure of goes on to the next provider of the route. */
export interface EscalationSpec {
  readonly provider: string;
  /** Share of its answers that are not good enough, 0..1. */
  readonly share: number;
}

/** Capacity of one's own first, and somebody else's when it is full. */
export interface OverflowSpec {
  readonly provider: string;
  /** Calls in flight there at which a request goes to the next provider of its route instead. */
  readonly inFlightMax: number;
}
