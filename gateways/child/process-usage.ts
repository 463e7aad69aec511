/**
 * What a process has used so far: CPU time and resident memory, as the operating system counts them.
 */
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";

export interface ProcessUsage {
  /** User and system time of all its threads since it started. */
  readonly cpuSeconds: number;
  readonly rssBytes: number;
}

/** Ticks per second in /proc/PID/stat: USER_HZ, 100 on every Linux architecture Node runs on (proc(5), "stat"). */
const ticksPerSecond = 100;

/** undefined: the process is gone, or this system (Windows) has no cheap way to tell. */
export async function processUsage(pid: number): Promise<ProcessUsage | undefined> {
  try {
    if (process.platform === "linux") {
      const [stat, status] = await Promise.all([
        readFile(`/proc/${pid}/stat`, "utf8"),
        readFile(`/proc/${pid}/status`, "utf8"),
      ]);
      return parseLinuxUsage(stat, status);
    }
    if (process.platform === "win32") return undefined;
    const { stdout } = await promisify(execFile)("ps", ["-o", "rss=,time=", "-p", String(pid)]);
    return parsePsUsage(stdout);
  } catch {
    return undefined;
  }
}

/** Fields 14 and 15 of stat (user and system ticks), counted after the name, which may hold spaces; VmRSS of status in kB. */
export function parseLinuxUsage(stat: string, status: string): ProcessUsage | undefined {
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const ticks = Number(fields[11]) + Number(fields[12]);
  const rss = /^VmRSS:\s+(\d+) kB$/m.exec(status);
  if (Number.isNaN(ticks) || rss === null) return undefined;
  return { cpuSeconds: ticks / ticksPerSecond, rssBytes: Number(rss[1]) * 1024 };
}

/** One line of `ps -o rss=,time=`: kilobytes, then `[[days-]hours:]minutes:seconds[.hundredths]`. */
export function parsePsUsage(line: string): ProcessUsage | undefined {
  const match = /^\s*(\d+)\s+(?:(\d+)-)?(?:(\d+):)?(\d+):(\d+(?:\.\d+)?)\s*$/.exec(line);
  if (match === null) return undefined;
  const [days, hours, minutes, seconds] = match.slice(2).map((part) => Number(part ?? 0));
  const cpuSeconds = (((days ?? 0) * 24 + (hours ?? 0)) * 60 + (minutes ?? 0)) * 60 + (seconds ?? 0);
  return { cpuSeconds, rssBytes: Number(match[1]) * 1024 };
}
