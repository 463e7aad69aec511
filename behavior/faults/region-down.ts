/** Region down: every provider there is out, as in an outage, or cannot be reached at all. */
import { connectMs } from "./connection.ts";
import type { EffectOf } from "./effect.ts";

export const regionDownEffect: EffectOf<"region-down"> = ({ how, status }) =>
  how === "status"
    ? { kind: "error", status, retryAfterMs: undefined }
    : { kind: "drop", how, afterMs: how === "timeout" ? connectMs : 0 };
