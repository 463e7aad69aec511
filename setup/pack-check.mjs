/**
 * Checks the package as a user gets it: publint reads it, npm packs it, a bare folder installs the tarball, and
 * `npx squall --help` answers there.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { ROOT } from "./node24.mjs";

const folder = mkdtempSync(path.join(tmpdir(), "squall-pack-"));
try {
  run("publint", ROOT, process.execPath, [
    path.join(ROOT, "node_modules", "publint", "src", "cli.js"),
    "run",
    ROOT,
    "--strict",
  ]);
  const packed = run("npm pack", ROOT, "npm", ["pack", "--json", "--loglevel=error", "--pack-destination", folder]);
  const [{ filename, files, size }] = [JSON.parse(packed)].map((answer) => Object.values(answer)[0]);
  console.log(`packed ${filename}: ${files.length} files, ${(size / 1024).toFixed(0)} KiB`);
  writeFileSync(path.join(folder, "package.json"), '{ "name": "smoke", "private": true }\n');
  run("install of the tarball", folder, "npm", ["install", "--no-audit", "--no-fund", "--loglevel=error", filename]);
  const help = run("npx squall --help", folder, "npx", ["--no-install", "squall", "--help"]);
  if (!/usage/i.test(help)) throw new Error(`npx squall --help answered no usage line, but: ${help}`);
  console.log("the installed package answers --help");
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function run(what, cwd, file, args) {
  console.log(`pack:check: ${what}`);
  try {
    return execFileSync(file, args, { cwd, encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] });
  } catch (cause) {
    process.stderr.write(cause.stdout ?? "");
    throw new Error(`pack:check: ${what} failed`, { cause });
  }
}
