/**
 * How much of a gateway a load asks for: CPU that its requests need of a busy one, over the time that passes.
 *
 * What a request costs is spread as it comes up: its start when it is sent, its chunks evenly over the stream, its end at the end
 * (behavior/gateway-profile.ts). A gateway is one event loop, so that 1 is all that a replica has.
 */
import type { GatewayProfile } from "../behavior/gateway-profile.ts";
import type { Run } from "../core/run.ts";
import { type Ms, secondMs } from "../core/time.ts";
import { readyAt } from "./flapping.ts";

/** Wall time over which the load is averaged: some hundred pieces of work, and short beside what makes a load change. */
const binWallMs: Ms = secondMs;

/** CPU of a gateway at work, in wall milliseconds, for the start, all chunks, and the end of a request; without chunks it is not streamed. */
export function gatewayWorkMs(profile: GatewayProfile, chunks: number): readonly [Ms, Ms, Ms] {
  const { requestCpuMs, chunkCpuMs, endCpuMs, streamCpuMs, busyRequestShare, busyChunkShare } = profile;
  const endMs = endCpuMs + (chunks > 0 ? streamCpuMs : 0);
  return [requestCpuMs * busyRequestShare, chunks * chunkCpuMs * busyChunkShare, endMs * busyRequestShare];
}

/** Share of its gateway's replicas that a run's requests ask for around an instant of scenario time; above 1 they queue. */
export function gatewayLoad({ manifest, records }: Run, profile: GatewayProfile): (atMs: Ms) => number {
  const widthMs = binWallMs * manifest.timeScale;
  const bins = new Float64Array(Math.max(1, Math.ceil(manifest.durationMs / widthMs)));
  const at = (instantMs: Ms): number => Math.min(bins.length - 1, Math.max(0, Math.floor(instantMs / widthMs)));
  const add = (bin: number, workMs: Ms): void => {
    bins[bin] = (bins[bin] ?? 0) + workMs;
  };
  for (const record of records) {
    const [startMs, chunksMs, endMs] = gatewayWorkMs(profile, record.chunks);
    add(at(record.sentMs), startMs);
    const [first, last] = [at(record.firstTokenMs ?? record.endMs), at(record.endMs)];
    for (let bin = first; bin <= last; bin++) add(bin, chunksMs / (last - first + 1));
    add(at(record.endMs), endMs);
  }
  const counts = manifest.replicas?.counts;
  return (atMs) => {
    const replicas = counts === undefined ? 1 : Math.max(1, readyAt(counts, atMs));
    return (bins[at(atMs)] ?? 0) / binWallMs / replicas;
  };
}
