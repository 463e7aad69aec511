/**
 * What each npm script does: a list of programs run on Node 24, one after the other, stopping at the first that fails.
 *
 * They stand here and not in package.json because npm may itself run on an older Node, and because every one of them
 * must first see that the dependencies are in place.
 */
import { existsSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { runChild } from "./child.mjs";
import { ensureInstalled, EXIT_ENVIRONMENT } from "./ensure.mjs";
import { findNode24, node24Missing, ROOT } from "./node24.mjs";

const EXIT_USAGE = 2;

/** Each task answers its steps: a tool of node_modules (`tool`) or a file of ours (`file`), with its arguments. */
const TASKS = {
  typecheck: (args) =>
    typecheckProjects().map((project) => ({ tool: "typescript:tsc", args: ["-p", project, ...args] })),
  lint: (args) => [{ tool: "oxlint", args: ["--type-aware", "--report-unused-disable-directives", ...args] }],
  format: (args) => [{ tool: "oxfmt", args: [".", ...args] }],
  "format:check": (args) => [{ tool: "oxfmt", args: ["--check", ".", ...args] }],
  arch: (args) => [vitest(["test/architecture", ...args])],
  knip: (args) => [{ tool: "knip", args: ["--no-config-hints", ...args] }],
  test: (args) => [vitest(args)],
  vectors: (args) => [vitest(["test/vectors", "--reporter=verbose", ...args])],
  build: (args) => {
    rmSync(path.join(ROOT, "dist"), { recursive: true, force: true });
    return [
      { tool: "typescript:tsc", args: ["-p", "tsconfig.build.json", ...args] },
      { file: "cli/serve/build-pages.ts", args: ["dist/web/pages"] },
    ];
  },
  "pack:check": (args) => [...TASKS["build"]([]), { file: "setup/pack-check.mjs", args }],
  image: (args) => [{ file: "setup/image.mjs", args }],
  bench: (args) => [{ file: "bench/main.ts", args }],
  calibrate: (args) => [{ file: "bench/calibrate.ts", args }],
  fidelity: (args) => [{ file: "bench/fidelity.ts", args }],
  examples: (args) => [vitest(["test/golden", "--update", ...args])],
  schema: (args) => [
    vitest(["test/core/scenario/json-schema.test.ts", "test/cli/reference.test.ts", "--update", ...args]),
  ],
  check: () => ["typecheck", "lint", "format:check", "arch", "knip", "test"].flatMap((name) => TASKS[name]([])),
};

/** Runs the named task; answers the exit code of the first step that failed, or 0. */
export async function runTasks(name, args) {
  const task = Object.hasOwn(TASKS, name ?? "") ? TASKS[name] : undefined;
  if (task === undefined) {
    process.stderr.write(`no such task: ${name ?? "(none)"}; there are ${Object.keys(TASKS).join(", ")}\n`);
    return EXIT_USAGE;
  }
  const installed = await ensureInstalled();
  if (installed !== 0) return installed;
  const node = findNode24();
  if (node === undefined) {
    process.stderr.write(`${node24Missing()}\n`);
    return EXIT_ENVIRONMENT;
  }
  for (const step of task(args)) {
    const code = await runStep(node, step);
    if (code !== 0) return code;
  }
  return 0;
}

function vitest(args) {
  return { tool: "vitest", args: ["run", ...args] };
}

/** The root project, and the rooms that have their own because they see other globals (k6, the browser). */
function typecheckProjects() {
  const own = ["scenarios/tsconfig.json", "web/tsconfig.json"].filter((file) => existsSync(path.join(ROOT, file)));
  return ["tsconfig.json", ...own];
}

async function runStep(node, step) {
  const file = step.tool === undefined ? path.join(ROOT, step.file) : binaryOf(step.tool);
  if (!existsSync(file)) {
    process.stderr.write(`this task needs ${step.file ?? step.tool}, which is not there\n`);
    return EXIT_USAGE;
  }
  const env = { ...process.env, PATH: `${path.dirname(node)}${path.delimiter}${process.env["PATH"] ?? ""}` };
  return await runChild(node, [file, ...step.args], { cwd: ROOT, env });
}

/** The script behind a command of node_modules, as "package" or "package:command". */
function binaryOf(tool) {
  const [name, command = name] = tool.split(":");
  const manifest = path.join(ROOT, "node_modules", name, "package.json");
  if (!existsSync(manifest)) return createRequire(import.meta.url).resolve(name);
  const { bin } = JSON.parse(readFileSync(manifest, "utf8"));
  return path.join(path.dirname(manifest), typeof bin === "string" ? bin : bin[command]);
}
