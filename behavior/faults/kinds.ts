/**
 * What faults do to one call: the table of kinds, and how several combine.
 *
 * Each kind is one file that turns its settings into an effect. Adding a kind is adding a file and a line here.
 */
import { assertNever } from "../../core/invariant.ts";
import type { RandomStream } from "../../core/random.ts";
import type { FaultSpec } from "../../core/scenario/fault-spec.ts";
import type { CombinedEffect, FaultEffect } from "./effect.ts";
import { errorRateEffect } from "./error-rate.ts";
import { latencyEffect } from "./latency.ts";
import { outageEffect } from "./outage.ts";
import type { ActiveFault } from "./schedule.ts";

export const noEffect: CombinedEffect = { drop: undefined, error: undefined, factor: 1 };

/** What this kind of fault does to a call it hits. */
export function effectOf(fault: FaultSpec): FaultEffect {
  switch (fault.kind) {
    case "outage":
      return outageEffect(fault);
    case "error-rate":
      return errorRateEffect(fault);
    case "latency":
      return latencyEffect(fault);
    default:
      return assertNever(fault);
  }
}

/**
 * Folds the faults that hit a call: the first drop and the first error count, slowdowns multiply.
 *
 * Which calls a share hits is drawn from `random`, the stream of this call, with one named draw per fault: a fault added later
 * changes nothing for the others, and the same request is hit live and simulated.
 */
export function combinedEffect(faults: readonly ActiveFault[], random: RandomStream): CombinedEffect {
  let combined = noEffect;
  for (const fault of faults) {
    if (fault.share < 1 && random.split(fault.index).uniform() >= fault.share) continue;
    const effect = effectOf(fault);
    switch (effect.kind) {
      case "drop":
        combined = { ...combined, drop: combined.drop ?? effect };
        break;
      case "error":
        combined = { ...combined, error: combined.error ?? effect };
        break;
      case "slow":
        combined = { ...combined, factor: combined.factor * effect.factor };
        break;
      default:
        assertNever(effect);
    }
  }
  return combined;
}
