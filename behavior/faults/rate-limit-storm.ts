/** Storm of 429: calls are refused for load whatever their limits say, as when a provider protects itself from everybody. */
import type { EffectOf } from "./effect.ts";

export const rateLimitStormEffect: EffectOf<"rate-limit-storm"> = ({ retryAfterMs }) => ({
  kind: "error",
  status: 429,
  retryAfterMs,
});
