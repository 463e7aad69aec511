/** What a fault does to one call it hits, in the provider's own terms. */
import type { RandomStream } from "../../core/random.ts";
import type { ConnectionFailure, FaultSpec } from "../../core/scenario/fault-spec.ts";
import type { Ms } from "../../core/time.ts";

/** The settings of one kind of fault. */
export type FaultOf<Kind extends FaultSpec["kind"]> = Extract<FaultSpec, { readonly kind: Kind }>;

/**
 * Turns a kind's settings into what it does. `strength`: how much of it is in force, 0..1, for kinds that have a size;
 * `random`: this fault's own draws for this call.
 */
export type EffectOf<Kind extends FaultSpec["kind"]> = (
  fault: FaultOf<Kind>,
  strength: number,
  random: RandomStream,
) => FaultEffect;

export type FaultEffect =
  /** There is no connection; the client learns of it after `afterMs`. */
  | { readonly kind: "drop"; readonly how: ConnectionFailure; readonly afterMs: Ms }
  /** Answered with this status instead of served. */
  | { readonly kind: "error"; readonly status: ErrorStatus; readonly retryAfterMs: Ms | undefined }
  /** The key is not known. */
  | { readonly kind: "unknown-key" }
  /** Served, with every time multiplied, and perhaps failing all the same. */
  | { readonly kind: "slow"; readonly factor: number; readonly failing: FaultStatus | undefined }
  /** Served, that much later. */
  | { readonly kind: "delay"; readonly byMs: Ms }
  /** Served, as far as this share of the content. */
  | (BrokenOff & { readonly kind: "break" })
  | { readonly kind: "filter"; readonly at?: "prompt"; readonly after: number }
  /** Served, and reported as so many times what it was. */
  | { readonly kind: "usage"; readonly factor: number }
  /** Nothing that a call alone would see. */
  | { readonly kind: "none" };

/** `overloaded`, `model-failed`: the status that the provider has for that (`statuses.ts`). */
export type ErrorStatus = number | "overloaded" | "model-failed";

export interface FaultStatus {
  readonly status: ErrorStatus;
  readonly retryAfterMs: Ms | undefined;
}

/** Where and how an answer breaks off; `after` is a share of its content. */
export type BrokenOff = { readonly after: number } & (
  | { readonly how: "cut" | "stall" | "truncate" | "malformed" }
  | { readonly how: "error-event"; readonly status: ErrorStatus }
);

/** All faults that hit one call, folded into one. */
export interface CombinedEffect {
  readonly drop: Extract<FaultEffect, { readonly kind: "drop" }> | undefined;
  readonly unknownKey: boolean;
  readonly error: FaultStatus | undefined;
  /** Multiplies every time of a served call; 1 when nothing slows it. */
  readonly factor: number;
  readonly delayMs: Ms;
  readonly broken: BrokenOff | undefined;
  /** Share of the content after which a content filter ends the answer. */
  readonly filteredAfter: number | undefined;
  /** It objects to the prompt. */
  readonly promptBlocked: boolean;
  /** Multiplies the usage that is reported; 1 when it is true. */
  readonly usageFactor: number;
}
