/** What a fault does to one call it hits, in the provider's own terms. */
import type { Ms } from "../../core/time.ts";

export type FaultEffect =
  /** Nothing is answered: the connection ends. */
  | { readonly kind: "drop"; readonly how: "reset" | "hang" }
  /** The provider answers with this status instead of serving. */
  | { readonly kind: "error"; readonly status: number; readonly retryAfterMs: Ms | undefined }
  /** Served, with every time multiplied. */
  | { readonly kind: "slow"; readonly factor: number };

/** All faults that hit one call, folded into one. */
export interface CombinedEffect {
  readonly drop: Extract<FaultEffect, { readonly kind: "drop" }> | undefined;
  readonly error: Extract<FaultEffect, { readonly kind: "error" }> | undefined;
  /** Multiplies every time of a served call; 1 when nothing slows it. */
  readonly factor: number;
}
