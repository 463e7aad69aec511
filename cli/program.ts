/** The command line as commander knows it: every command with its options and help. `docs/cli.md` is made from it. */
import { Command } from "commander";
import { commands } from "./commands.ts";
import type { CommandContext } from "./context.ts";
import { squallVersion } from "./version.ts";

export function buildProgram(context: CommandContext): Command {
  const { terminal } = context;
  const program = new Command("squall")
    .description("Load testing and SRE simulation for AI gateways: will it hold, will it flap, what will it cost?")
    .version(squallVersion())
    .exitOverride()
    .showSuggestionAfterError()
    .showHelpAfterError("hint: squall --help lists the commands")
    .configureOutput({
      writeOut: (text) => terminal.out(text.trimEnd()),
      writeErr: (text) => terminal.err(text.trimEnd()),
      outputError: (text, write) => write(text.replace(/^error: /, "squall: ")),
      getOutHelpWidth: () => terminal.width,
      getErrHelpWidth: () => terminal.width,
    })
    .addHelpText("after", examplesAndCodes);
  for (const commandOf of commands) {
    const command = commandOf(context);
    command.copyInheritedSettings(program);
    command.showHelpAfterError(`hint: squall ${command.name()} --help shows its options and examples`);
    program.addCommand(command);
  }
  return program;
}

const examplesAndCodes = `
Examples:
  $ squall quickstart                                      the whole idea in one minute
  $ squall validate scenarios/ten-users.yaml               is this file right?
  $ squall simulate scenarios/ten-users.yaml               in virtual time, in a second
  $ squall run scenarios/ten-users.yaml --gateway portkey  for real, on this machine
  $ squall mock --port 9100                                an OpenAI that costs nothing

Exit codes: 0 pass, 1 our bug, 2 usage, 3 invalid input, 4 objective missed, 5 environment not ready,
6 inconclusive, 130 interrupted`;
