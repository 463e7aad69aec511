/** `squall validate`: are these files right? All problems of all files at once. */
import { Command } from "commander";
import { exitCodes, type Problem, SquallError } from "../../core/errors.ts";
import type { CommandContext } from "../context.ts";
import { describeFailure } from "../failure.ts";
import { readScenario } from "../scenario-input.ts";

interface FileResult {
  readonly file: string;
  readonly valid: boolean;
  readonly scenario?: string;
  readonly problems: readonly Problem[];
}

export function validateCommand(context: CommandContext): Command {
  return new Command("validate")
    .description("check scenario files; all problems at once, each with its place")
    .argument("<files...>", "scenario files (YAML)")
    .option("--json", "print one JSON document")
    .addHelpText(
      "after",
      `
Examples:
  $ squall validate scenarios/*.yaml
  $ squall validate scenarios/ten-users.yaml --json | jq '.files[].problems'`,
    )
    .action(async (files: readonly string[], options: { readonly json?: boolean }) => {
      const results: FileResult[] = [];
      for (const file of files) {
        try {
          const { scenario } = await readScenario(file);
          results.push({ file, valid: true, scenario: scenario.name, problems: [] });
          if (options.json !== true) context.terminal.out(`${file}: ok, scenario "${scenario.name}"`);
        } catch (cause) {
          if (!(cause instanceof SquallError)) throw cause;
          results.push({ file, valid: false, problems: problemsOf(file, cause) });
          if (options.json !== true) context.terminal.err(describeFailure(cause));
        }
      }
      const valid = results.every((result) => result.valid);
      if (options.json === true) context.terminal.out(JSON.stringify({ valid, files: results }));
      context.exit(valid ? exitCodes.pass : exitCodes.invalidInput);
    });
}

function problemsOf(file: string, cause: SquallError): readonly Problem[] {
  return cause.problems.length > 0 ? cause.problems : [{ path: file, message: cause.message }];
}
