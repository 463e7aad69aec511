/** Latency: time to first token and the gaps between tokens, both multiplied; on a ramp from 1 to the factor. */
import type { EffectOf } from "./effect.ts";

export const latencyEffect: EffectOf<"latency"> = ({ factor }, strength) => ({
  kind: "slow",
  factor: 1 + (factor - 1) * strength,
  failing: undefined,
});
