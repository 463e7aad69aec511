/**
 * What this machine did while a run's load went on: how busy its processors were, and with whom. A live run shares them with
 * everything else; where others took a part, what was measured is theirs too.
 *
 * Programs of the run are this process and all that it has started, those that have ended since included (proc(5),
 * "/proc/pid/stat": utime, stime, cutime, cstime). Without /proc nobody is told apart.
 */
import { readdir, readFile } from "node:fs/promises";
import { cpus } from "node:os";
import type { MachineUse } from "../core/run.ts";
import { secondMs } from "../core/time.ts";

/** CPU seconds that the gateway has used so far; undefined: nobody can tell. */
export type GatewayCpu = () => Promise<number | undefined>;

/** Looks from now on until it is called. Never rejects. */
export async function watchMachine(gatewayCpu: GatewayCpu): Promise<() => Promise<MachineUse>> {
  const before = await look(gatewayCpu);
  return async () => machineUse(before, await look(gatewayCpu));
}

/** Seconds of CPU, of all processors together, since some instant. */
export interface MachineReadings {
  readonly processors: number;
  readonly busy: number;
  readonly idle: number;
  readonly family: number | undefined;
  readonly gateway: number | undefined;
}

export function machineUse(before: MachineReadings, after: MachineReadings): MachineUse {
  const busy = after.busy - before.busy;
  const passed = busy + after.idle - before.idle;
  const share = (seconds: number): number => (passed <= 0 ? 0 : Math.min(1, Math.max(0, seconds / passed)));
  const spent = (who: "family" | "gateway"): number | undefined => {
    const [from, to] = [before[who], after[who]];
    return from === undefined || to === undefined ? undefined : to - from;
  };
  const [family, gateway] = [spent("family"), spent("gateway")];
  return {
    processors: after.processors,
    busy: share(busy),
    ...(family === undefined ? {} : { others: share(busy - family) }),
    ...(gateway === undefined ? {} : { gateway: share(gateway) * after.processors }),
  };
}

async function look(gatewayCpu: GatewayCpu): Promise<MachineReadings> {
  const [family, gateway] = await Promise.all([
    familyCpuSeconds(process.pid).catch(() => undefined),
    gatewayCpu().catch(() => undefined),
  ]);
  const times = cpus().map((each) => each.times);
  const idle = times.reduce((sum, each) => sum + each.idle, 0) / secondMs;
  const all = times.reduce((sum, { user, nice, sys, irq }) => sum + user + nice + sys + irq, 0) / secondMs;
  return { processors: times.length, busy: all, idle, family, gateway };
}

/** Of the process, of what it has started, and of what those have. */
async function familyCpuSeconds(root: number): Promise<number> {
  const names = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const stats = await Promise.all(names.map((name) => readFile(`/proc/${name}/stat`, "utf8").catch(() => "")));
  const seen = stats.flatMap((stat) => parseStat(stat) ?? []);
  const family = new Set([root]);
  // Whoever starts a process has the smaller number, except where numbers have begun again: so until nobody is added.
  for (let size = 0; size < family.size;) {
    size = family.size;
    for (const { pid, parent } of seen) if (family.has(parent)) family.add(pid);
  }
  return seen.reduce((sum, { pid, cpuSeconds }) => sum + (family.has(pid) ? cpuSeconds : 0), 0);
}

interface ProcessStat {
  readonly pid: number;
  readonly parent: number;
  /** Its own, and that of those it started and has seen end. */
  readonly cpuSeconds: number;
}

/** Clock ticks per second in /proc: USER_HZ, 100 on every architecture that Node runs on. */
const ticksPerSecond = 100;

/** Fields are counted after the name, which may hold spaces and brackets; undefined for a process that has gone. */
export function parseStat(stat: string): ProcessStat | undefined {
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const [pid, parent] = [Number.parseInt(stat, 10), Number(fields[1])];
  const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
  return Number.isNaN(pid) || Number.isNaN(ticks) ? undefined : { pid, parent, cpuSeconds: ticks / ticksPerSecond };
}
