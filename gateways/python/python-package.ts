/**
 * Installs one Python program into a virtual environment of its own.
 *
 * A virtual environment may be moved as long as its console scripts are not used, which name their interpreter by its path; so
 * programs are run with `python -c` or `-m`.
 */
import { writeFileSync } from "node:fs";
import path from "node:path";
import { minuteMs, type Ms } from "../../core/time.ts";
import { install, type Installable, type Installation, isInstalled, runInstaller } from "../install/installation.ts";
import { findPython } from "./python-cli.ts";

export interface PythonPackage {
  /** For messages: `litellm 1.102.4`. */
  readonly name: string;
  /** On disk, for messages. */
  readonly megabytes: number;
  readonly pinned: PinnedPackages;
}

export interface PinnedPackages {
  /** What is wanted, as pip takes it: `litellm[proxy]==1.102.4`. */
  readonly requirements: readonly string[];
  /** Version of every package below, where this Python and system need it: `aiohttp==3.14.2`. */
  readonly constraints: readonly string[];
}

/** pip is killed after this long; LiteLLM took 54 to 80 s. */
const installTimeoutMs: Ms = 10 * minuteMs;
const venvTimeoutMs: Ms = 2 * minuteMs;

/** Makes sure that `folder` holds the package. Throws `python-missing`, and what `install` throws. */
export async function installPythonPackage(python: PythonPackage, folder: string, how: Installation): Promise<void> {
  await install(installable(python), folder, how);
}

/** Whether `folder` holds exactly this package with exactly these versions. */
export function isPythonPackageInstalled(python: PythonPackage, folder: string): boolean {
  return isInstalled(installable(python), folder);
}

/** The interpreter of a virtual environment. */
export function pythonIn(folder: string): string {
  return process.platform === "win32" ? path.join(folder, "Scripts", "python.exe") : path.join(folder, "bin", "python");
}

function installable(python: PythonPackage): Installable {
  return {
    name: python.name,
    megabytes: python.megabytes,
    pinned: python.pinned,
    timeoutMs: installTimeoutMs + venvTimeoutMs,
    fill: (folder, how) => fill(python, folder, how),
  };
}

async function fill({ name, pinned }: PythonPackage, folder: string, { env, signal }: Installation): Promise<void> {
  const python = await findPython(env);
  const common = { name, signal, hintFor };
  await runInstaller({
    ...common,
    what: "python -m venv",
    command: { name: "venv", command: python, args: ["-m", "venv", folder], env: withoutVenv(env) },
    timeoutMs: venvTimeoutMs,
  });
  const constraints = path.join(folder, "constraints.txt");
  writeFileSync(constraints, `${pinned.constraints.join("\n")}\n`);
  await runInstaller({
    ...common,
    what: "pip install",
    command: {
      name: "pip",
      command: pythonIn(folder),
      args: ["-m", "pip", "install", ...pipFlags, "--constraint", constraints, ...pinned.requirements],
      env: withoutVenv(env),
    },
    timeoutMs: installTimeoutMs,
  });
}

const pipFlags: readonly string[] = [
  "--quiet",
  "--no-input",
  "--disable-pip-version-check",
  "--retries=2",
  // Nothing here needs to be built, so no package may run a script of its own.
  "--only-binary=:all:",
];

/** Inside an activated environment, its variables would lead this Python to foreign packages. */
function withoutVenv(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const { PYTHONPATH: _path, PYTHONHOME: _home, VIRTUAL_ENV: _venv, ...rest } = env;
  return rest;
}

function hintFor(output: string): string {
  if (
    /NewConnectionError|NameResolutionError|ConnectTimeout|ReadTimeout|Network is unreachable|ProxyError/.test(output)
  ) {
    return "the package index did not answer: check the network, a proxy, or `pip config list`; it is needed only this once";
  }
  if (/No matching distribution|Could not find a version/.test(output)) {
    return "the package index does not serve a pinned version for this Python and system: see `pip config list`";
  }
  if (/ensurepip is not available|No module named/.test(output)) {
    return "install Python's venv module (Debian: apt-get install python3-venv)";
  }
  return "set SQUALL_CACHE_DIR to a folder you may write to, or run again";
}
