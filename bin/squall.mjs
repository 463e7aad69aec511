#!/usr/bin/env node
/**
 * The command. Plain JavaScript that any Node >= 20 can run: on Node 24 or newer it goes straight to the program, and on
 * an older one it hands over to the Node 24 that npm brought along. In a fresh clone it sets the project up first.
 */
import { existsSync } from "node:fs";
import module from "node:module";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { endWithParent, runChild } from "../setup/child.mjs";
import { ensureInstalled, wasInstalled } from "../setup/ensure.mjs";
import { findNode24, isCheckout, isNewEnough, node24Missing, ROOT } from "../setup/node24.mjs";

const EXIT_OUR_BUG = 1;
const EXIT_ENVIRONMENT = 5;
const EXIT_INTERRUPTED = 130;
/** Long enough for output to be written. */
const LINGER_MS = 500;

process.exitCode = await start(process.argv.slice(2));
// What was given up and still hangs on, such as an image that is being fetched, does not hold a command that was interrupted.
if (process.exitCode === EXIT_INTERRUPTED) setTimeout(() => process.exit(), LINGER_MS).unref();

/** Runs the program here, or on the Node that npm brought; answers the exit code. */
async function start(argv) {
  if (isCheckout() && !wasInstalled()) {
    const code = await ensureInstalled();
    if (code !== 0) return code;
  }
  if (isNewEnough()) return await runHere(argv);
  const node = findNode24();
  if (node === undefined) {
    process.stderr.write(`${node24Missing()}\n`);
    return EXIT_ENVIRONMENT;
  }
  return await runChild(node, [fileURLToPath(import.meta.url), ...argv], { tied: true });
}

async function runHere(argv) {
  const source = path.join(ROOT, "cli", "main.ts");
  const built = path.join(ROOT, "dist", "cli", "main.js");
  const entry = existsSync(source) ? source : built;
  if (!existsSync(entry)) {
    process.stderr.write(`squall is incomplete: neither ${source} nor ${built} exists.\nhint: run "npm run build".\n`);
    return EXIT_OUR_BUG;
  }
  endWithParent();
  // Compiled modules are kept beside Node's other temporary files: the next command starts in half the time.
  module.enableCompileCache?.();
  const { main } = await import(pathToFileURL(entry).href);
  return await main(argv);
}
