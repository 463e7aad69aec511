/**
 * A program that Squall runs beside itself: started, watched, stopped, and never left behind.
 *
 * Every program goes through here: gateways, npm, the load balancer, Prometheus. Between us and the program
 * sits a guard process (guard.ts), which ends it should we be killed before we could.
 */
import { type ChildProcess, spawn } from "node:child_process";
import type { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import { environmentNotReady } from "../../core/errors.ts";
import type { Ms } from "../../core/time.ts";
import type { GuardReport, GuardRequest } from "./guard.ts";
import { outputTail } from "./output-tail.ts";

export interface ChildCommand {
  /** For messages: `portkey`. */
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** Told the first line of its standard output, for programs that say on it where they listen. */
  readonly onFirstLine?: (line: string) => void;
  /** Told all of its standard output as it comes, for programs that report on it while they work. */
  readonly onOutput?: (bytes: Buffer) => void;
}

export interface RunningChild {
  readonly name: string;
  /** Of the program, not of its guard. */
  readonly pid: number;
  /** Resolves once the program has ended, for whatever reason. Never rejects. */
  readonly ended: Promise<ChildEnd>;
  /** What it printed last, at most this many lines. */
  readonly lastLines: (count: number) => string;
  /** SIGTERM, then SIGKILL after `deadlineMs`; resolves when it is gone. Safe to call twice. */
  readonly stop: (deadlineMs: Ms) => Promise<void>;
}

export interface ChildEnd {
  readonly code: number | null;
  readonly signal: string | null;
  /** Whether `stop` had been called before. */
  readonly stopped: boolean;
}

/** How long the guard itself may take beyond the deadline it was given. */
const guardGraceMs = 2_000;
/** Longest first line that is listened for. */
const firstLineBytesMax = 64 * 1024;
/** How long to wait for the last of the output after the program has ended. */
const lastOutputMs = 500;

/** Starts a program under guard; throws `not-started` when the command cannot be run. */
export async function startChild(what: ChildCommand): Promise<RunningChild> {
  const guard = spawn(process.execPath, [guardFile, what.command, ...what.args], {
    cwd: what.cwd,
    env: what.env ?? process.env,
    detached: true,
    windowsHide: true,
    stdio: ["ignore", "pipe", "pipe", "ipc"],
  });
  const output = outputTail();
  for (const stream of [guard.stdout, guard.stderr]) if (stream !== null) output.drain(stream);
  if (what.onFirstLine !== undefined && guard.stdout !== null) tellFirstLine(guard.stdout, what.onFirstLine);
  if (what.onOutput !== undefined) guard.stdout?.on("data", what.onOutput);

  let stopped = false;
  const ended = whenEnded(guard, () => stopped);
  const pid = await started(guard, what, output.lastLines);
  return {
    name: what.name,
    pid,
    ended,
    lastLines: output.lastLines,
    stop: async (deadlineMs) => {
      if (!stopped && guard.connected) guard.send({ kind: "stop", deadlineMs } satisfies GuardRequest, () => undefined);
      stopped = true;
      const force = setTimeout(() => killGroup(guard), deadlineMs + guardGraceMs);
      await ended;
      clearTimeout(force);
    },
  };
}

/** `exit code 1`, `SIGKILL`: for messages. */
export function describeEnd(end: ChildEnd): string {
  return end.signal === null ? `exit code ${end.code ?? "unknown"}` : end.signal;
}

/** Resolves with a reason if it ends without having been stopped. Never rejects. */
export function endedByItself({ name, ended }: Pick<RunningChild, "name" | "ended">): Promise<string> {
  return new Promise((resolve) => {
    void ended.then((end) => {
      if (!end.stopped) resolve(`${name} ended by itself (${describeEnd(end)})`);
    });
  });
}

/** Passes the first line on and then leaves the stream alone; a first line above `firstLineBytesMax` is never told. */
function tellFirstLine(stream: Readable, onFirstLine: (line: string) => void): void {
  let seen = Buffer.alloc(0);
  const look = (chunk: Buffer): void => {
    seen = Buffer.concat([seen, chunk]);
    const end = seen.indexOf(0x0a);
    if (end < 0 && seen.length <= firstLineBytesMax) return;
    stream.off("data", look);
    if (end >= 0) onFirstLine(seen.subarray(0, end).toString("utf8"));
  };
  stream.on("data", look);
}

/** The guard lies beside this file: TypeScript in the source tree, JavaScript in the built package. */
const guardFile = fileURLToPath(
  new URL(import.meta.url.endsWith(".ts") ? "./guard.ts" : "./guard.js", import.meta.url),
);

function started(guard: ChildProcess, what: ChildCommand, lastLines: (count: number) => string): Promise<number> {
  return new Promise((resolve, reject) => {
    const fail = (reason: string, cause?: unknown): void => {
      reject(
        environmentNotReady(`${what.name} could not be started: ${reason}`, {
          code: "not-started",
          hint: `check that this user may run ${what.command}`,
          cause,
        }),
      );
    };
    guard.on("message", (report: GuardReport) => {
      if (report.kind === "started") resolve(report.pid);
      if (report.kind === "not-started") fail(report.reason);
    });
    guard.once("error", (cause) => fail(cause.message, cause));
    guard.once("close", () => fail(lastLines(5) || "its guard process ended at once"));
  });
}

/** The program has ended when its guard is gone; should the guard be killed first, its group is killed here. */
function whenEnded(guard: ChildProcess, wasStopped: () => boolean): Promise<ChildEnd> {
  return new Promise((resolve) => {
    let end: Pick<ChildEnd, "code" | "signal"> = { code: null, signal: "SIGKILL" };
    guard.on("message", (report: GuardReport) => {
      if (report.kind === "exited") end = { code: report.code, signal: report.signal };
    });
    const settle = (): void => resolve({ ...end, stopped: wasStopped() });
    guard.once("error", settle);
    guard.once("exit", () => {
      killGroup(guard);
      // `close` comes when the output and the guard's last report have been read.
      const impatience = setTimeout(settle, lastOutputMs);
      guard.once("close", () => {
        clearTimeout(impatience);
        settle();
      });
    });
  });
}

function killGroup(guard: ChildProcess): void {
  if (guard.pid === undefined) return;
  try {
    if (process.platform === "win32") guard.kill("SIGKILL");
    else process.kill(-guard.pid, "SIGKILL");
  } catch {
    // ESRCH: the group is already gone, which is what was wanted.
  }
}
