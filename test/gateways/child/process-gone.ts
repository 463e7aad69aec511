/** Waiting for a process to be gone: no signal reaches it, or it is a zombie that nobody has reaped yet. */
import { readFileSync } from "node:fs";
import { vi } from "vitest";

export async function untilGone(pid: number): Promise<void> {
  await vi.waitUntil(() => isGone(pid), { timeout: 10_000, interval: 20 });
}

export function isGone(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return true;
  }
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2).startsWith("Z");
  } catch {
    return process.platform === "linux";
  }
}
