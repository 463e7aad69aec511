/** The times of a gateway's profile in scenario time, where a run is faster than the wall: they appear so many times as long. */
import type { GatewayProfile } from "../behavior/gateway-profile.ts";
import type { Ms } from "../core/time.ts";
import type { ReadCost } from "./chunk-flow.ts";
import type { WorkCost } from "./station.ts";

export interface GatewayTimes {
  /** To parse, route and send a request upstream, and to end it. */
  readonly request: WorkCost;
  readonly end: WorkCost;
  /** What is done once a streamed answer has gone to its client; undefined: nothing. */
  readonly afterStream: WorkCost | undefined;
  readonly read: ReadCost;
  readonly firstChunkDelayMs: Ms;
  readonly networkMs: Ms;
}

export function gatewayTimes(profile: GatewayProfile, timeScale: number): GatewayTimes {
  const cost = (cpuMs: Ms, busyShare: number): WorkCost => ({
    idleMs: cpuMs * timeScale,
    busyMs: cpuMs * busyShare * timeScale,
    warmMs: profile.warmMs * timeScale,
  });
  return {
    request: cost(profile.requestCpuMs, profile.busyRequestShare),
    end: cost(profile.endCpuMs, profile.busyRequestShare),
    afterStream: profile.streamCpuMs === 0 ? undefined : cost(profile.streamCpuMs, profile.busyRequestShare),
    read: {
      ...cost(profile.chunkCpuMs, profile.busyChunkShare),
      furtherMs: profile.coalescedChunkCpuMs * timeScale,
    },
    firstChunkDelayMs: profile.firstChunkDelayMs * timeScale,
    networkMs: profile.networkMs * timeScale,
  };
}
