/**
 * Brownout: answers get slower and more and more of them fail, both in step. The usual shape of a provider that loses capacity
 * under load; a ramp as long as it lasts unless it is given another shape.
 */
import type { EffectOf } from "./effect.ts";

export const brownoutEffect: EffectOf<"brownout"> = ({ factor, errors, status }, strength, random) => ({
  kind: "slow",
  factor: 1 + (factor - 1) * strength,
  failing: random.split("error").uniform() < errors * strength ? { status, retryAfterMs: undefined } : undefined,
});
