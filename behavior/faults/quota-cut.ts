/**
 * Quota cut, or raise: every limit is multiplied for a while, and the headers tell it. Calls see it through their limits only
 * (`Limiter.scale`), so it does nothing to a call by itself.
 *
 * A ramp goes from the whole limit down to what is left; several cuts multiply. Models that share their limits are best cut
 * together, by naming none: a cut of one of them holds whenever that one is called.
 */
import type { FaultOf } from "./effect.ts";

/** What is left of each limit. */
export function quotaFactor({ to }: FaultOf<"quota-cut">, strength: number): number {
  return 1 + (to - 1) * strength;
}
