/** Outage: calls are answered with one status, or their connections are reset. With a share below 1, a partial outage. */
import type { FaultSpec } from "../../core/scenario/fault-spec.ts";
import type { FaultEffect } from "./effect.ts";

export function outageEffect(fault: Extract<FaultSpec, { readonly kind: "outage" }>): FaultEffect {
  if (fault.how === "reset") return { kind: "drop", how: "reset" };
  return { kind: "error", status: fault.status, retryAfterMs: undefined };
}
