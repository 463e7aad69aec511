/** Wrong usage: answers report other token counts than were used; the ledger, limits and prices stay true. */
import type { EffectOf } from "./effect.ts";

export const wrongUsageEffect: EffectOf<"wrong-usage"> = ({ factor }, strength) => ({
  kind: "usage",
  factor: 1 + (factor - 1) * strength,
});
