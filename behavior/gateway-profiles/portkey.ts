/**
 * Portkey 1.15.2 on Node 24. First figures of what a busy process needs, from single runs on a machine in use: requests and
 * streams in step with each other against alone, and several chunks in one write.
 */
import type { GatewayProfile } from "../gateway-profile.ts";

export const portkeyProfile: GatewayProfile = {
  name: "portkey",
  version: "1.15.2",
  requestCpuMs: 1.05,
  chunkCpuMs: 0.09,
  coalescedChunkCpuMs: 0.005,
  endCpuMs: 0.63,
  busyRequestShare: 0.48,
  busyChunkShare: 0.35,
  warmMs: 0.5,
  requestTurns: 2,
  // 25 ms are coded in before the first chunk of a stream (build/start-server.js of 1.15.2); the timer adds the rest.
  firstChunkDelayMs: 26,
  networkMs: 0.17,
  // Waits 1, 2, 4, … s without jitter, and answers 500 for a connection that failed (async-retry with `randomize: false`
  // in build/start-server.js). A client that leaves is not told to the provider: measured with 1.15.2, a stream of 13 s
  // was generated to its end.
  failover: { backoffMs: 1_000, connectionStatus: 500 },
  cancelsUpstream: false,
  status: "validated",
  source: "measured 2026-11 on Linux x64, 2 cores, Node 24.21.0, loopback: bench/calibrate-portkey.ts",
};
