/**
 * Finds k6, and builds it where there is none: `$K6_BINARY`, PATH, Squall's cache, else Go and the module beside this file.
 *
 * Only version 2 will do: it runs TypeScript as it stands and has the clock that the programs use. The module names one exact
 * version, and Go checks all of its source against the sums that are committed with it.
 */
import { execFile } from "node:child_process";
import { createHash, randomUUID } from "node:crypto";
import { createReadStream, existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import path from "node:path";
import { promisify } from "node:util";
import { environmentNotReady } from "../../core/errors.ts";
import { formatDuration, minuteMs, type Ms, secondMs } from "../../core/time.ts";
import { endInWords, type StartProgram } from "./program.ts";

export interface K6Found {
  readonly binary: string;
  /** `v2.2.0`. */
  readonly version: string;
  readonly from: "K6_BINARY" | "PATH" | "cache";
}

export interface K6Search {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cacheDir: string;
}

export interface K6Build extends K6Search {
  /** Folder of go.mod and go.sum. */
  readonly moduleDir: string;
  readonly start: StartProgram;
  readonly onProgress: (text: string) => void;
  readonly signal: AbortSignal;
}

/** The version that is built; go.mod names the same. */
export const k6Version = "v2.2.0";
const k6Package = "go.k6.io/k6/v2";

/** Go is stopped after this long. Measured: two minutes to compile on two cores that others used as well, downloads not counted. */
const buildTimeoutMs: Ms = 10 * minuteMs;
const versionTimeoutMs: Ms = 10 * secondMs;
const stopDeadlineMs: Ms = 2 * secondMs;
const outputLines = 15;

/** A k6 of version 2 that is already here. Throws `k6-not-usable` when `$K6_BINARY` names something else. */
export async function findK6({ env, cacheDir }: K6Search): Promise<K6Found | undefined> {
  const named = env["K6_BINARY"];
  if (named !== undefined && named !== "") {
    const version = await versionOf(named);
    if (version === undefined || !isUsable(version)) throw notUsable(named, version);
    return { binary: named, version, from: "K6_BINARY" };
  }
  const onPath = programOnPath("k6", env);
  const candidates = [
    ...(onPath === undefined ? [] : [{ binary: onPath, from: "PATH" as const }]),
    { binary: cachedBinary(cacheDir), from: "cache" as const },
  ];
  for (const { binary, from } of candidates) {
    const version = existsSync(binary) ? await versionOf(binary) : undefined;
    if (version !== undefined && isUsable(version)) return { binary, version, from };
  }
  return undefined;
}

/** Finds k6, or builds it into the cache. Throws `k6-missing`, `k6-not-usable` or `k6-build-failed`, or the signal's reason. */
export async function installK6(build: K6Build): Promise<K6Found> {
  const found = await findK6(build);
  if (found !== undefined) return found;
  const go = programOnPath("go", build.env);
  if (go === undefined) {
    throw environmentNotReady("k6 was not found, and there is no Go to build it with", {
      code: "k6-missing",
      hint: `install k6 ${k6Version} or newer, or Go; or name a k6 in K6_BINARY; or leave out --engine: the native engine needs neither`,
    });
  }
  await buildK6(go, build);
  return { binary: cachedBinary(build.cacheDir), version: k6Version, from: "cache" };
}

/** Of the program file, for the manifest: whoever repeats a run can tell whether it is the same k6. */
export async function sha256Of(file: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer);
  return hash.digest("hex");
}

/** Path of a program that PATH has; undefined: it has none. */
export function programOnPath(name: string, env: K6Search["env"]): string | undefined {
  const folders = (env["PATH"] ?? env["Path"] ?? "").split(path.delimiter).filter((folder) => folder !== "");
  return folders.map((folder) => path.join(folder, name + programEnding)).find((file) => existsSync(file));
}

const programEnding = process.platform === "win32" ? ".exe" : "";

function cachedBinary(cacheDir: string): string {
  return path.join(cacheDir, "k6", k6Version, `k6${programEnding}`);
}

/** What `k6 version` says, such as `v2.2.0`; undefined when it is no k6. */
async function versionOf(binary: string): Promise<string | undefined> {
  try {
    const { stdout } = await promisify(execFile)(binary, ["version"], { timeout: versionTimeoutMs });
    return /^k6(?:\.exe)? (v\d+\.\d+\.\d+\S*)/.exec(stdout)?.[1];
  } catch {
    return undefined;
  }
}

function isUsable(version: string): boolean {
  return version.startsWith("v2.");
}

/** Builds beside its place and renames, so that a k6 that is in the cache is whole. */
async function buildK6(go: string, { cacheDir, moduleDir, start, onProgress, signal, env }: K6Build): Promise<void> {
  const folder = path.dirname(cachedBinary(cacheDir));
  const beside = `${folder}.building-${randomUUID()}`;
  const startedAtMs = performance.now();
  onProgress(`building k6 ${k6Version} with Go (once; a minute or two) …`);
  try {
    mkdirSync(beside, { recursive: true });
    const child = await start({
      name: "go",
      command: go,
      args: ["build", "-trimpath", "-o", path.join(beside, path.basename(cachedBinary(cacheDir))), k6Package],
      cwd: moduleDir,
      env: { ...env, CGO_ENABLED: "0", GOFLAGS: "-mod=readonly -buildvcs=false", GOWORK: "off" },
    });
    const enough = AbortSignal.any([signal, AbortSignal.timeout(buildTimeoutMs)]);
    const stop = (): void => void child.stop(stopDeadlineMs);
    enough.addEventListener("abort", stop, { once: true });
    if (enough.aborted) stop();
    const end = await child.ended;
    enough.removeEventListener("abort", stop);
    signal.throwIfAborted();
    if (end.code !== 0 || end.stopped) {
      const why = end.stopped ? `stopped after ${formatDuration(buildTimeoutMs)}` : endInWords(end);
      throw buildFailed(why, child.lastLines(outputLines));
    }
    putInPlace(beside, folder);
    onProgress(`built k6 ${k6Version} in ${formatDuration(performance.now() - startedAtMs)}`);
  } finally {
    rmSync(beside, { recursive: true, force: true });
  }
}

/** When another process was faster, its k6 is as good as ours. */
function putInPlace(beside: string, folder: string): void {
  try {
    renameSync(beside, folder);
  } catch (cause) {
    if (!existsSync(path.join(folder, `k6${programEnding}`))) throw cause;
  }
}

function notUsable(named: string, version: string | undefined): Error {
  const what = version === undefined ? "which is no k6 that runs" : `which is k6 ${version}`;
  return environmentNotReady(`K6_BINARY names ${named}, ${what}; version 2 is needed`, {
    code: "k6-not-usable",
    hint: "name another k6, or unset K6_BINARY",
  });
}

function buildFailed(why: string, output: string): Error {
  return environmentNotReady(`k6 ${k6Version} could not be built: go build failed (${why}):\n${output}`, {
    code: "k6-build-failed",
    hint: "the first build downloads Go modules: check the network and `go env GOPROXY`; or install k6 and name it in K6_BINARY",
  });
}
