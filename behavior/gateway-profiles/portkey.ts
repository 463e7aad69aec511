/**
 * Portkey 1.15.2 on Node 24, as `node bench/calibrate-portkey.ts` measured it: the median of three runs. Between runs
 * request and end cost differed by 20 %, the chunk cost by 8 %.
 *
 * Measured at light load (a tenth to a fifth of the event loop). Busy without a pause, the same process needed about 60 %
 * of the CPU per request, so a simulation sees Portkey saturate too early rather than too late. A stream of n chunks cost
 * 1.26 + 0.10 n ms, 0.4 ms less than the sum below says.
 */
import type { GatewayProfile } from "../gateway-profile.ts";

export const portkeyProfile: GatewayProfile = {
  name: "portkey",
  version: "1.15.2",
  requestCpuMs: 1.05,
  chunkCpuMs: 0.1,
  endCpuMs: 0.63,
  // 25 ms are coded in before the first chunk of a stream (build/start-server.js of 1.15.2); the timer adds the rest.
  firstChunkDelayMs: 26,
  networkMs: 0.17,
  retries: 0,
  // Waits 1, 2, 4, … s without jitter, and answers 500 for a connection that failed (async-retry with `randomize: false`
  // in build/start-server.js). A client that leaves is not told to the provider: measured with 1.15.2, a stream of 13 s
  // was generated to its end.
  failover: { backoffMs: 1_000, connectionStatus: 500 },
  cancelsUpstream: false,
  status: "validated",
  source: "measured 2026-11 on Linux x64, 2 cores, Node 24.21.0, loopback: bench/calibrate-portkey.ts",
};
