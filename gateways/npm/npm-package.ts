/**
 * Installs one npm program into a folder of its own, exactly as a lock file says.
 *
 * The installation is made beside its place and renamed into it, so a folder that is there is whole; once it is, neither
 * npm nor the network is touched again.
 */
import { createHash, randomUUID } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { environmentNotReady, SquallError } from "../../core/errors.ts";
import { formatDuration, minuteMs, type Ms } from "../../core/time.ts";
import { describeEnd, startChild } from "../child/child-process.ts";
import { takeInstallLock } from "./install-lock.ts";
import { findNpmCli } from "./npm-cli.ts";

export interface NpmPackage {
  /** For messages: `portkey 1.15.2`. */
  readonly name: string;
  /** On disk, for messages. */
  readonly megabytes: number;
  /** Contents of package.json and package-lock.json. The lock names no registry, so that any mirror can serve it. */
  readonly manifest: object;
  readonly lock: object;
}

export interface NpmInstallation {
  readonly onProgress: (text: string) => void;
  readonly signal: AbortSignal;
  readonly env: NodeJS.ProcessEnv;
}

/** npm is killed after this long; a working network needs 10 to 20 s. */
const installTimeoutMs: Ms = 5 * minuteMs;
const stopDeadlineMs: Ms = 2_000;
const outputLines = 15;
const stampName = ".squall-installed.json";

/**
 * Makes sure that `folder` holds the package. Throws `npm-missing`, `install-failed` or `cache-not-writable`, or the
 * signal's reason; the folder is then as it was.
 */
export async function installNpmPackage(npm: NpmPackage, folder: string, how: NpmInstallation): Promise<void> {
  if (isNpmPackageInstalled(npm, folder)) return;
  try {
    const lock = await takeInstallLock(
      `${folder}.lock`,
      installTimeoutMs + stopDeadlineMs,
      (pid) => how.onProgress(`waiting for process ${pid}, which is installing ${npm.name}`),
      how.signal,
    );
    try {
      if (!isNpmPackageInstalled(npm, folder)) await installBeside(npm, folder, how);
    } finally {
      lock.release();
    }
  } catch (cause) {
    throw asUserError(cause, npm, folder);
  }
}

/** Whether `folder` holds exactly this package with exactly this lock file. */
export function isNpmPackageInstalled(npm: NpmPackage, folder: string): boolean {
  try {
    return readFileSync(path.join(folder, stampName), "utf8") === stampOf(npm);
  } catch {
    return false;
  }
}

async function installBeside(npm: NpmPackage, folder: string, how: NpmInstallation): Promise<void> {
  removeLeftovers(folder);
  const startedAtMs = performance.now();
  how.onProgress(`installing ${npm.name} (once, about ${npm.megabytes} MB) …`);
  const beside = `${folder}.installing-${randomUUID()}`;
  try {
    mkdirSync(beside, { recursive: true });
    writeFileSync(path.join(beside, "package.json"), JSON.stringify(npm.manifest, null, 2));
    writeFileSync(path.join(beside, "package-lock.json"), JSON.stringify(npm.lock, null, 2));
    await npmCi(npm, beside, how);
    writeFileSync(path.join(beside, stampName), stampOf(npm));
    putInPlace(npm, beside, folder);
  } finally {
    rmSync(beside, { recursive: true, force: true });
  }
  how.onProgress(`installed ${npm.name} in ${formatDuration(performance.now() - startedAtMs)}`);
}

/**
 * No package here needs a script of its own, so none may run one. npm's own patience with a registry that does not answer
 * is more than a minute; a person without a network should not wait that long to hear of it.
 */
const npmFlags: readonly string[] = [
  "--ignore-scripts",
  "--no-audit",
  "--no-fund",
  "--no-progress",
  "--loglevel=error",
  "--fetch-retries=2",
  "--fetch-retry-mintimeout=1000",
  "--fetch-retry-maxtimeout=4000",
];

async function npmCi(npm: NpmPackage, cwd: string, how: NpmInstallation): Promise<void> {
  const child = await startChild({
    name: "npm",
    command: process.execPath,
    args: [findNpmCli(how.env), "ci", ...npmFlags],
    cwd,
    env: withoutNpmContext(how.env),
  });
  const enough = AbortSignal.any([how.signal, AbortSignal.timeout(installTimeoutMs)]);
  const stop = (): void => void child.stop(stopDeadlineMs);
  enough.addEventListener("abort", stop, { once: true });
  if (enough.aborted) stop();
  const end = await child.ended;
  enough.removeEventListener("abort", stop);
  how.signal.throwIfAborted();
  if (end.code === 0 && !end.stopped) return;
  const reason = end.stopped ? `stopped after ${formatDuration(installTimeoutMs)}` : describeEnd(end);
  const output = child.lastLines(outputLines);
  throw environmentNotReady(`${npm.name} could not be installed: npm ci failed (${reason}):\n${output}`, {
    code: "install-failed",
    hint: hintFor(output),
  });
}

/** Replaces what is there. When another process was faster and its installation is as good, ours is dropped. */
function putInPlace(npm: NpmPackage, beside: string, folder: string): void {
  const old = `${folder}.installing-${randomUUID()}`;
  try {
    renameSync(folder, old);
  } catch (cause) {
    if (!hasCode(cause, "ENOENT")) throw cause;
  }
  try {
    renameSync(beside, folder);
  } catch (cause) {
    if (!isNpmPackageInstalled(npm, folder)) throw cause;
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

function stampOf(npm: NpmPackage): string {
  const text = JSON.stringify([npm.manifest, npm.lock]);
  return JSON.stringify({ name: npm.name, sha256: createHash("sha256").update(text).digest("hex") });
}

/** Inside `npm start`, npm's variables (npm_config_*, npm_package_*) describe our project, and must not steer this npm. */
function withoutNpmContext(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const keep = /^npm_config_(registry|cache|userconfig|globalconfig|proxy|https_proxy|noproxy|cafile)$/i;
  const entries = Object.entries(env).filter(([name]) => !/^npm_/i.test(name) || keep.test(name));
  return { ...Object.fromEntries(entries), npm_config_update_notifier: "false" };
}

function hintFor(output: string): string {
  if (/ENOTFOUND|ECONNREFUSED|ETIMEDOUT|EAI_AGAIN|ECONNRESET|ENETUNREACH|network/i.test(output)) {
    return "the package registry did not answer: check the network, a proxy, or `npm config get registry`; it is needed only this once";
  }
  if (/E40[134]|ETARGET/.test(output))
    return "the registry does not serve a pinned version: see `npm config get registry`";
  if (output.includes("ENOSPC")) return "the disk is full";
  return "set SQUALL_CACHE_DIR to a folder you may write to, or run again";
}

function asUserError(cause: unknown, npm: NpmPackage, folder: string): unknown {
  if (cause instanceof SquallError) return cause;
  const code = ["EACCES", "EPERM", "EROFS", "ENOSPC", "ENOTDIR"].find((each) => hasCode(cause, each));
  if (code === undefined) return cause;
  return environmentNotReady(`${npm.name} cannot be installed into ${folder}: ${code}`, {
    code: "cache-not-writable",
    hint: "set SQUALL_CACHE_DIR to a folder you may write to",
    cause,
  });
}

function hasCode(cause: unknown, code: string): boolean {
  return cause instanceof Error && "code" in cause && cause.code === code;
}
