/** What can go wrong at a provider: the faults of a scenario's timeline, complete. */
import type { Ms } from "../time.ts";

/** Something that goes wrong at a provider. */
export type FaultSpec = {
  readonly provider: string;
  /** Only this model; undefined: all. */
  readonly model: string | undefined;
  /** Share of calls it hits, 0..1. */
  readonly share: number;
} & (
  | { readonly kind: "outage"; readonly how: "status" | "reset"; readonly status: number }
  | { readonly kind: "error-rate"; readonly status: number; readonly retryAfterMs: Ms | undefined }
  | { readonly kind: "latency"; readonly factor: number }
);
