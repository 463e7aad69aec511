/** `squall import`: what a user already has, as something that a scenario takes. */
import { Command } from "commander";
import type { CommandContext } from "../context.ts";
import { importK6Command } from "./import-k6.ts";
import { importChaosToolkitCommand } from "./import-chaostoolkit.ts";
import { importLatencyCommand } from "./import-latency.ts";
import { importPricesCommand } from "./import-prices.ts";
import { importSessionCommand } from "./import-session.ts";
import { importTraceCommand } from "./import-trace.ts";
import { importOpenSloCommand } from "./openslo.ts";

export function importCommand(context: CommandContext): Command {
  return new Command("import")
    .description("make a latency profile, prices, a trace or a run from what you have")
    .addCommand(importLatencyCommand(context))
    .addCommand(importSessionCommand(context))
    .addCommand(importTraceCommand(context))
    .addCommand(importPricesCommand(context))
    .addCommand(importChaosToolkitCommand(context))
    .addCommand(importOpenSloCommand(context))
    .addCommand(importK6Command(context))
    .addHelpText(
      "after",
      `
Examples:
  $ squall import latency calls.csv --name my-gpt-4o --out profiles/my-gpt-4o.yaml
  $ squall import session recorded.har --out profiles/my-gpt-4o.yaml
  $ squall import trace requests.csv --out traces/ours.jsonl
  $ squall import prices model_prices.json --models gpt-4o
  $ squall import k6 scenarios/ten-users.yaml k6.log --out run`,
    );
}
