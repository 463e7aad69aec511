/** The faults of one provider: what they do to a call, and to the limits that it meets. */
import type { RandomStream } from "../../core/random.ts";
import type { Ms } from "../../core/time.ts";
import type { ProviderAsk } from "../provider.ts";
import type { Limiter } from "../quota/quota.ts";
import type { CombinedEffect } from "./effect.ts";
import { combinedEffect, limitFactor, noEffect } from "./kinds.ts";
import type { ActiveFault, CallAim, FaultSchedule, ProviderAim } from "./schedule.ts";

export interface ProviderFaults {
  /** What the faults in force do to a call, whose limits are then as those leave them. */
  readonly effectOn: (nowMs: Ms, ask: ProviderAsk) => CombinedEffect;
  /** Leaves the limits of such a call as the faults in force have them. */
  readonly cutLimits: (nowMs: Ms, call: CallAim) => readonly ActiveFault[];
}

/** `random`: the provider's draws for faults. `limiterOf`: of a call that it would serve. */
export function providerFaults(
  schedule: FaultSchedule,
  provider: ProviderAim,
  random: RandomStream,
  limiterOf: (call: CallAim) => Limiter | undefined,
): ProviderFaults {
  let everCut = false;
  const cutLimits = (nowMs: Ms, call: CallAim): readonly ActiveFault[] => {
    const active = schedule.activeAt(nowMs, provider, call);
    const factor = limitFactor(active);
    // Limits are shared: whoever is called after a cut finds what another call has left.
    everCut ||= factor !== 1;
    if (everCut) limiterOf(call)?.scale(nowMs, factor);
    return active;
  };
  const effectOn = (nowMs: Ms, ask: ProviderAsk): CombinedEffect => {
    const active = cutLimits(nowMs, ask);
    return active.length === 0 ? noEffect : combinedEffect(active, random.split(ask.requestKey).split(ask.attempt));
  };
  return { effectOn, cutLimits };
}
