/** Installs one npm program into a folder of its own, exactly as a lock file says. */
import { writeFileSync } from "node:fs";
import path from "node:path";
import { minuteMs, type Ms } from "../../core/time.ts";
import { install, type Installable, type Installation, isInstalled, runInstaller } from "../install/installation.ts";
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

/** npm is killed after this long; a working network needs 10 to 20 s. */
const installTimeoutMs: Ms = 5 * minuteMs;

/** Makes sure that `folder` holds the package. Throws `npm-missing`, and what `install` throws. */
export async function installNpmPackage(npm: NpmPackage, folder: string, how: Installation): Promise<void> {
  await install(installable(npm), folder, how);
}

/** Whether `folder` holds exactly this package with exactly this lock file. */
export function isNpmPackageInstalled(npm: NpmPackage, folder: string): boolean {
  return isInstalled(installable(npm), folder);
}

function installable(npm: NpmPackage): Installable {
  return {
    name: npm.name,
    megabytes: npm.megabytes,
    pinned: [npm.manifest, npm.lock],
    timeoutMs: installTimeoutMs,
    fill: async (folder, how) => {
      writeFileSync(path.join(folder, "package.json"), JSON.stringify(npm.manifest, null, 2));
      writeFileSync(path.join(folder, "package-lock.json"), JSON.stringify(npm.lock, null, 2));
      await npmCi(npm, folder, how);
    },
  };
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

async function npmCi(npm: NpmPackage, cwd: string, { env, signal }: Installation): Promise<void> {
  await runInstaller({
    name: npm.name,
    what: "npm ci",
    command: {
      name: "npm",
      command: process.execPath,
      args: [findNpmCli(env), "ci", ...npmFlags],
      cwd,
      env: withoutNpmContext(env),
    },
    timeoutMs: installTimeoutMs,
    signal,
    hintFor,
  });
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
  return "set SQUALL_CACHE_DIR to a folder you may write to, or run again";
}
