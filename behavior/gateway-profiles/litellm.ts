/**
 * LiteLLM 1.102.4, one worker; CPU is that of all threads. `requestTurns` is not measured: only Node's event loop can be held.
 *
 * It cools down a lone provider for 5 s after one 401 or 404 (squall probe); a simulation does that only where the scenario asks
 * for cooldowns.
 */
import type { GatewayProfile } from "../gateway-profile.ts";
import { measuredCosts } from "./measured.ts";

export const litellmProfile: GatewayProfile = {
  name: "litellm",
  ...measuredCosts.litellm,
  // Waits min(8, 0.5 x 2^(k-1)) + U(0, 0.75) s, on average 0.9 s before the first retry (squall probe, 2026-11-21: 0.6 to 1.5 s), or as
  // retry-after says; it waits once more after the last failure, which is not played. 500 for a connection that failed. The
  // provider of a stream is told when the client leaves.
  failover: { backoffMs: 875, connectionStatus: 500 },
  cancelsUpstream: true,
  status: "modelled",
};
