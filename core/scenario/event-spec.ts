/**
 * What can be done to a platform while it runs: the events of a scenario's timeline, and the steps of a runbook. Both are
 * the same union, so that a drill acts through exactly what a scenario can plan ahead.
 */
import type { NanoDollars } from "../money.ts";
import type { Ms } from "../time.ts";

/** One thing that somebody, or an accident, does to the platform. */
export type PlatformAction =
  /** By hand: so many replicas are wished for, until somebody else wishes otherwise. */
  | { readonly kind: "scale"; readonly replicas: number }
  | ({ readonly kind: "rollout" } & RolloutSpec)
  /** Rolls back to the version before, as that one was rolled out. */
  | { readonly kind: "rollback" }
  /** So many replicas are gone at once, with all that is in flight on them; the oldest first, of one region where that is given. */
  | { readonly kind: "node-loss"; readonly replicas: number; readonly replacedAfterMs: Ms; readonly region?: string }
  /** So many replicas run, answer their own health check, and fail to reach any model. The newest first. */
  | { readonly kind: "broken"; readonly replicas: number }
  /** So many replicas get no more requests and go when they are done, the oldest first; others are started for them. */
  | { readonly kind: "drain"; readonly replicas: number }
  /** Whatever the gateway has cached is gone. */
  | { readonly kind: "cache-loss" }
  /** No connection to a provider comes about. */
  | { readonly kind: "link-down"; readonly provider: string }
  /** Every answer of a provider takes so much longer on its way. */
  | { readonly kind: "link-slow"; readonly provider: string; readonly addedMs: Ms }
  /** Models are served by other providers, in this order. */
  | { readonly kind: "route"; readonly model: string; readonly providers: readonly string[] }
  /** The key of a provider is changed; for `gapMs` the gateway still sends the revoked one. */
  | { readonly kind: "rotate-key"; readonly provider: string; readonly gapMs: Ms }
  /** Share of the samples that never arrive, 0..1, in place of the one configured. */
  | { readonly kind: "metrics-loss"; readonly share: number }
  /** Emergency stop: every request is turned away, or let in again. */
  | { readonly kind: "admit"; readonly requests: boolean }
  /** A tenant may spend no more than this, counted by the minute; null lifts the cap. */
  | { readonly kind: "cap-tenant"; readonly tenant: string; readonly perHour: NanoDollars | null }
  /** Requests for one model are answered by another; null: by itself again. `share`: only so many conversations; all unless given. */
  | { readonly kind: "switch-model"; readonly model: string; readonly to: string | null; readonly share?: number }
  /** Whoever scales is not listened to, or again. */
  | { readonly kind: "pause-scaling"; readonly paused: boolean };

/** A new version, replica by replica. */
export interface RolloutSpec {
  readonly version: string;
  /** Replicas above the number wished for that may exist meanwhile (Kubernetes: maxSurge). */
  readonly surge: number;
  /** Replicas below the number wished for that may be missing meanwhile (maxUnavailable). */
  readonly unavailable: number;
  /** Share of requests that the version fails by itself, 0..1. */
  readonly errorShare: number;
  /** Its CPU work takes this many times as long. */
  readonly slowdown: number;
}

/** An action with its time. */
export interface TimedAction {
  /** From the start of the load phase, as with faults. */
  readonly atMs: Ms;
  /** Undone after this long, where that means anything (`link-down`, `metrics-loss`, `admit`, `cap-tenant`, ...); undefined: it stays. */
  readonly forMs: Ms | undefined;
  readonly action: PlatformAction;
}
