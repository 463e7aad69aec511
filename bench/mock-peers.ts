/**
 * Other mocks of OpenAI's API, for comparison in the same run: `@copilotkit/aimock` from npm, and llm-d-inference-sim built by Go.
 * They are installed in the cache and nowhere else; one that cannot be had is left out, and why is printed.
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import path from "node:path";
import { cacheFolder } from "../gateways/cache.ts";

const aimockVersion = "1.43.0";
const simulatorVersion = "v0.5.1";

/** Neither takes longer unless it hangs. */
const installMsMax = 180_000;

/** The module of aimock; undefined with the reason printed. */
export function installAimock(): string | undefined {
  const folder = path.join(cacheFolder(process.env, homedir()), "bench", `aimock-${aimockVersion}`);
  const module = path.join(folder, "node_modules", "@copilotkit", "aimock", "dist", "index.js");
  if (existsSync(module)) return module;
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, "package.json"), '{ "private": true }\n');
  const args = ["install", "--ignore-scripts", "--no-audit", "--no-fund", `@copilotkit/aimock@${aimockVersion}`];
  return done("aimock", "npm", args, folder) ? module : undefined;
}

/** The program of llm-d-inference-sim; undefined with the reason printed. */
export function buildSimulator(): string | undefined {
  const folder = path.join(cacheFolder(process.env, homedir()), "bench", `llm-d-inference-sim-${simulatorVersion}`);
  const program = path.join(folder, "llm-d-inference-sim");
  if (existsSync(program)) return program;
  mkdirSync(folder, { recursive: true });
  const module = `github.com/llm-d/llm-d-inference-sim/cmd/llm-d-inference-sim@${simulatorVersion}`;
  return done("llm-d-inference-sim", "go", ["install", module], folder) ? program : undefined;
}

function done(name: string, command: string, args: readonly string[], folder: string): boolean {
  const env = { ...process.env, GOBIN: folder };
  const { status, stderr, error } = spawnSync(command, args, {
    cwd: folder,
    env,
    encoding: "utf8",
    timeout: installMsMax,
  });
  if (status === 0) return true;
  const why = error?.message ?? stderr.trim().split("\n").at(-1) ?? "no reason given";
  console.log(`${name} is left out: ${command} ${args[0]} failed: ${why.trim()}`);
  return false;
}
