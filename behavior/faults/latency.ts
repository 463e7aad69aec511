/** Latency: time to first token and the gaps between tokens, both multiplied. */
import type { FaultSpec } from "../../core/scenario/fault-spec.ts";
import type { FaultEffect } from "./effect.ts";

export function latencyEffect(fault: Extract<FaultSpec, { readonly kind: "latency" }>): FaultEffect {
  return { kind: "slow", factor: fault.factor };
}
