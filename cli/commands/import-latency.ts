/** `squall import latency`: a latency profile from the user's own calls. */
import { Command, Option } from "commander";
import { stringify } from "yaml";
import type { TimeUnit } from "../../behavior/latency/logs/call-fields.ts";
import { type LatencyLogFormat, latencyLogFormats } from "../../behavior/latency/logs/log-formats.ts";
import type { CommandContext } from "../context.ts";
import { fitLog, parseProfileName, writeProfile } from "../latency-fit.ts";
import { latencyFitText } from "../latency-fit-text.ts";

interface ImportLatencyOptions {
  readonly format?: LatencyLogFormat;
  readonly model?: string;
  readonly unit?: TimeUnit;
  readonly name?: string;
  readonly out?: string;
  readonly json?: boolean;
}

export function importLatencyCommand(context: CommandContext): Command {
  return new Command("latency")
    .description("fit a latency profile to a log of your own calls, and say how well it fits")
    .argument("<file>", "log of calls: CSV, JSON lines, LiteLLM spend logs, OTLP JSON")
    .addOption(new Option("--format <format>", "what the file is, if it is not plain").choices(latencyLogFormats))
    .option("--model <name>", "only calls of this model")
    .addOption(new Option("--unit <unit>", "unit of times whose names do not say it").choices(["s", "ms", "us", "ns"]))
    .option("--name <name>", "name of the profile; default: that of the file", parseProfileName)
    .option("--out <file>", "write the profile here (.yaml or .json); default: print it")
    .option("--json", "print one JSON document: profile, goodness of fit, notes")
    .addHelpText(
      "after",
      `
Examples:
  $ squall import latency calls.csv --name my-gpt-4o --out profiles/my-gpt-4o.yaml
  $ squall import latency spend-logs.jsonl --format litellm --model gpt-4o-mini
  $ squall import latency traces.json --format otel --json | jq '.fit.ttft.quantiles'

Each call needs prompt tokens, output tokens, time to first token and total time, under any usual name. A scenario takes
the profile as latency: { file: ./profiles/my-gpt-4o.yaml }. Texts, keys and headers in a log are not looked at.`,
    )
    .action(async (file: string, options: ImportLatencyOptions) => {
      const { source, log, fit, words } = await fitLog(file, options, context.interrupts.signal);
      const { terminal } = context;
      if (options.out !== undefined) {
        await writeProfile(options.out, words);
      }
      if (options.json === true) {
        const { calls, ttft, perToken, families, notes } = fit;
        const { leftOut, models } = log;
        terminal.out(
          JSON.stringify({ profile: words, fit: { calls, ttft, perToken, families }, leftOut, models, notes }),
        );
        return;
      }
      terminal.out(latencyFitText(source, log, fit, terminal.width));
      terminal.out(options.out === undefined ? `\n${stringify(words).trimEnd()}` : `\nwritten to ${options.out}`);
    });
}
