/**
 * A program that a command step runs: given its words as they are, by no shell, and ended when its time is over.
 *
 *     time over, too much said, drill over ─▶ SIGTERM to it and all that it started ─▶ grace ─▶ SIGKILL to what is left of them
 *
 * What it leaves running when it has ended by itself, such as a service that it was to start, is left alone.
 */
import { type ChildProcess, spawn } from "node:child_process";
import type { Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { formatDuration, type Ms, secondMs } from "../../core/time.ts";
import type { Command, CommandResult } from "../../runbooks/engine/world.ts";

/** Bytes that are kept of each of its outputs; a program that prints more is ended. */
export const printedBytesMax = 262_144;

/** From SIGTERM to SIGKILL. */
const usualGraceMs: Ms = 5 * secondMs;
/** How often it is looked whether all of them have gone. */
const lookEveryMs: Ms = 50;
/** Longest wait for the last of the output, where something that was started goes on and keeps the pipe open. */
const lastOutputMs: Ms = 500;

/** Rejects when it cannot be started, was ended, or ended by a signal; an exit code is an answer. */
export async function runProgram(
  words: readonly string[],
  { key, withinMs, signal }: Pick<Command, "key" | "withinMs" | "signal">,
  graceMs: Ms = usualGraceMs,
): Promise<CommandResult> {
  signal?.throwIfAborted();
  const [file = "", ...args] = words;
  const program = spawn(file, args, {
    env: { ...process.env, SQUALL_IDEMPOTENCY_KEY: key },
    stdio: ["ignore", "pipe", "pipe"],
    detached: process.platform !== "win32", // a process group of its own, to be ended as one
    windowsHide: true,
  });
  const { promise: stopped, resolve: stop } = Promise.withResolvers<string>();
  const [exit, closed] = [exitOf(program), new Promise((resolve) => program.once("close", resolve))];
  const said = [program.stdout, program.stderr].map((stream) => saidOn(stream, stop));
  const overTime = setTimeout(() => stop(`took longer than ${formatDuration(withinMs)}`), withinMs);
  const breakOff = (): void => stop("was broken off: the drill is over");
  signal?.addEventListener("abort", breakOff);
  const leave = (): void => void signalAll(program, "SIGKILL");
  process.once("exit", leave); // Squall itself is stopped at once
  try {
    const end = await Promise.race([exit, stopped]);
    if (typeof end === "string") throw new Error(`${end}, and was ended by ${await endAll(program, graceMs)}`);
    await Promise.race([closed, sleep(lastOutputMs, undefined, { ref: false })]);
    if (end.code === null) throw new Error(`ended by ${end.signal ?? "nobody knows what"}`);
    const [printed = "", complained = ""] = said.map((each) => each());
    return { status: end.code, output: printed === "" && end.code !== 0 ? complained : printed };
  } finally {
    clearTimeout(overTime);
    signal?.removeEventListener("abort", breakOff);
    process.off("exit", leave);
    program.stdout.destroy();
    program.stderr.destroy();
  }
}

interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

function exitOf(program: ChildProcess): Promise<Exit> {
  return new Promise((resolve, reject) => {
    program.once("exit", (code, signal) => resolve({ code, signal }));
    program.once("error", (cause) => reject(new Error(`could not be started: ${cause.message}`)));
  });
}

/** Keeps what comes; `stop` is called when it is too much. */
function saidOn(stream: Readable, stop: (why: string) => void): () => string {
  const pieces: Buffer[] = [];
  let bytes = 0;
  stream.on("data", (piece: Buffer) => {
    bytes += piece.length;
    if (bytes > printedBytesMax) stop(`printed more than ${printedBytesMax} bytes`);
    else pieces.push(piece);
  });
  return () => Buffer.concat(pieces).toString("utf8");
}

/** Resolves with the signal that it took once none of them is there any more. */
async function endAll(program: ChildProcess, graceMs: Ms): Promise<NodeJS.Signals> {
  signalAll(program, "SIGTERM");
  const untilMs = performance.now() + graceMs;
  while (isAnyThere(program)) {
    if (performance.now() >= untilMs) {
      signalAll(program, "SIGKILL");
      return "SIGKILL";
    }
    await sleep(lookEveryMs);
  }
  return "SIGTERM";
}

function isAnyThere(program: ChildProcess): boolean {
  return process.platform === "win32"
    ? program.exitCode === null && program.signalCode === null
    : signalAll(program, 0);
}

/** To the program and all that it started. Answers whether there is any of them. */
function signalAll(program: ChildProcess, signal: NodeJS.Signals | 0): boolean {
  if (program.pid === undefined) return false;
  try {
    return process.platform === "win32" ? program.kill(signal) : process.kill(-program.pid, signal);
  } catch {
    return false; // ESRCH: all of them have gone
  }
}
