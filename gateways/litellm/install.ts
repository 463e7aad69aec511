/**
 * Installs LiteLLM's proxy 1.102.4 from the Python package index, with every package below it at the version it was tested with.
 *
 * Later versions up to 1.109.1 want `certifi>=2026.10.19`, which was not published in November 2026. `google-auth` is for Vertex AI,
 * `prometheus_client` for metrics: neither is among the packages that `litellm[proxy]` asks for.
 */
import path from "node:path";
import type { Installation } from "../install/installation.ts";
import {
  installPythonPackage,
  isPythonPackageInstalled,
  pythonIn,
  type PythonPackage,
} from "../python/python-package.ts";
import pinned from "./pinned/packages.json" with { type: "json" };

export const litellmVersion: string = pinned.version;

const litellmPackage: PythonPackage = { name: `litellm ${litellmVersion}`, megabytes: 690, pinned };

/** Installs it under the cache unless it is there already; answers the Python to run it with. */
export async function installLitellm(cacheDir: string, how: Installation): Promise<string> {
  const folder = litellmFolder(cacheDir);
  await installPythonPackage(litellmPackage, folder, how);
  return pythonIn(folder);
}

export function isLitellmInstalled(cacheDir: string): boolean {
  return isPythonPackageInstalled(litellmPackage, litellmFolder(cacheDir));
}

/** A virtual environment. */
export function litellmFolder(cacheDir: string): string {
  return path.join(cacheDir, "gateways", `litellm-${litellmVersion}`);
}
