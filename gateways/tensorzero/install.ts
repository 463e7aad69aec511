/** Installs TensorZero 2026.6.0 from the Python package index: the wheel of its client library contains the gateway. */
import path from "node:path";
import type { Installation } from "../install/installation.ts";
import {
  installPythonPackage,
  isPythonPackageInstalled,
  pythonIn,
  type PythonPackage,
} from "../python/python-package.ts";
import pinned from "./pinned/packages.json" with { type: "json" };

export const tensorzeroVersion: string = pinned.version;

const tensorzeroPackage: PythonPackage = { name: `tensorzero ${tensorzeroVersion}`, megabytes: 140, pinned };

/** Installs it under the cache unless it is there already; answers the Python to run it with. */
export async function installTensorzero(cacheDir: string, how: Installation): Promise<string> {
  const folder = folderUnder(cacheDir);
  await installPythonPackage(tensorzeroPackage, folder, how);
  return pythonIn(folder);
}

export function isTensorzeroInstalled(cacheDir: string): boolean {
  return isPythonPackageInstalled(tensorzeroPackage, folderUnder(cacheDir));
}

function folderUnder(cacheDir: string): string {
  return path.join(cacheDir, "gateways", `tensorzero-${tensorzeroVersion}`);
}
