/** What gateways cost by themselves, as `npm run calibrate` measured it: it writes this file, nobody else does. */
import type { MeasuredCosts } from "../gateway-profile.ts";

export const measuredCosts: {
  readonly litellm: MeasuredCosts;
  readonly portkey: MeasuredCosts;
  readonly tensorzero: MeasuredCosts;
} = {
  litellm: {
    version: "1.102.4",
    requestCpuMs: 7.1,
    chunkCpuMs: 0.28,
    coalescedChunkCpuMs: 0,
    endCpuMs: 2.9,
    busyRequestShare: 0.94,
    busyChunkShare: 0.71,
    warmMs: 0.2,
    requestTurns: 1,
    firstChunkDelayMs: 3.8,
    networkMs: 1,
    source: "measured 2026-11-21 on Linux x64, 2 cores in use by others, loopback: squall calibrate, squall probe",
  },
  portkey: {
    version: "1.15.2",
    requestCpuMs: 0.57,
    chunkCpuMs: 0.095,
    coalescedChunkCpuMs: 0.004,
    endCpuMs: 0.45,
    busyRequestShare: 0.68,
    busyChunkShare: 0.44,
    warmMs: 0.6,
    requestTurns: 2,
    firstChunkDelayMs: 26.9,
    networkMs: 0.25,
    source: "measured 2026-11 on Linux x64, 2 cores, Node 24.21.0, loopback: squall calibrate",
  },
  tensorzero: {
    version: "2026.6.0",
    requestCpuMs: 0.29,
    chunkCpuMs: 0.108,
    coalescedChunkCpuMs: 0.011,
    endCpuMs: 0.19,
    busyRequestShare: 0.48,
    busyChunkShare: 0.37,
    warmMs: 0.8,
    requestTurns: 1,
    firstChunkDelayMs: 1.1,
    networkMs: 0.5,
    source: "measured 2026-11-21 on Linux x64, 2 cores in use by others, loopback: squall calibrate, squall probe",
  },
};
