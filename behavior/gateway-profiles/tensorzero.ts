/**
 * TensorZero 2026.6.0 inside a Python process; CPU is that of all its threads, and `requestTurns` is not measured. It is played as one
 * event loop, which it is not: with several cores it does more than this says.
 *
 * It tries a route from its beginning again whatever the status, after waits of 1.0 to 1.9 s and 2.0 to 4.0 s (squall probe, 2026-11-21, 60
 * of them; Squall's driver sets 4 s as the longest), and its clients see 502 for everything.
 */
import type { GatewayProfile } from "../gateway-profile.ts";
import { measuredCosts } from "./measured.ts";

export const tensorzeroProfile: GatewayProfile = {
  name: "tensorzero",
  ...measuredCosts.tensorzero,
  failover: {
    backoffMs: 1_000,
    backoffMsMax: 4_000,
    jitterShare: 1,
    connectionStatus: 502,
    repeats: { never: [], asTold: [] },
    fallsBackAlways: true,
    retriesRoute: true,
    failureStatus: 502,
    hidesRetryAfter: true,
  },
  // A provider went on after the client of its stream had left (squall probe).
  cancelsUpstream: false,
  status: "modelled",
};
