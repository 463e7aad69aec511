/** Error rate: a share of calls fails with a status, which may say when to come back. */
import type { EffectOf } from "./effect.ts";

export const errorRateEffect: EffectOf<"error-rate"> = ({ status, retryAfterMs }) => ({
  kind: "error",
  status,
  retryAfterMs,
});
