/** Slow first token: a queue in front of the model. The answer comes that much later and then as fast as ever. */
import type { EffectOf } from "./effect.ts";

export const slowFirstTokenEffect: EffectOf<"slow-first-token"> = ({ byMs }, strength) => ({
  kind: "delay",
  byMs: byMs * strength,
});
