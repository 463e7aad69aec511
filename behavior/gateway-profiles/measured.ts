/** What gateways cost by themselves, as `npm run calibrate` measured it: it writes this file, nobody else does. */
import type { MeasuredCosts } from "../gateway-profile.ts";

export const measuredCosts: {
  readonly litellm: MeasuredCosts;
  readonly portkey: MeasuredCosts;
  readonly tensorzero: MeasuredCosts;
} = {
  litellm: {
    version: "1.102.4",
    requestCpuMs: 10.0202,
    chunkCpuMs: 1.6933,
    coalescedChunkCpuMs: 0.6269,
    endCpuMs: 4.0192,
    streamCpuMs: 0,
    busyRequestShare: 0.4748,
    busyChunkShare: 0.3676,
    warmMs: 2,
    requestTurns: 1,
    firstChunkDelayMs: 1.3706,
    networkMs: 0.4001,
    source: "measured 2026-11-21 on linux x64, 2 x AMD EPYC, 24 GiB, Node 24.21.0, loopback: squall calibrate",
  },
  portkey: {
    version: "1.15.2",
    requestCpuMs: 0.6831,
    chunkCpuMs: 0.2058,
    coalescedChunkCpuMs: 0.0037,
    endCpuMs: 0.4909,
    streamCpuMs: 0,
    busyRequestShare: 0.7876,
    busyChunkShare: 0.2772,
    warmMs: 2,
    requestTurns: 2,
    firstChunkDelayMs: 26.8186,
    networkMs: 0.2926,
    source: "measured 2026-11-21 on linux x64, 2 x AMD EPYC, 24 GiB, Node 24.21.0, loopback: squall calibrate",
  },
  tensorzero: {
    version: "2026.6.0",
    requestCpuMs: 0.3554,
    chunkCpuMs: 0.2338,
    coalescedChunkCpuMs: 0.0116,
    endCpuMs: 0.2364,
    streamCpuMs: 0,
    busyRequestShare: 0.4588,
    busyChunkShare: 0.2263,
    warmMs: 2,
    requestTurns: 1,
    firstChunkDelayMs: 0.8092,
    networkMs: 0.469,
    source: "measured 2026-11-21 on linux x64, 2 x AMD EPYC, 24 GiB, Node 24.21.0, loopback: squall calibrate",
  },
};
