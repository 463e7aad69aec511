/**
 * Runs one child process in the foreground and ends as it ended.
 *
 * A terminal sends Ctrl-C to the whole process group, so the child has it already; a supervisor signals only us, so then
 * the signal is passed on. Either way we stay until the child is gone: nothing is left behind, and the exit code is the
 * child's own.
 */
import { spawn } from "node:child_process";
import { constants } from "node:os";

/** The signals that a person or a supervisor stops a program with. */
const FORWARDED = process.platform === "win32" ? ["SIGINT", "SIGTERM"] : ["SIGINT", "SIGTERM", "SIGHUP"];

/** The exit code that shells give to a process ended by this signal: 130 for SIGINT, 143 for SIGTERM. */
export function exitCodeOfSignal(signal) {
  return 128 + constants.signals[signal];
}

/** Set for a child that is to end when we do. */
const TIED = "SQUALL_TIED_TO_PARENT";

/**
 * Starts the program and answers its exit code, once it has ended.
 * Options are those of `spawn`; `stdio` is inherited unless given, `onStart` receives the child and `onSignal` the name of
 * each signal that came while it ran. `tied`: the child is Node, calls `endWithParent`, and so ends even if we are killed.
 */
export function runChild(file, args, options = {}) {
  const { onStart, onSignal, tied = false, ...spawnOptions } = options;
  const tie = tied ? { stdio: ["inherit", "inherit", "inherit", "ipc"], env: { ...process.env, [TIED]: "1" } } : {};
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { stdio: "inherit", windowsHide: true, ...tie, ...spawnOptions });
    const forward = (signal) => {
      onSignal?.(signal);
      // The child would take a second SIGINT for "stop at once".
      if (signal === "SIGINT" && process.stdin.isTTY) return;
      child.kill(signal);
    };
    for (const signal of FORWARDED) process.on(signal, forward);
    const release = () => {
      for (const signal of FORWARDED) process.off(signal, forward);
    };
    child.once("error", (cause) => {
      release();
      reject(cause);
    });
    child.once("close", (code, signal) => {
      release();
      resolve(code ?? exitCodeOfSignal(signal));
    });
    onStart?.(child);
  });
}

/** In a child that was started `tied`: SIGTERM to ourselves when the parent is gone, however it went. */
export function endWithParent() {
  if (process.env[TIED] === undefined) return;
  delete process.env[TIED];
  process.once("disconnect", () => process.kill(process.pid, "SIGTERM"));
  process.channel?.unref();
}
