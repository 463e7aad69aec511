/**
 * Where Squall keeps what it installs: gateways now, other tools later.
 */
import { homedir } from "node:os";
import path from "node:path";

/**
 * `$SQUALL_CACHE_DIR`, else `squall` under `$XDG_CACHE_HOME`, else `~/.cache/squall` (XDG Base Directory Specification 0.8;
 * used on every system, so that the folder is found where the documentation says). A relative XDG path is ignored, as the
 * specification asks.
 */
export function cacheFolder(env: Readonly<Record<string, string | undefined>>, home: string = homedir()): string {
  const own = env["SQUALL_CACHE_DIR"];
  if (own !== undefined && own !== "") return path.resolve(own);
  const shared = env["XDG_CACHE_HOME"];
  const base = shared !== undefined && path.isAbsolute(shared) ? shared : path.join(home, ".cache");
  return path.join(base, "squall");
}
