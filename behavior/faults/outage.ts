/** Outage: calls are answered with one status, or their connections are reset. With a share below 1, a partial outage. */
import type { EffectOf } from "./effect.ts";

export const outageEffect: EffectOf<"outage"> = ({ how, status }) =>
  how === "reset" ? { kind: "drop", how, afterMs: 0 } : { kind: "error", status, retryAfterMs: undefined };
