/**
 * The guard: a small process between Squall and a program it started, so that the program never outlives Squall.
 *
 * Run as `node guard.ts COMMAND ARGS…` with an IPC channel to its parent. The channel closes when the parent ends, however
 * it ends, SIGKILL included; the guard then kills the program. The guard leads a process group of its own (its parent
 * spawns it detached), so Ctrl-C in a terminal does not reach the program before Squall has drained it, and whatever the program
 * has started itself is killed along with it.
 */
import { type ChildProcess, spawn } from "node:child_process";

/** What the parent asks for. */
export interface GuardRequest {
  readonly kind: "stop";
  /** SIGKILL follows SIGTERM after this long. */
  readonly deadlineMs: number;
}

/** What the guard tells its parent. */
export type GuardReport =
  | { readonly kind: "started"; readonly pid: number }
  | { readonly kind: "not-started"; readonly reason: string }
  | { readonly kind: "exited"; readonly code: number | null; readonly signal: string | null };

/** Time for the program to end in order when somebody signals the guard itself. */
const signalledDeadlineMs = 2_000;

function guard(command: string, args: readonly string[]): void {
  const program = spawn(command, args, { stdio: ["ignore", "inherit", "inherit"], windowsHide: true });
  program.once("spawn", () => {
    if (program.pid !== undefined) report({ kind: "started", pid: program.pid });
  });
  program.once("error", (cause) => {
    // Before it runs: the command cannot be started. Afterwards: a signal could not be sent, and `exit` tells the rest.
    if (program.pid === undefined) reportAndEnd({ kind: "not-started", reason: cause.message });
  });
  program.once("exit", (code, signal) => reportAndEnd({ kind: "exited", code, signal }));

  process.on("message", (request: GuardRequest) => stop(program, request.deadlineMs));
  process.once("disconnect", () => program.kill("SIGKILL"));
  if (!process.connected) program.kill("SIGKILL"); // the parent ended while this process was starting
  for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) {
    process.on(signal, () => stop(program, signalledDeadlineMs));
  }
}

function stop(program: ChildProcess, deadlineMs: number): void {
  program.kill("SIGTERM");
  setTimeout(() => program.kill("SIGKILL"), deadlineMs);
}

function report(message: GuardReport, whenSent: () => void = () => undefined): void {
  if (process.send === undefined || !process.connected) whenSent();
  else process.send(message, undefined, undefined, whenSent);
}

/** The last report; then the whole group goes, this process included, so that nothing the program had started stays. */
function reportAndEnd(message: GuardReport): void {
  report(message, () => {
    if (process.platform !== "win32") process.kill(-process.pid, "SIGKILL");
    process.exit(0);
  });
}

const [command, ...args] = process.argv.slice(2);
if (command !== undefined) guard(command, args);
