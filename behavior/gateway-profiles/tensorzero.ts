/**
 * TensorZero 2026.6.0 inside a Python process; CPU is that of all its threads, and `requestTurns` is not measured. It is played as one
 * event loop, which it is not: with several cores it does more than this says.
 *
 * Every failure upstream, of a connection too, reaches its client as 502, and it retries whatever the status; a simulation
 * keeps the provider's status and the scenario's list.
 */
import type { GatewayProfile } from "../gateway-profile.ts";
import { measuredCosts } from "./measured.ts";

export const tensorzeroProfile: GatewayProfile = {
  name: "tensorzero",
  ...measuredCosts.tensorzero,
  // Waits of 1.0 to 1.9 s and 2.0 to 4.0 s before the two retries (squall probe, 2026-11-21, 60 of them); jitter is not played.
  failover: { backoffMs: 1_500, connectionStatus: 502 },
  // A provider went on after the client of its stream had left (squall probe).
  cancelsUpstream: false,
  status: "modelled",
};
