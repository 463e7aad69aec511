/**
 * Installs Portkey, `@portkey-ai/gateway` 1.15.2, with every package below it pinned by the lock file in `pinned/`.
 *
 * As published its streams answer 500: it resolves `@hono/node-server` to 1.19.19, whose responses it cannot alter
 * (`TypeError: immutable`; Portkey-AI/gateway#1389). `pinned/package.json` overrides it to 1.14.1, for `@hono/node-ws` too.
 */
import path from "node:path";
import type { Installation } from "../install/installation.ts";
import { installNpmPackage, isNpmPackageInstalled, type NpmPackage } from "../npm/npm-package.ts";
import lock from "./pinned/package-lock.json" with { type: "json" };
import manifest from "./pinned/package.json" with { type: "json" };

export const portkeyVersion: string = manifest.version;

const portkeyPackage: NpmPackage = { name: `portkey ${portkeyVersion}`, megabytes: 25, manifest, lock };

/** Installs it under the cache unless it is there already; answers the file to run. */
export async function installPortkey(cacheDir: string, how: Installation): Promise<string> {
  const folder = folderUnder(cacheDir);
  await installNpmPackage(portkeyPackage, folder, how);
  return path.join(folder, "node_modules", "@portkey-ai", "gateway", "build", "start-server.js");
}

export function isPortkeyInstalled(cacheDir: string): boolean {
  return isNpmPackageInstalled(portkeyPackage, folderUnder(cacheDir));
}

function folderUnder(cacheDir: string): string {
  return path.join(cacheDir, "gateways", `portkey-${portkeyVersion}`);
}
