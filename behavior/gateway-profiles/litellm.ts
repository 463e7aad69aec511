/**
 * LiteLLM 1.102.4, one worker, as `squall calibrate --rounds 2` measured it on a machine that others used too; CPU is that of all
 * threads. To be measured again on a quiet one: 16 requests at once cost 94 % of what one alone did, which is taken here, and
 * requests in step only 73 %; it answered 65 a second, fewer than these numbers allow.
 *
 * It cools down a lone provider for 5 s after one 401 or 404 (squall probe); a simulation does that only where the scenario asks
 * for cooldowns.
 */
import type { GatewayProfile } from "../gateway-profile.ts";

export const litellmProfile: GatewayProfile = {
  name: "litellm",
  version: "1.102.4",
  requestCpuMs: 7.1,
  chunkCpuMs: 0.28,
  coalescedChunkCpuMs: 0,
  endCpuMs: 2.9,
  busyRequestShare: 0.94,
  busyChunkShare: 0.71,
  warmMs: 0.2,
  // Not measured: only Node's event loop can be held.
  requestTurns: 1,
  firstChunkDelayMs: 3.8,
  networkMs: 1,
  // Waits min(8, 0.5 x 2^(k-1)) + U(0, 0.75) s, on average 0.9 s before the first retry (squall probe, 2026-11-21: 0.6 to 1.5 s), or as
  // retry-after says; it waits once more after the last failure, which is not played. 500 for a connection that failed. The
  // provider of a stream is told when the client leaves.
  failover: { backoffMs: 875, connectionStatus: 500 },
  cancelsUpstream: true,
  status: "modelled",
  source: "measured 2026-11-21 on Linux x64, 2 cores in use by others, loopback: squall calibrate, squall probe",
};
