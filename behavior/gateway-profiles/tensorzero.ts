/**
 * TensorZero 2026.6.0 inside a Python process, as `squall calibrate` measured it on a machine that others used too; CPU is that of
 * all its threads. It is played as one event loop, which it is not: with several cores it does more than this says.
 *
 * Every failure upstream, of a connection too, reaches its client as 502, and it retries whatever the status; a simulation
 * keeps the provider's status and the scenario's list.
 */
import type { GatewayProfile } from "../gateway-profile.ts";

export const tensorzeroProfile: GatewayProfile = {
  name: "tensorzero",
  version: "2026.6.0",
  requestCpuMs: 0.29,
  chunkCpuMs: 0.108,
  coalescedChunkCpuMs: 0.011,
  endCpuMs: 0.19,
  busyRequestShare: 0.48,
  busyChunkShare: 0.37,
  warmMs: 0.8,
  // Not measured: only Node's event loop can be held.
  requestTurns: 1,
  firstChunkDelayMs: 1.1,
  networkMs: 0.5,
  // Waits of 1.0 to 1.9 s and 2.0 to 4.0 s before the two retries (squall probe, 2026-11-21, 60 of them); jitter is not played.
  failover: { backoffMs: 1_500, connectionStatus: 502 },
  // A provider went on after the client of its stream had left (squall probe).
  cancelsUpstream: false,
  status: "modelled",
  source: "measured 2026-11-21 on Linux x64, 2 cores in use by others, loopback: squall calibrate, squall probe",
};
