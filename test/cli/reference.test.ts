/** docs/cli.md: what `--help` says, for people who read on the web. `npm run schema` writes it anew from here. */
import path from "node:path";
import { expect, it } from "vitest";
import { catchInterrupts } from "../../cli/interrupt.ts";
import { buildProgram } from "../../cli/program.ts";
import { listeningTerminal } from "./listening-terminal.ts";

const root = path.resolve(import.meta.dirname, "../..");

it("docs/cli.md says what help says: after a change of a command, run npm run schema", async () => {
  await expect(reference()).toMatchFileSnapshot(path.join(root, "docs/cli.md"));
});

function reference(): string {
  const terminal = listeningTerminal();
  const interrupts = catchInterrupts(terminal);
  interrupts.release();
  const program = buildProgram({ terminal, interrupts, exit: () => undefined });
  const helpOf = (command: typeof program): string => {
    const before = terminal.printed().out.length;
    command.outputHelp();
    return terminal.printed().out.slice(before).trim();
  };
  expect(program.commands.length).toBeGreaterThan(5);
  const sections = [program, ...program.commands].map((command) => {
    const name = command === program ? "squall" : `squall ${command.name()}`;
    return `## ${name}\n\n\`\`\`text\n${helpOf(command)}\n\`\`\`\n`;
  });
  return `# The command line\n\nWhat \`squall --help\` and the help of each command say.\n\n${sections.join("\n")}`;
}
