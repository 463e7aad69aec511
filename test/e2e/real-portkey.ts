/** The real Portkey in the user's own cache, installed there before the tests of a file if need be. */
import path from "node:path";
import { beforeAll } from "vitest";
import { cacheFolder } from "../../gateways/cache.ts";
import { installPortkey, portkeyVersion } from "../../gateways/portkey/install.ts";

const installMsMax = 120_000;

export function withRealPortkey(): void {
  beforeAll(async () => {
    const signal = AbortSignal.timeout(installMsMax);
    await installPortkey(cacheFolder(process.env), { onProgress: console.log, signal, env: process.env });
  }, installMsMax + 10_000);
}

/** Where a cache holds the installation. */
export function portkeyFolder(cache: string = cacheFolder(process.env)): string {
  return path.join(cache, "gateways", `portkey-${portkeyVersion}`);
}
