/**
 * Finds HAProxy on this machine. Squall does not install it: it is a package of the system.
 */
import { execFile } from "node:child_process";
import { access, constants } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";
import { environmentNotReady, type SquallError } from "../../core/errors.ts";

export interface HaproxyBinary {
  readonly file: string;
  /** `2.6.12`. */
  readonly version: string;
}

/** Names the program to run, in place of the first `haproxy` on the PATH. */
const haproxyVariable = "SQUALL_HAPROXY";
/** How to get it. */
export const haproxyInstall: string = `install it (apt-get install haproxy, brew install haproxy), or name it in ${haproxyVariable}`;

/** Debian and others keep it where only root's PATH leads. */
const systemFolders: readonly string[] = ["/usr/sbin", "/usr/local/sbin", "/opt/homebrew/sbin", "/opt/homebrew/bin"];
const versionTimeoutMs = 5_000;

/** undefined: there is none, or it cannot be run. */
export async function findHaproxy(
  env: Readonly<Record<string, string | undefined>>,
): Promise<HaproxyBinary | undefined> {
  const named = env[haproxyVariable];
  const folders = [...(env["PATH"] ?? "").split(path.delimiter), ...systemFolders].filter((folder) => folder !== "");
  const files = named === undefined || named === "" ? folders.map((folder) => path.join(folder, "haproxy")) : [named];
  for (const file of files) {
    const version = await versionOf(file);
    if (version !== undefined) return { file, version };
  }
  return undefined;
}

export function haproxyMissing(): SquallError {
  return environmentNotReady("several replicas of a gateway need HAProxy in front of them, and there is none", {
    code: "haproxy-missing",
    hint: `${haproxyInstall}, or add --no-fleet to run one process of the gateway`,
  });
}

/** The first line of `haproxy -v`: `HAProxy version 2.6.12-1+deb12u4 2026/10/17 - https://haproxy.org/`. */
async function versionOf(file: string): Promise<string | undefined> {
  try {
    await access(file, constants.X_OK);
    const { stdout } = await promisify(execFile)(file, ["-v"], { timeout: versionTimeoutMs });
    return /version (\d+\.\d+(?:\.\d+)?)/i.exec(stdout)?.[1];
  } catch {
    return undefined;
  }
}
