/** What the planning board and its worker say to each other. One job at a time; a job that is not wanted any more ends with its worker. */
import type { Candidate, Refused, Simulated } from "./candidate.ts";

export interface Job {
  /** Comes back with the answer. */
  readonly id: number;
  readonly kind: "check" | "simulate";
  readonly candidate: Candidate;
  readonly squallVersion: string;
  /** For files that the scenario names. */
  readonly key: string;
}

export type Answer =
  | { readonly id: number; readonly kind: "checked" }
  | { readonly id: number; readonly kind: "simulated"; readonly simulated: Simulated }
  | { readonly id: number; readonly kind: "refused"; readonly refused: Refused };
