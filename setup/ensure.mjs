/**
 * Makes sure that node_modules is what package-lock.json says, and does nothing when it is.
 *
 * A stamp inside node_modules holds a hash of the lock file and the platform; while it matches, set-up touches neither
 * the network nor npm. The Node version is no part of it: nothing is compiled at install time, and one checkout is used
 * from the machine's Node and from the Node 24 that came with it. A person who ran `npm install` by hand is believed:
 * when npm's own record agrees with the lock file, only the stamp is written. One set-up writes at a time (lock.mjs).
 */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { exitCodeOfSignal, runChild } from "./child.mjs";
import { acquireLock } from "./lock.mjs";
import { findNode24, node24Missing, ROOT } from "./node24.mjs";
import { startProgress } from "./progress.mjs";

export const EXIT_ENVIRONMENT = 5;

/** How long npm may take to stop when asked to; it would rather finish its install first. */
const STOP_WITHIN_MS = 1_000;
const COMPLETION_RECORDS = [".squall-stamp.json", ".package-lock.json"];
const TAIL_LINES = 30;

/**
 * Installs the dependencies if they are missing or stale. Answers 0 when they are in place, 5 when they could not be
 * installed (the reason is on stderr), 130 or 143 when a person or a supervisor stopped it.
 */
export async function ensureInstalled(root = ROOT) {
  if (isFresh(root)) return 0;
  const lock = await acquireLock(path.join(root, ".squall-setup.lock"), (owner) => {
    process.stderr.write(`set-up: another set-up (process ${owner.pid}) is at work here; waiting for it\n`);
  });
  try {
    if (isFresh(root)) return 0; // the other set-up did it
    return adopt(root) ? 0 : await install(root);
  } finally {
    lock.release();
  }
}

/** True when a set-up was once completed here, for this lock file or an earlier one. */
export function wasInstalled(root = ROOT) {
  return existsSync(stampPath(root));
}

function stampPath(root) {
  return path.join(root, "node_modules", ".squall-stamp.json");
}

function expectedStamp(root) {
  const lockFile = path.join(
    root,
    existsSync(path.join(root, "package-lock.json")) ? "package-lock.json" : "package.json",
  );
  const hash = createHash("sha256").update(readFileSync(lockFile)).digest("hex");
  return JSON.stringify({ hash, platform: process.platform, arch: process.arch });
}

/** True when node_modules is what package-lock.json says, as far as our own stamp tells. Changes nothing. */
export function isFresh(root = ROOT) {
  try {
    return readFileSync(stampPath(root), "utf8") === expectedStamp(root);
  } catch {
    return false;
  }
}

function writeStamp(root) {
  mkdirSync(path.join(root, "node_modules"), { recursive: true });
  writeFileSync(stampPath(root), expectedStamp(root));
}

/** True when npm's own record says that exactly the locked packages are installed; the stamp is then written. */
function adopt(root) {
  const wanted = readPackages(path.join(root, "package-lock.json"));
  const found = readPackages(path.join(root, "node_modules", ".package-lock.json"));
  if (wanted === undefined || found === undefined || findNode24() === undefined) return false;
  for (const [where, entry] of Object.entries(wanted)) {
    if (where === "") continue;
    const installed = found[where];
    if (installed === undefined ? entry.optional !== true : installed.integrity !== entry.integrity) return false;
    if (installed !== undefined && !existsSync(path.join(root, where, "package.json"))) return false;
  }
  writeStamp(root);
  return true;
}

function readPackages(file) {
  try {
    return JSON.parse(readFileSync(file, "utf8")).packages;
  } catch {
    return undefined;
  }
}

async function install(root) {
  const hasLock = existsSync(path.join(root, "package-lock.json"));
  const verb = hasLock ? "ci" : "install";
  // An interrupted install must not look finished to the next start.
  forgetCompletion(root);
  const progress = startProgress(`installing dependencies with npm ${verb}`);
  const { code, output, stoppedBy } = await runNpm(root, [
    verb,
    "--include=dev",
    "--include=optional",
    "--no-progress",
    "--loglevel=error",
  ]);
  if (stoppedBy !== undefined) {
    forgetCompletion(root);
    progress.fail("interrupted; the next start installs from scratch");
    return exitCodeOfSignal(stoppedBy);
  }
  if (code !== 0) {
    progress.fail(`npm ${verb} failed with exit code ${code}; the end of what it said:`);
    process.stderr.write(`${tail(output)}\n${hintFor(output)}\n`);
    return EXIT_ENVIRONMENT;
  }
  if (findNode24() === undefined) {
    progress.fail("the dependencies are installed, but no Node 24 came with them");
    process.stderr.write(`${node24Missing()}\n`);
    return EXIT_ENVIRONMENT;
  }
  writeStamp(root);
  progress.succeed("dependencies installed");
  return 0;
}

function forgetCompletion(root) {
  for (const name of COMPLETION_RECORDS) rmSync(path.join(root, "node_modules", name), { force: true });
}

async function runNpm(root, args) {
  const viaNode = process.env["npm_execpath"]?.endsWith("npm-cli.js") === true;
  const file = viaNode ? process.execPath : process.platform === "win32" ? "npm.cmd" : "npm";
  const prefix = viaNode ? [process.env["npm_execpath"]] : [];
  let output = "";
  let stoppedBy;
  let npm;
  try {
    const code = await runChild(file, [...prefix, ...args], {
      cwd: root,
      shell: !viaNode && process.platform === "win32",
      stdio: ["ignore", "pipe", "pipe"],
      onSignal: (signal) => {
        stoppedBy ??= signal;
        setTimeout(() => npm.kill("SIGKILL"), STOP_WITHIN_MS).unref();
      },
      onStart: (child) => {
        npm = child;
        for (const stream of [child.stdout, child.stderr]) {
          stream.setEncoding("utf8");
          stream.on("data", (text) => {
            output += text;
          });
        }
      },
    });
    return { code, output, stoppedBy };
  } catch (cause) {
    return { code: 127, output: `could not start ${file}: ${cause.message}` };
  }
}

function tail(output) {
  const [said] = output.split(/^npm error Usage:$/m); // what follows is npm's own help page
  return said.trimEnd().split("\n").slice(-TAIL_LINES).join("\n");
}

function hintFor(output) {
  if (output.includes("EUSAGE")) {
    return 'hint: package.json and package-lock.json disagree; run "npm install" and "npm run relock", and commit both files.';
  }
  if (/ENOTFOUND|ECONNREFUSED|ETIMEDOUT|EAI_AGAIN|ECONNRESET|E40[13]|network/i.test(output)) {
    return "hint: the package registry did not answer; check the network, a proxy, or `npm config get registry`, then start again.";
  }
  if (/ENOSPC/.test(output)) return "hint: the disk is full; about 500 MB are needed.";
  if (/EACCES|EPERM/.test(output))
    return "hint: this user may not write here; check who owns the folder and node_modules.";
  return 'hint: run "npm ci" by hand to see all that npm says, then start again.';
}
