/** `squall validate`: are these files right, scenarios and scaling configs alike? All problems of all files at once. */
import { Command } from "commander";
import { exitCodes, type Problem, SquallError } from "../../core/errors.ts";
import { plural } from "../../core/units.ts";
import { readIfAlerts } from "../alert-files.ts";
import type { CommandContext } from "../context.ts";
import { describeFailure } from "../failure.ts";
import { assertNamedFiles } from "../named-files.ts";
import { readIfScaling } from "../scaling-input.ts";
import { readScenario } from "../scenario-input.ts";

interface FileResult {
  readonly file: string;
  readonly valid: boolean;
  readonly scenario?: string;
  /** Of a scaling config: which format it is, and what it says that is not modelled. */
  readonly scaling?: { readonly format: string; readonly notes: readonly string[] };
  /** Of a file of alerts: how many there are. */
  readonly alerts?: number;
  readonly problems: readonly Problem[];
}

export function validateCommand(context: CommandContext): Command {
  return new Command("validate")
    .description("check scenarios and scaling configs; all problems at once, each with its place")
    .argument("<files...>", "scenarios, or scaling configs of any tool (YAML or JSON)")
    .option("--json", "print one JSON document")
    .addHelpText(
      "after",
      `
Examples:
  $ squall validate scenarios/*.yaml scenarios/scaling/*.yaml
  $ squall validate scenarios/ten-users.yaml --json | jq '.files[].problems'`,
    )
    .action(async (files: readonly string[], options: { readonly json?: boolean }) => {
      const results: FileResult[] = [];
      for (const file of files) {
        try {
          const result = await checkedFile(file, context.interrupts.signal);
          results.push(result);
          if (options.json !== true) context.terminal.out(`${file}: ok, ${inWords(result)}`);
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

/** Throws what is wrong with it, and with the files that it names. */
async function checkedFile(file: string, signal: AbortSignal): Promise<FileResult> {
  const alerts = await readIfAlerts(file);
  if (alerts !== undefined) return { file, valid: true, alerts: alerts.alerts.length, problems: [] };
  const scaling = await readIfScaling(file);
  if (scaling === undefined) {
    const read = await readScenario(file);
    await assertNamedFiles(read, file, signal);
    return { file, valid: true, scenario: read.scenario.name, problems: [] };
  }
  const { format, notes } = scaling.loaded;
  return { file, valid: true, scaling: { format, notes }, problems: [] };
}

function inWords({ scenario, scaling, alerts }: FileResult): string {
  if (alerts !== undefined) return plural(alerts, "alert");
  if (scaling === undefined) return `scenario "${scenario}"`;
  const notes = scaling.notes.map((note) => `\n  note: ${note}`).join("");
  return `${scaling.format}${notes}`;
}

function problemsOf(file: string, cause: SquallError): readonly Problem[] {
  return cause.problems.length > 0 ? cause.problems : [{ path: file, message: cause.message }];
}
