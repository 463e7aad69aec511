/**
 * Portkey 1.15.2 on Node 24. Between three rounds of `squall calibrate` the cost of a request alone differed by 16 % and that of a
 * chunk alone by 5 % (by 40 %, with a `warmMs` of 1.7, in the round that had to share the machine); what they cost a busy
 * process by 10 % and 14 %.
 *
 * A request alone was sent 5 ms after the one before had ended. A process that has been idle for longer is colder: at 25
 * requests a second on a machine in use one cost 2.0 to 2.3 ms, twice what was measured alone.
 */
import type { GatewayProfile } from "../gateway-profile.ts";
import { measuredCosts } from "./measured.ts";

export const portkeyProfile: GatewayProfile = {
  name: "portkey",
  ...measuredCosts.portkey,
  // Of firstChunkDelayMs, 25 ms are coded in (build/start-server.js of 1.15.2); timers and wake-ups add the rest.
  // Waits 1, 2, 4, … s without jitter, and answers 500 for a connection that failed (async-retry with `randomize: false`
  // in build/start-server.js). A client that leaves is not told to the provider: measured with 1.15.2, a stream of 13 s
  // was generated to its end.
  failover: { backoffMs: 1_000, connectionStatus: 500 },
  cancelsUpstream: false,
  status: "validated",
};
