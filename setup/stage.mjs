/**
 * Lays the package out in a folder as npm would unpack it, compiled afresh; the checkout's own dist/ stays as it is.
 *
 *     node setup/stage.mjs FOLDER
 */
import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { findNode24, ROOT } from "./node24.mjs";

/** Errors: a compiler that reports problems in the tree, with what it said. */
export function stagePackage(folder) {
  const { files } = manifest();
  for (const file of ["package.json", ...files]) {
    // The one pattern among them stands for a folder; dist is made below.
    const place = file.split("/*")[0];
    if (place === "dist" || !existsSync(path.join(ROOT, place))) continue;
    mkdirSync(path.dirname(path.join(folder, place)), { recursive: true });
    cpSync(path.join(ROOT, place), path.join(folder, place), { recursive: true });
  }
  compile(path.join(folder, "dist"));
}

/** Adds what the package needs at run time, as this checkout has it: nothing is fetched. */
export function stageDependencies(folder) {
  for (const name of runtimePackages()) {
    cpSync(path.join(ROOT, name), path.join(folder, name), { recursive: true, filter: isNeeded });
  }
}

function manifest() {
  return JSON.parse(readFileSync(path.join(ROOT, "package.json"), "utf8"));
}

function compile(outDir) {
  rmSync(outDir, { recursive: true, force: true });
  const compiler = path.join(ROOT, "node_modules", "typescript", "bin", "tsc");
  const node = findNode24() ?? process.execPath;
  const run = (args) => execFileSync(node, args, { cwd: ROOT, encoding: "utf8", stdio: "pipe" });
  try {
    run([compiler, "-p", path.join(ROOT, "tsconfig.build.json"), "--outDir", outDir]);
    run([path.join(ROOT, "cli", "serve", "build-pages.ts"), path.join(outDir, "web", "pages")]);
  } catch (cause) {
    throw new Error(`the package does not compile:\n${cause.stdout}${cause.stderr}`, { cause });
  }
}

/** Folders of the top level below node_modules; what is nested in them comes along. */
function runtimePackages() {
  const { packages } = JSON.parse(readFileSync(path.join(ROOT, "package-lock.json"), "utf8"));
  return Object.entries(packages)
    .filter(([where, entry]) => /^node_modules\/(?:@[^/]+\/)?[^/]+$/.test(where) && isRuntime(entry))
    .map(([where]) => where);
}

function isRuntime({ dev, optional, devOptional }) {
  return dev !== true && optional !== true && devOptional !== true;
}

/** Maps and declarations are of no use in an image. */
function isNeeded(file) {
  return !/\.(?:map|d\.[cm]?ts)$/.test(file);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) stagePackage(process.argv[2]);
