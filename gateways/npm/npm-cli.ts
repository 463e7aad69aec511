/**
 * Finds npm. It may belong to another Node than the one that runs us: set-up brings Node 24 along without an npm, and the
 * machine's npm runs under it just as well.
 */
import { existsSync, realpathSync } from "node:fs";
import path from "node:path";
import { environmentNotReady } from "../../core/errors.ts";

/** Path of npm-cli.js: the npm that runs us (`npm_execpath`), else the one on PATH, else our Node's own. Throws `npm-missing`. */
export function findNpmCli(
  env: Readonly<Record<string, string | undefined>>,
  nodeFile: string = process.execPath,
): string {
  const running = env["npm_execpath"];
  if (running !== undefined && path.basename(running) === "npm-cli.js" && existsSync(running)) return running;
  const folders = (env["PATH"] ?? env["Path"] ?? "").split(path.delimiter).filter((folder) => folder !== "");
  for (const folder of [...folders, path.dirname(nodeFile)]) {
    const found = npmCliIn(folder);
    if (found !== undefined) return found;
  }
  throw environmentNotReady("npm was not found: neither is it running this program, nor is it on PATH", {
    code: "npm-missing",
    hint: "install Node.js with npm, or put npm's folder on PATH",
  });
}

/** Where npm-cli.js lies when `folder` is on PATH: behind a link (Unix), or beside `npm.cmd` (Windows, version managers). */
function npmCliIn(folder: string): string | undefined {
  const link = path.join(folder, "npm");
  if (existsSync(link)) {
    const target = realpathSync(link);
    if (path.basename(target) === "npm-cli.js") return target;
  }
  return [
    path.join(folder, "node_modules", "npm", "bin", "npm-cli.js"),
    path.join(folder, "..", "lib", "node_modules", "npm", "bin", "npm-cli.js"),
  ].find((file) => existsSync(file));
}
