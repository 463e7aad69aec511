/**
 * One set-up at a time in one checkout.
 *
 * The lock is a folder that already holds its owner's name when it appears: it is prepared beside its place and renamed
 * into it, which only one process can do. The owner touches it while it lives; a lock whose owner is gone, or that nobody
 * has touched for a while, is taken over.
 */
import { mkdtempSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

const TOUCH_EVERY_MS = 2_000;
const STALE_AFTER_MS = 30_000;
const LOOK_EVERY_MS = 250;

/** Waits for the lock and takes it; `onWait` hears once who holds it. The answer's `release` gives it back. */
export async function acquireLock(folder, onWait) {
  const owner = { pid: process.pid, host: hostname(), startedAt: new Date().toISOString() };
  let told = false;
  while (!tryTake(folder, owner)) {
    const holder = readOwner(folder);
    if (holder === undefined) continue; // released between the two looks
    if (isStale(folder, holder)) {
      evict(folder, holder);
      continue;
    }
    if (!told) onWait(holder);
    told = true;
    await sleep(LOOK_EVERY_MS);
  }
  const timer = setInterval(() => touch(folder), TOUCH_EVERY_MS);
  timer.unref();
  return {
    release: () => {
      clearInterval(timer);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function tryTake(folder, owner) {
  const prepared = mkdtempSync(`${folder}-`);
  writeFileSync(path.join(prepared, "owner.json"), JSON.stringify(owner));
  try {
    renameSync(prepared, folder);
    return true;
  } catch (cause) {
    rmSync(prepared, { recursive: true, force: true });
    if (["ENOTEMPTY", "EEXIST", "EPERM", "EACCES"].includes(cause.code) && readOwner(folder) !== undefined)
      return false;
    if (["ENOTEMPTY", "EEXIST"].includes(cause.code)) return false;
    throw cause;
  }
}

function readOwner(folder) {
  try {
    return JSON.parse(readFileSync(path.join(folder, "owner.json"), "utf8"));
  } catch {
    return undefined;
  }
}

function isStale(folder, holder) {
  if (holder.host === hostname() && !isAlive(holder.pid)) return true;
  try {
    return Date.now() - statSync(path.join(folder, "owner.json")).mtimeMs > STALE_AFTER_MS;
  } catch {
    return false;
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (cause) {
    return cause.code === "EPERM";
  }
}

/** Moves the dead owner's lock away; if another process was quicker and a living lock moved instead, puts it back. */
function evict(folder, holder) {
  const grave = mkdtempSync(`${folder}-`);
  try {
    renameSync(folder, grave);
    if (readOwner(grave)?.startedAt !== holder.startedAt) renameSync(grave, folder);
  } catch {
    // Another process evicted it first.
  }
  rmSync(grave, { recursive: true, force: true });
}

function touch(folder) {
  try {
    const now = new Date();
    utimesSync(path.join(folder, "owner.json"), now, now);
  } catch {
    // The lock was taken from us; the install itself goes on and its result is checked by npm.
  }
}
