/**
 * The `squall` command: parses, wires, prints. Each command is a file in `commands/`; this is the only place where an error
 * becomes an exit code.
 */
import { CommanderError } from "commander";
import { type ExitCode, exitCodes, SquallError, usageError } from "../core/errors.ts";
import { describeFailure, exitCodeOf, failureJson } from "./failure.ts";
import { catchInterrupts } from "./interrupt.ts";
import { buildProgram } from "./program.ts";
import { processTerminal, type Terminal } from "./terminal.ts";

/** Runs one command line (without `node` and the script) and answers its exit code. Never throws. */
export async function main(argv: readonly string[], terminal: Terminal = processTerminal()): Promise<number> {
  const interrupts = catchInterrupts(terminal);
  const { signal } = interrupts;
  let exitCode: ExitCode | undefined;
  const program = buildProgram({
    terminal,
    interrupts,
    exit: (code) => {
      exitCode = code;
    },
  });
  try {
    await program.parseAsync([...argv], { from: "user" });
    return exitCode ?? (signal.aborted ? exitCodes.interrupted : exitCodes.pass);
  } catch (thrown) {
    const cause = signal.aborted && thrown === signal.reason ? interrupted(signal) : thrown;
    // Help and version end this way too; what is wrong with a command line commander has printed by itself.
    if (cause instanceof CommanderError && cause.exitCode === 0) return exitCodes.pass;
    const failure = cause instanceof CommanderError ? usageError(ofCommander(cause), { code: "usage" }) : cause;
    if (argv.includes("--json")) terminal.out(failureJson(failure));
    if (!(cause instanceof CommanderError)) terminal.err(describeFailure(failure));
    return signal.aborted ? exitCodes.interrupted : exitCodeOf(failure);
  } finally {
    interrupts.release();
  }
}

function interrupted(signal: AbortSignal): SquallError {
  const message = `stopped by ${String(signal.reason)} before there was anything to keep`;
  return new SquallError(message, { code: "interrupted", exitCode: exitCodes.interrupted });
}

/** Commander's message, or what it stands for: without a command it throws `(outputHelp)` after printing help. */
function ofCommander(cause: CommanderError): string {
  return cause.code === "commander.help" ? "no command was given" : cause.message.replace(/^error: /, "");
}
