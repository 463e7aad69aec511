/** What can go wrong at a provider: the faults of a scenario's timeline, complete. */
import type { Ms } from "../time.ts";

/** Something that goes wrong at a provider. */
export type FaultSpec = FaultTarget & FaultKind;

/** Which calls it hits: those that all of these are true of. At least a provider or a region is named. */
export interface FaultTarget {
  /** undefined: every provider of the region. */
  readonly provider: string | undefined;
  /** Only providers of this region. */
  readonly region?: string | undefined;
  /** Only this model; undefined: all. */
  readonly model: string | undefined;
  /** Only calls with this API key; undefined: all. */
  readonly key?: string | undefined;
  /** Share of calls it hits, 0..1. */
  readonly share: number;
  /** How strong it is while it lasts; undefined: as its kind usually is. */
  readonly shape?: FaultShape | undefined;
}

/**
 * How strong a fault is over time, from nothing to all of it. A fault that has a size (a factor, a delay) grows in size; any
 * other hits more calls.
 */
export type FaultShape =
  /** All of it from the first instant on. */
  | { readonly kind: "step" }
  /** From nothing to all of it, evenly, then all; undefined: as long as the fault lasts, or at once if it has no end. */
  | { readonly kind: "ramp"; readonly overMs: Ms | undefined }
  /** On for this share of each period, from its beginning; else off. */
  | { readonly kind: "pulse"; readonly everyMs: Ms; readonly on: number };

export type FaultKind =
  /** Down: answers with one status, or resets connections. */
  | { readonly kind: "outage"; readonly how: "status" | "reset"; readonly status: number }
  /** The same of all providers of a region, which is named. Connections are reset, answered with a status, or never made. */
  | { readonly kind: "region-down"; readonly how: "reset" | "status" | "timeout"; readonly status: number }
  | { readonly kind: "error-rate"; readonly status: number; readonly retryAfterMs: Ms | undefined }
  /** Refusals for load that no limit explains: 429. */
  | { readonly kind: "rate-limit-storm"; readonly retryAfterMs: Ms | undefined }
  /** The provider sheds load with the status that it has for that: 529 at Anthropic, mostly 503 elsewhere. */
  | { readonly kind: "overload"; readonly retryAfterMs: Ms | undefined }
  /** Limits are multiplied by `to`, above 1 where they are raised; headers say so. Purchased capacity stays. */
  | { readonly kind: "quota-cut"; readonly to: number }
  /** Every time is multiplied. */
  | { readonly kind: "latency"; readonly factor: number }
  /** Slower and failing more and more: a ramp unless it has another shape. */
  | { readonly kind: "brownout"; readonly factor: number; readonly errors: number; readonly status: number }
  /** The first token comes that much later, and all others with it. */
  | { readonly kind: "slow-first-token"; readonly byMs: Ms }
  | (BrokenStream & { readonly kind: "stalled-stream" | "cut-stream" | "malformed-chunk" | "truncated-stream" })
  | (BrokenStream & { readonly kind: "error-event"; readonly error: StreamError })
  /** What the answer says it used is multiplied; what is charged stays true. */
  | { readonly kind: "wrong-usage"; readonly factor: number }
  /** No connection. `waitMs`: how long the client is kept waiting for that; undefined: as usual, see the fault's file. */
  | { readonly kind: "connection"; readonly how: ConnectionFailure; readonly waitMs: Ms | undefined }
  /** Keys are refused as unknown. */
  | { readonly kind: "credential-revoked" }
  /** The answer ends early, for what it says (`after`: as with broken streams); or there is none, for what the prompt says. */
  | { readonly kind: "content-filter"; readonly at?: "prompt"; readonly after: number | undefined };

interface BrokenStream {
  /** Share of the answer's content that comes before, 0..1; undefined: drawn for each call. */
  readonly after: number | undefined;
}

/** What an error in the middle of a stream speaks of; each dialect has its own words. `model`: Bedrock tells it from `internal`. */
export type StreamError = "overloaded" | "rate-limit" | "internal" | "model";

/**
 * Why there is no connection. `timeout`: nobody answers, and the client gives up connecting; `hang`: connected, and then
 * nothing, until the client gives up waiting.
 */
export type ConnectionFailure = "refused" | "reset" | "dns" | "tls" | "timeout" | "hang";
