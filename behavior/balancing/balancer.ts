/**
 * Who gets the next request: the balancers by name.
 *
 * A balancer is told who may serve, in a fixed order, and what asks; it answers with one that has room, or with nobody. It
 * remembers whose turn it is and nothing else, so the simulated fleet and the live one choose alike.
 */
import { assertNever, invariant } from "../../core/invariant.ts";
import type { BalanceName } from "../../core/scenario/platform-spec.ts";
import { consistentHash } from "./consistent-hash.ts";
import { geographic } from "./geographic.ts";
import { leastConnections } from "./least-connections.ts";
import { roundRobin } from "./round-robin.ts";
import { weighted } from "./weighted.ts";

/** A replica as a balancer sees it. */
export interface Target {
  readonly id: number;
  readonly inFlight: number;
  readonly version: string;
  readonly region: string;
}

/** A request as a balancer sees it. */
export interface BalancedRequest {
  /** What keeps requests together: the conversation. */
  readonly session: string;
}

/**
 * One of the targets that has room, or nobody. `targets` is the same array for as long as the same replicas may serve: a
 * balancer may prepare something once for each array.
 */
export type Balancer<T extends Target> = (targets: readonly T[], request: BalancedRequest) => T | undefined;

/** Where the clients of a conversation are, and the round trip from one region to another. */
export interface Geography {
  readonly regionOf: (session: string) => string;
  readonly roundTripMs: (from: string, to: string) => number;
}

export interface BalancerOptions {
  /** Requests that a target takes at a time. */
  readonly roomMax: number;
  /** `consistent-hash`: see `FleetSpec`. */
  readonly loadBound?: number | undefined;
  /** `weighted`: see `FleetSpec`. */
  readonly weights?: Readonly<Record<string, number>> | undefined;
  /** `geographic`: where clients are, and what is near them. */
  readonly geography?: Geography | undefined;
}

export function balancer<T extends Target>(name: BalanceName, options: BalancerOptions): Balancer<T> {
  const { roomMax, loadBound, weights, geography } = options;
  switch (name) {
    case "round-robin":
      return roundRobin(roomMax);
    case "least-connections":
      return leastConnections(roomMax);
    case "consistent-hash":
      return consistentHash(roomMax, loadBound ?? Number.POSITIVE_INFINITY);
    case "weighted":
      return weighted(roomMax, weights ?? {});
    case "geographic":
      invariant(geography !== undefined, "geographic balancing knows where things are");
      return geographic(roomMax, geography);
    default:
      return assertNever(name);
  }
}
