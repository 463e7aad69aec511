/** Overload: the provider sheds load, with the status that it has for that. */
import type { EffectOf } from "./effect.ts";

export const overloadEffect: EffectOf<"overload"> = ({ retryAfterMs }) => ({
  kind: "error",
  status: "overloaded",
  retryAfterMs,
});
