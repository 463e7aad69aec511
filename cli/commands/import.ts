/** `squall import`: what a user already has, as something that a scenario takes. */
import { Command } from "commander";
import type { CommandContext } from "../context.ts";
import { importLatencyCommand } from "./import-latency.ts";

export function importCommand(context: CommandContext): Command {
  return new Command("import")
    .description("make a latency profile or a trace from what you have measured")
    .addCommand(importLatencyCommand(context))
    .addHelpText(
      "after",
      `
Examples:
  $ squall import latency calls.csv --name my-gpt-4o --out profiles/my-gpt-4o.yaml`,
    );
}
