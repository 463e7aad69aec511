/** A stand-in for npm: a script named npm-cli.js that does what a test wants, and a package for it to install. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { onTestFinished } from "vitest";
import type { Installation } from "../../../gateways/install/installation.ts";
import type { NpmPackage } from "../../../gateways/npm/npm-package.ts";

export interface FakeNpm {
  readonly how: Installation;
  /** Where the package is to go; its parent does not exist yet. */
  readonly folder: string;
  readonly told: string[];
  /** How often npm ran, each time with its arguments. */
  readonly runs: () => readonly string[];
}

export const tinyPackage: NpmPackage = {
  name: "tiny 1.0.0",
  megabytes: 1,
  manifest: { name: "tiny", version: "1.0.0" },
  lock: { lockfileVersion: 3 },
};

/** Puts a file where a real npm would put the package. */
export const installsTiny = `fs.mkdirSync("node_modules/tiny", { recursive: true });
  fs.copyFileSync("package.json", "node_modules/tiny/package.json");`;

/** `body` is CommonJS with `fs` at hand; it runs in the folder that npm would install into. */
export function fakeNpm(body: string, changes: Partial<Installation> = {}): FakeNpm {
  const home = mkdtempSync(path.join(tmpdir(), "squall-npm-"));
  onTestFinished(() => rmSync(home, { recursive: true, force: true }));
  const log = path.join(home, "runs.log");
  const npm = path.join(home, "bin", "npm-cli.js");
  mkdirSync(path.dirname(npm));
  writeFileSync(log, "");
  writeFileSync(
    npm,
    `const fs = require("node:fs");
     fs.appendFileSync(${JSON.stringify(log)}, process.argv.slice(2).join(" ") + "\\n");
     ${body}`,
  );
  const told: string[] = [];
  return {
    folder: path.join(home, "cache", "gateways", "tiny-1.0.0"),
    told,
    runs: () => readFileSync(log, "utf8").split("\n").slice(0, -1),
    how: {
      onProgress: (text) => told.push(text),
      signal: new AbortController().signal,
      env: { ...process.env, npm_execpath: npm },
      ...changes,
    },
  };
}
