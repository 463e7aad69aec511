/**
 * The `squall` command: parses, wires, prints. Each command is a file in `commands/`; this file lists them, and is the only
 * place where an error becomes an exit code.
 */
import { Command, CommanderError } from "commander";
import { exitCodes } from "../core/errors.ts";
import { commands } from "./commands.ts";
import { describeFailure, exitCodeOf, failureJson } from "./failure.ts";
import { catchInterrupts, type Interrupts } from "./interrupt.ts";
import { processTerminal, type Terminal } from "./terminal.ts";
import { squallVersion } from "./version.ts";

/** Runs one command line (without `node` and the script) and answers its exit code. Never throws. */
export async function main(argv: readonly string[], terminal: Terminal = processTerminal()): Promise<number> {
  const interrupts = catchInterrupts(terminal);
  let exitCode: number | undefined;
  const program = buildProgram(terminal, interrupts, (code) => {
    exitCode = code;
  });
  try {
    await program.parseAsync([...argv], { from: "user" });
    return exitCode ?? (interrupts.signal.aborted ? exitCodes.interrupted : exitCodes.pass);
  } catch (cause) {
    if (cause instanceof CommanderError) return cause.exitCode === 0 ? exitCodes.pass : exitCodes.usage;
    if (argv.includes("--json")) terminal.out(failureJson(cause));
    terminal.err(describeFailure(cause));
    return interrupts.signal.aborted ? exitCodes.interrupted : exitCodeOf(cause);
  } finally {
    interrupts.release();
  }
}

function buildProgram(terminal: Terminal, interrupts: Interrupts, exit: (code: number) => void): Command {
  const program = new Command("squall")
    .description("Load testing and SRE simulation for AI gateways: will it hold, will it flap, what will it cost?")
    .version(squallVersion())
    .exitOverride()
    .showSuggestionAfterError()
    .configureOutput({
      writeOut: (text) => terminal.out(text.trimEnd()),
      writeErr: (text) => terminal.err(text.trimEnd()),
    })
    .addHelpText(
      "after",
      `
Examples:
  $ squall quickstart                                     the whole idea in one minute
  $ squall validate scenarios/ten-users.yaml              is this file right?
  $ squall simulate scenarios/ten-users.yaml              in virtual time, in a second
  $ squall run scenarios/ten-users.yaml --gateway portkey for real, on this machine
  $ squall mock --port 8080                               an OpenAI that costs nothing

Exit codes: 0 pass, 1 our bug, 2 usage, 3 invalid input, 4 objective missed, 5 environment not ready, 6 inconclusive, 130 interrupted`,
    );
  for (const command of commands) {
    const sub = command({ terminal, interrupts, exit });
    sub.copyInheritedSettings(program);
    program.addCommand(sub);
  }
  return program;
}
