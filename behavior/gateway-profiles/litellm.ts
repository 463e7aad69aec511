/**
 * LiteLLM 1.102.4, one worker; CPU is that of all threads. `requestTurns` is not measured: only Node's event loop can be held.
 *
 * What it does about failures is from its source (`_calculate_retry_after` in litellm/utils.py, `should_retry_this_error` in litellm/router.py of 1.102.4)
 * and was found again by `squall probe` on 2026-11-21: waits of 0.8 to 1.3 s and 1.3 to 1.8 s before two retries, 3.3 and 3.8 s where 3 s
 * were asked for, one more wait after the last failure, a pause of 5 s after one 401 or 404. 500 for a connection that failed.
 */
import type { GatewayProfile } from "../gateway-profile.ts";
import { measuredCosts } from "./measured.ts";

export const litellmProfile: GatewayProfile = {
  name: "litellm",
  ...measuredCosts.litellm,
  failover: {
    backoffMs: 500,
    backoffMsMax: 8_000,
    jitterMs: 750,
    retryAfterMsMax: 60_000,
    waitsAfterLast: true,
    connectionStatus: 500,
    // It knows classes of errors, not statuses: these are never repeated, and of those only three can be turned off (policy.ts).
    repeats: { never: [400, 401, 403, 404, 405, 413, 415, 422], asTold: [408, 429, 500] },
    fallsBackAlways: true,
    hidesRetryAfter: true,
    pause: { statuses: [401, 404], forMs: 5_000 },
  },
  // The provider of a stream is told when the client leaves.
  cancelsUpstream: true,
  status: "modelled",
};
