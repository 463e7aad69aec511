/**
 * Installs a program into a folder of its own: by one process at a time, wholly or not at all.
 *
 * The installation is made beside its place and renamed into it, so a folder that is there is whole; once it is, neither
 * the package manager nor the network is touched again.
 */
import { createHash, randomUUID } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { environmentNotReady, SquallError } from "../../core/errors.ts";
import { formatDuration, type Ms } from "../../core/time.ts";
import { type ChildCommand, describeEnd, startChild } from "../child/child-process.ts";
import { takeInstallLock } from "./install-lock.ts";

export interface Installable {
  /** For messages: `portkey 1.15.2`. */
  readonly name: string;
  /** On disk, for messages. */
  readonly megabytes: number;
  /** Everything that decides what gets installed; an installation of anything else is replaced. */
  readonly pinned: unknown;
  /** Longest that an installation may take. */
  readonly timeoutMs: Ms;
  /** Fills the folder, which is there and empty. */
  readonly fill: (folder: string, how: Installation) => Promise<void>;
}

export interface Installation {
  readonly onProgress: (text: string) => void;
  readonly signal: AbortSignal;
  readonly env: NodeJS.ProcessEnv;
}

/** A package manager at work. */
export interface InstallerRun {
  /** What is being installed. */
  readonly name: string;
  /** For messages: `npm ci`. */
  readonly what: string;
  readonly command: ChildCommand;
  readonly timeoutMs: Ms;
  readonly signal: AbortSignal;
  /** What to do about a failure, from the end of its output. */
  readonly hintFor: (output: string) => string;
}

const stopDeadlineMs: Ms = 2_000;
const outputLines = 15;
const stampName = ".squall-installed.json";

/**
 * Makes sure that `folder` holds it. Throws `install-failed` or `cache-not-writable`, what `fill` throws, or the signal's
 * reason; the folder is then as it was.
 */
export async function install(what: Installable, folder: string, how: Installation): Promise<void> {
  if (isInstalled(what, folder)) return;
  try {
    const lock = await takeInstallLock(
      `${folder}.lock`,
      what.timeoutMs + stopDeadlineMs,
      (pid) => how.onProgress(`waiting for process ${pid}, which is installing ${what.name}`),
      how.signal,
    );
    try {
      if (!isInstalled(what, folder)) await installBeside(what, folder, how);
    } finally {
      lock.release();
    }
  } catch (cause) {
    throw asUserError(cause, what, folder);
  }
}

/** Whether `folder` holds exactly this. */
export function isInstalled(what: Pick<Installable, "name" | "pinned">, folder: string): boolean {
  try {
    return readFileSync(path.join(folder, stampName), "utf8") === stampOf(what);
  } catch {
    return false;
  }
}

/** Runs a package manager to its end. Throws `install-failed`, or the signal's reason. */
export async function runInstaller(run: InstallerRun): Promise<void> {
  const child = await startChild(run.command);
  const enough = AbortSignal.any([run.signal, AbortSignal.timeout(run.timeoutMs)]);
  const stop = (): void => void child.stop(stopDeadlineMs);
  enough.addEventListener("abort", stop, { once: true });
  if (enough.aborted) stop();
  const end = await child.ended;
  enough.removeEventListener("abort", stop);
  run.signal.throwIfAborted();
  if (end.code === 0 && !end.stopped) return;
  const reason = end.stopped ? `stopped after ${formatDuration(run.timeoutMs)}` : describeEnd(end);
  const output = child.lastLines(outputLines);
  throw environmentNotReady(`${run.name} could not be installed: ${run.what} failed (${reason}):\n${output}`, {
    code: "install-failed",
    hint: output.includes("ENOSPC") || output.includes("No space left") ? "the disk is full" : run.hintFor(output),
  });
}

async function installBeside(what: Installable, folder: string, how: Installation): Promise<void> {
  removeLeftovers(folder);
  const startedAtMs = performance.now();
  how.onProgress(`installing ${what.name} (once, about ${what.megabytes} MB) …`);
  const beside = `${folder}.installing-${randomUUID()}`;
  try {
    mkdirSync(beside, { recursive: true });
    await what.fill(beside, how);
    writeFileSync(path.join(beside, stampName), stampOf(what));
    putInPlace(what, beside, folder);
  } finally {
    rmSync(beside, { recursive: true, force: true });
  }
  how.onProgress(`installed ${what.name} in ${formatDuration(performance.now() - startedAtMs)}`);
}

/** Replaces what is there. When another process was faster and its installation is as good, ours is dropped. */
function putInPlace(what: Installable, beside: string, folder: string): void {
  const old = `${folder}.installing-${randomUUID()}`;
  try {
    renameSync(folder, old);
  } catch (cause) {
    if (!hasCode(cause, "ENOENT")) throw cause;
  }
  try {
    renameSync(beside, folder);
  } catch (cause) {
    if (!isInstalled(what, folder)) throw cause;
  } finally {
    rmSync(old, { recursive: true, force: true });
  }
}

/** What a killed installation left behind. Called with the lock held, so nobody is using it. */
function removeLeftovers(folder: string): void {
  const prefix = `${path.basename(folder)}.installing-`;
  for (const name of readdirSync(path.dirname(folder))) {
    if (name.startsWith(prefix)) rmSync(path.join(path.dirname(folder), name), { recursive: true, force: true });
  }
}

function stampOf({ name, pinned }: Pick<Installable, "name" | "pinned">): string {
  return JSON.stringify({ name, sha256: createHash("sha256").update(JSON.stringify(pinned)).digest("hex") });
}

function asUserError(cause: unknown, { name }: Installable, folder: string): unknown {
  if (cause instanceof SquallError) return cause;
  const code = ["EACCES", "EPERM", "EROFS", "ENOSPC", "ENOTDIR"].find((each) => hasCode(cause, each));
  if (code === undefined) return cause;
  return environmentNotReady(`${name} cannot be installed into ${folder}: ${code}`, {
    code: "cache-not-writable",
    hint: "set SQUALL_CACHE_DIR to a folder you may write to",
    cause,
  });
}

function hasCode(cause: unknown, code: string): boolean {
  return cause instanceof Error && "code" in cause && cause.code === code;
}
