/** What the daemon tells of a container: what it has used, and what it has printed. */
import { stripVTControlCharacters } from "node:util";
import type { ProcessUsage } from "../child/process-usage.ts";
import type { Container } from "./docker.ts";

/** The part of the daemon's answer that is read; a container that has ended has numbers missing. */
export interface ContainerStats {
  readonly cpu_stats: { readonly cpu_usage: { readonly total_usage: number } };
  readonly memory_stats: {
    readonly usage?: number;
    readonly stats?: { readonly total_inactive_file?: number; readonly inactive_file?: number };
  };
}

const nanosecondsPerSecond = 1e9;
const outputLines = 15;

/** One sample, taken at once: without `one-shot` the daemon waits a second or two for another one to compare it with. */
export async function usageOf(container: Container): Promise<ProcessUsage | undefined> {
  try {
    return parseStats(await container.stats({ stream: false, "one-shot": true }));
  } catch {
    return undefined; // it is gone
  }
}

/**
 * CPU time of everything in it since it started, and its memory without what the kernel could give back at once, as `docker
 * stats` counts it (docker/cli, cli/command/container/stats_helpers.go): `inactive_file` under cgroup 2, `total_inactive_file` under 1.
 */
export function parseStats({ cpu_stats, memory_stats }: ContainerStats): ProcessUsage | undefined {
  const used = cpu_stats.cpu_usage.total_usage;
  const { usage, stats: kinds } = memory_stats;
  // One that has just ended has neither.
  if (usage === undefined || used === 0) return undefined;
  const idle = kinds?.total_inactive_file ?? kinds?.inactive_file ?? 0;
  return { cpuSeconds: used / nanosecondsPerSecond, rssBytes: usage - (idle < usage ? idle : 0) };
}

/** The end of what it printed, on both streams. */
export async function lastLines(container: Container): Promise<string> {
  const bytes = await container
    .logs({ follow: false, stdout: true, stderr: true, tail: outputLines })
    .catch(() => Buffer.alloc(0)); // it is gone, and its output with it
  return stripVTControlCharacters(withoutFrames(bytes)).trim();
}

/** Docker's API: each piece of output comes after eight bytes, of which the last four are its length. */
export function withoutFrames(bytes: Buffer): string {
  const pieces: Buffer[] = [];
  for (let at = 0; at + 8 <= bytes.length;) {
    const length = bytes.readUInt32BE(at + 4);
    pieces.push(bytes.subarray(at + 8, at + 8 + length));
    at += 8 + length;
  }
  return Buffer.concat(pieces).toString("utf8");
}
