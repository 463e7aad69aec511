/**
 * The events of the simulated platform, and which goes first when several fall on one instant: what ends goes before what
 * begins, so that a place which falls free is free for whoever comes at that moment.
 */
import type { Ms } from "../core/time.ts";
import { type EventHandle, type Kernel, priorityMax } from "./kernel.ts";

/** Steps of one request. Payload: slot of its journey. */
export const steps = {
  /** The last byte of the answer reaches the client. */
  answered: 0,
  /** A streamed chunk reaches the gateway. */
  chunkComes: 1,
  /** The end of the provider's answer reaches the gateway. */
  answerEnds: 2,
  /** The provider's refusal, or the failure of the connection, reaches the gateway. */
  callFails: 3,
  /** The gateway has waited before a retry. */
  retryIsDue: 4,
  /** The gateway has done its work and the call reaches the provider. */
  providerIsCalled: 5,
  /** The client's time limit has run out. */
  clientLeaves: 6,
  /** The first call has taken long: it is time for a second one. */
  hedgeIsDue: 14,
  /** One of two calls begins to answer. */
  raceIsWon: 15,
  /** A request that waited for its tenant's money may ask again. */
  doorOpens: 16,
  /** The gateway has waited once more after its last try. */
  lastWaitIsOver: 18,
} as const;

export type Step = (typeof steps)[keyof typeof steps];

/** What clients do of their own accord. */
export const clientActs = {
  /** A user of a closed phase sends. Payload: user. */
  userSends: 7,
  /** The next request of an open phase is sent. No payload. */
  requestArrives: 8,
  /** An open phase has lasted as long as it must. No payload. */
  phaseMayEnd: 9,
  /** A client tries again, by its library or by hand, or leaves meanwhile. Payload: slot of its effort. */
  clientTriesAgain: 17,
} as const;

/** What happens to the fleet. What is measured is the end of an instant, and policies look at it last. */
export const fleetActs = {
  /** The process of a replica runs. Payload: replica. */
  replicaRuns: 10,
  /** A replica gets requests from now on. Payload: replica. */
  replicaReady: 11,
  /** Samples are taken. No payload. */
  metricsScraped: 12,
  /** The scaling policy is asked. No payload. */
  policyAsked: 13,
} as const;

export type EventKind =
  | Step
  | (typeof clientActs)[keyof typeof clientActs]
  | (typeof fleetActs)[keyof typeof fleetActs];

/** By kind; the lower goes first. */
const priorities: readonly number[] = [0, 1, 1, 1, 2, 2, 0, 3, 3, 4, 2, 2, 5, 6, 2, 1, 2, 3, 2];

export function schedule(kernel: Kernel, atMs: Ms, kind: EventKind, payload: number): EventHandle {
  return kernel.schedule(atMs, priorities[kind] ?? priorityMax, kind, payload);
}
