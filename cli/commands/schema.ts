/** `squall schema`: the JSON Schema of scenario files, for editors that complete and check while typing. */
import { Command } from "commander";
import path from "node:path";
import { scenarioJsonSchema } from "../../core/scenario/json-schema.ts";
import type { CommandContext } from "../context.ts";
import { writeOutputFile } from "../output-file.ts";

export function schemaCommand({ terminal }: CommandContext): Command {
  return new Command("schema")
    .description("print the JSON Schema of scenario files, for your editor")
    .option("--out <file>", "write it to this file instead")
    .addHelpText(
      "after",
      `
Examples:
  $ squall schema --out scenario.schema.json

Then, as the first line of a scenario:  # yaml-language-server: $schema=scenario.schema.json`,
    )
    .action(async (options: { readonly out?: string }) => {
      const text = JSON.stringify(scenarioJsonSchema(), null, 2);
      if (options.out === undefined) terminal.out(text);
      else await writeOutputFile(path.resolve(terminal.cwd, options.out), `${text}\n`);
    });
}
