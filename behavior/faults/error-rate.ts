/** Error rate: a share of calls fails with a status, which may say when to come back (a 429 storm, a 529 shed, plain 500s). */
import type { FaultSpec } from "../../core/scenario/fault-spec.ts";
import type { FaultEffect } from "./effect.ts";

export function errorRateEffect(fault: Extract<FaultSpec, { readonly kind: "error-rate" }>): FaultEffect {
  return { kind: "error", status: fault.status, retryAfterMs: fault.retryAfterMs };
}
