/**
 * Lets one process install a package while others wait for it.
 *
 * This saves work; it is not what keeps the installation whole. An installation appears by a rename, so if a lock is ever
 * wrongly believed stale, two processes install side by side and one throws its copy away.
 */
import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Ms } from "../../core/time.ts";

export interface InstallLock {
  readonly release: () => void;
}

const lookEveryMs = 250;

/** Waits until the lock file could be made; one whose owner is dead, or that is older than `staleAfterMs`, is removed. */
export async function takeInstallLock(
  file: string,
  staleAfterMs: Ms,
  onWait: (ownerPid: number) => void,
  signal: AbortSignal,
): Promise<InstallLock> {
  mkdirSync(path.dirname(file), { recursive: true });
  let told = false;
  for (;;) {
    signal.throwIfAborted();
    if (tryCreate(file)) return { release: () => rmSync(file, { force: true }) };
    const owner = ownerOf(file);
    if (owner === undefined) continue; // released between the two looks
    if (!isAlive(owner.pid) || owner.ageMs > staleAfterMs) {
      rmSync(file, { force: true });
      continue;
    }
    if (!told) onWait(owner.pid);
    told = true;
    await sleep(lookEveryMs);
  }
}

function tryCreate(file: string): boolean {
  try {
    writeFileSync(file, `${process.pid}\n`, { flag: "wx" });
    return true;
  } catch (cause) {
    if (cause instanceof Error && "code" in cause && cause.code === "EEXIST") return false;
    throw cause;
  }
}

function ownerOf(file: string): { readonly pid: number; readonly ageMs: Ms } | undefined {
  try {
    const text = readFileSync(file, "utf8");
    return { pid: Number(text.trim()), ageMs: Date.now() - statSync(file).mtimeMs };
  } catch {
    return undefined;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (cause) {
    return cause instanceof Error && "code" in cause && cause.code === "EPERM";
  }
}
