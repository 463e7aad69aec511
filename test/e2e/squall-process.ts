/**
 * Runs `node bin/squall.mjs …` as a user does: a process of its own, bounded in time, whose whole family can be found again.
 *
 * Everything that a process starts inherits its environment, so a mark in it finds children, grandchildren, and orphans.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished } from "vitest";

export const root: string = fileURLToPath(new URL("../..", import.meta.url));

/** Absolute path of a file in `fixtures/`. */
export function fixture(name: string): string {
  return path.join(root, "test/e2e/fixtures", name);
}

/** long.yaml without its baseline: a warm-up, then load until somebody stops it. For the present test. */
export function longLoad(): string {
  const file = path.join(freshFolder(), "long-load.yaml");
  writeFileSync(file, readFileSync(fixture("long.yaml"), "utf8").replace("baseline: 1, ", ""));
  return file;
}

export interface Ended {
  /** Null when a signal ended it. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Running {
  readonly pid: number;
  readonly ended: Promise<Ended>;
  /** Resolves with the match once its output says this; rejects with all it said when it ends without. */
  readonly says: (stream: "stdout" | "stderr", pattern: RegExp) => Promise<RegExpExecArray>;
  readonly kill: (signal: NodeJS.Signals) => void;
  /** Every process of its family that runs at present, itself included. */
  readonly family: () => readonly FamilyMember[];
}

export interface FamilyMember {
  readonly pid: number;
  readonly command: string;
}

export interface RunOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** It is killed, and the test fails, after this long. */
  readonly withinMs?: number;
  /** Program and its first arguments, in place of Node and the squall binary. */
  readonly program?: readonly [string, ...string[]];
  /** In a process group of its own, as a terminal starts a job. */
  readonly ownGroup?: boolean;
}

/** What bin/squall.mjs does on an older Node: it hands its arguments over to another one, tied to itself. */
export const launcher: readonly [string, ...string[]] = [
  process.execPath,
  "--input-type=module",
  "-e",
  `import { runChild } from ${JSON.stringify(new URL("../../setup/child.mjs", import.meta.url).href)};
   const args = ["bin/squall.mjs", ...process.argv.slice(1)];
   process.exitCode = await runChild(process.execPath, args, { tied: true });`,
];

const squallProgram = [process.execPath, path.join(root, "bin/squall.mjs")] as const;

/** Runs to its end. */
export async function squall(args: readonly string[], options: RunOptions = {}): Promise<Ended> {
  return await startSquall(args, options).ended;
}

/** Starts it; whatever of its family is left is killed when the test is over. */
export function startSquall(args: readonly string[], options: RunOptions = {}): Running {
  const { cwd = root, env = {}, withinMs = 60_000, program = squallProgram, ownGroup = false } = options;
  const [file, ...first] = program;
  const mark = randomUUID();
  const child = spawn(file, [...first, ...args], {
    cwd,
    env: { ...plainEnvironment(), ...env, [markVariable]: mark },
    stdio: ["ignore", "pipe", "pipe"],
    detached: ownGroup,
  });
  const said = { stdout: "", stderr: "" };
  for (const stream of ["stdout", "stderr"] as const) {
    child[stream].setEncoding("utf8").on("data", (text: string) => {
      said[stream] += text;
    });
  }
  onTestFinished(() => {
    child.kill("SIGKILL");
    for (const { pid } of familyOf(mark)) killQuietly(pid);
  });
  return {
    pid: child.pid ?? Number.NaN,
    ended: endOf(child, said, `squall ${args.join(" ")}`, withinMs),
    says: (stream, pattern) => untilSaid(child, stream, () => said, pattern),
    kill: (signal) => void child.kill(signal),
    family: () => familyOf(mark),
  };
}

/** Nothing of a process's family may run any more, shortly after it ended. */
export async function expectNothingLeft(running: Running): Promise<void> {
  await expect.poll(running.family, { timeout: 10_000, interval: 50 }).toEqual([]);
}

/** Whether families can be seen here; elsewhere `reason` says why tests about them are skipped. */
export const families: { readonly visible: boolean; readonly reason: string } = existsSync("/proc/self/environ")
  ? { visible: true, reason: "" }
  : { visible: false, reason: "no /proc on this system, so leftover processes cannot be looked for" };

/** A fresh folder, gone with the test. */
export function freshFolder(): string {
  const folder = mkdtempSync(path.join(tmpdir(), "squall-e2e-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

const markVariable = "SQUALL_E2E_MARK";

/** Ours, without what a test runner, npm or a CI sets for its own output. */
function plainEnvironment(): NodeJS.ProcessEnv {
  const drop = /^(npm_|VITEST|FORCE_COLOR$|NO_COLOR$|CI$|NODE_ENV$|NODE_OPTIONS$)/;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !drop.test(name)));
}

function familyOf(mark: string): readonly FamilyMember[] {
  if (!families.visible) return [];
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name): FamilyMember[] => {
      try {
        if (!readFileSync(`/proc/${name}/environ`, "utf8").includes(`${markVariable}=${mark}`)) return [];
        return [{ pid: Number(name), command: readFileSync(`/proc/${name}/cmdline`, "utf8").replaceAll("\0", " ") }];
      } catch {
        return []; // it ended while we looked, or is somebody else's
      }
    });
}

function killQuietly(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // it is gone, which is what was wanted
  }
}

type Said = Readonly<Record<"stdout" | "stderr", string>>;

function endOf(child: ChildProcess, said: Said, what: string, withinMs: number): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => {
      child.kill("SIGKILL");
      reject(new Error(`${what} did not end within ${withinMs} ms; it said:\n${said.stdout}\n${said.stderr}`));
    }, withinMs);
    child.once("error", reject);
    child.once("close", (code, signal) => {
      clearTimeout(late);
      resolve({ code, signal, ...said });
    });
  });
}

function untilSaid(
  child: ChildProcess,
  stream: "stdout" | "stderr",
  said: () => Said,
  pattern: RegExp,
): Promise<RegExpExecArray> {
  return new Promise((resolve, reject) => {
    const look = (): void => {
      const match = pattern.exec(said()[stream]);
      if (match === null) return;
      child[stream]?.off("data", look);
      resolve(match);
    };
    child[stream]?.on("data", look);
    child.once("close", () => {
      look();
      reject(new Error(`it never said ${String(pattern)}, but:\n${said().stdout}\n${said().stderr}`));
    });
    look();
  });
}
