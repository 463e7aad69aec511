/**
 * Portkey 1.15.2 on Node 24, as what is now `squall calibrate` measured it: the median of three runs. Between runs the cost
 * of a request alone differed by 16 % and that of a chunk alone by 5 % (by 40 %, with a `warmMs` of 1.7, in the run that had
 * to share the machine); what they cost a busy process by 10 % and 14 %.
 *
 * A request alone was sent 5 ms after the one before had ended. A process that has been idle for longer is colder: at 25
 * requests a second on a machine in use one cost 2.0 to 2.3 ms, twice the sum below.
 */
import type { GatewayProfile } from "../gateway-profile.ts";

export const portkeyProfile: GatewayProfile = {
  name: "portkey",
  version: "1.15.2",
  requestCpuMs: 0.57,
  chunkCpuMs: 0.095,
  coalescedChunkCpuMs: 0.004,
  endCpuMs: 0.45,
  busyRequestShare: 0.68,
  busyChunkShare: 0.44,
  warmMs: 0.6,
  requestTurns: 2,
  // 25 ms are coded in before the first chunk of a stream (build/start-server.js of 1.15.2); timers and wake-ups add the rest.
  firstChunkDelayMs: 26.9,
  networkMs: 0.25,
  // Waits 1, 2, 4, … s without jitter, and answers 500 for a connection that failed (async-retry with `randomize: false`
  // in build/start-server.js). A client that leaves is not told to the provider: measured with 1.15.2, a stream of 13 s
  // was generated to its end.
  failover: { backoffMs: 1_000, connectionStatus: 500 },
  cancelsUpstream: false,
  status: "validated",
  source: "measured 2026-11 on Linux x64, 2 cores, Node 24.21.0, loopback: squall calibrate",
};
