/**
 * Finds Prometheus on this machine. Squall does not install it: it is a package of the system.
 */
import { execFile } from "node:child_process";
import { access, constants } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";
import { environmentNotReady, type SquallError } from "../../core/errors.ts";

export interface PrometheusBinary {
  readonly file: string;
  /** `2.42.0`. */
  readonly version: string;
}

/** Names the program to run, in place of the first `prometheus` on the PATH. */
const prometheusVariable = "SQUALL_PROMETHEUS";
/** How to get it. */
export const prometheusInstall: string = `install it (apt-get install prometheus, brew install prometheus), or name it in ${prometheusVariable}`;

const versionTimeoutMs = 5_000;

/** undefined: there is none, or it cannot be run. */
export async function findPrometheus(
  env: Readonly<Record<string, string | undefined>>,
): Promise<PrometheusBinary | undefined> {
  const named = env[prometheusVariable];
  const folders = (env["PATH"] ?? "").split(path.delimiter).filter((folder) => folder !== "");
  const files =
    named === undefined || named === "" ? folders.map((folder) => path.join(folder, "prometheus")) : [named];
  for (const file of files) {
    const version = await versionOf(file);
    if (version !== undefined) return { file, version };
  }
  return undefined;
}

export function prometheusMissing(): SquallError {
  return environmentNotReady("--metrics prometheus needs Prometheus, and there is none on this machine", {
    code: "prometheus-missing",
    hint: `${prometheusInstall}; without --metrics Squall's own samples are taken`,
  });
}

/** `prometheus, version 2.42.0+ds (branch: debian/sid, …)`, on standard output, or on standard error before version 2.45. */
async function versionOf(file: string): Promise<string | undefined> {
  try {
    await access(file, constants.X_OK);
    const { stdout, stderr } = await promisify(execFile)(file, ["--version"], { timeout: versionTimeoutMs });
    return /^prometheus, version (\d+\.\d+\.\d+)/m.exec(`${stdout}\n${stderr}`)?.[1];
  } catch {
    return undefined;
  }
}
