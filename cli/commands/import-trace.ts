/** `squall import trace`: a foreign trace in the form that Squall replays, and what is in it. */
import path from "node:path";
import { Command, Option } from "commander";
import { stringify } from "yaml";
import type { TimeUnit } from "../../behavior/latency/logs/call-fields.ts";
import { csvTraceParser } from "../../behavior/traffic/trace-csv.ts";
import { mooncakeLines } from "../../behavior/traffic/trace-mooncake.ts";
import { type TraceSummary, traceSummary } from "../../behavior/traffic/trace-summary.ts";
import { type TraceParser, traceLineCharactersMax, traceParser } from "../../behavior/traffic/trace.ts";
import { invalidInput } from "../../core/errors.ts";
import { formatDuration } from "../../core/time.ts";
import { formatShare, formatWhole } from "../../core/units.ts";
import type { CommandContext } from "../context.ts";
import { readInputLines } from "../input-lines.ts";
import { writeOutputFile } from "../output-file.ts";

const formats = ["csv", "azure", "mooncake"] as const;

interface ImportTraceOptions {
  readonly format: (typeof formats)[number];
  readonly unit?: TimeUnit;
  readonly out?: string;
  readonly json?: boolean;
}

export function importTraceCommand(context: CommandContext): Command {
  return new Command("trace")
    .description("turn a trace into the form that scenarios replay, and say what is in it")
    .argument("<file>", "trace of requests")
    .addOption(new Option("--format <format>", "what the file is").choices(formats).default("csv"))
    .addOption(new Option("--unit <unit>", "unit of times that are numbers").choices(["s", "ms", "us", "ns"]))
    .option("--out <file>", "write the trace here, as JSON lines")
    .option("--json", "print one JSON document: summary and scenario snippet")
    .addHelpText(
      "after",
      `
Examples:
  $ squall import trace requests.csv --out traces/ours.jsonl
  $ squall import trace AzureLLMInferenceTrace_conv.csv --format azure --json | jq .summary
  $ squall import trace arrivals.csv --unit s --out traces/ours.jsonl

A CSV needs a header and columns of times, prompt tokens and output tokens, under any usual name.`,
    )
    .action(async (file: string, options: ImportTraceOptions) => {
      const name = path.basename(file);
      const parser = parserOf(options, name);
      const bound = {
        charactersMax: traceLineCharactersMax,
        tooLong: (line: number): Error => lineTooLong(name, line),
      };
      await readInputLines(file, bound, context.interrupts.signal, parser.line);
      const rows = parser.finish();
      const summary = traceSummary(rows);
      const { terminal } = context;
      if (options.out !== undefined) await writeOutputFile(options.out, mooncakeLines(rows));
      const traffic = {
        trace: { format: "mooncake", file: options.out ?? "traces/ours.jsonl" },
        requests: [{ model: "your-model", stream: true }],
      };
      if (options.json === true) return terminal.out(JSON.stringify({ summary, traffic }));
      terminal.out([`${name}:`, ...summaryLines(summary), "", stringify({ traffic }).trimEnd()].join("\n"));
      if (options.out !== undefined) terminal.out(`\nwritten to ${options.out}`);
    });
}

function parserOf({ format, unit }: ImportTraceOptions, name: string): TraceParser {
  return format === "csv" ? csvTraceParser(name, unit) : traceParser(format, name);
}

function summaryLines(summary: TraceSummary): readonly string[] {
  const { inputTokens: prompt, outputTokens: answer, gapVariation, repeatedBlocks } = summary;
  const rate = `${summary.ratePerSecond.toFixed(2)}/s on average, ${summary.busiestMinutePerSecond.toFixed(2)}/s in the busiest minute`;
  const tokens = (of: TraceSummary["inputTokens"]): string =>
    `p50 ${formatWhole(of.p50)}, p95 ${formatWhole(of.p95)}, p99 ${formatWhole(of.p99)}, at most ${formatWhole(of.max)}`;
  return [
    `  requests       ${formatWhole(summary.requests)} in ${formatDuration(summary.spanMs)}`,
    `  rate           ${rate}`,
    ...(gapVariation === null
      ? []
      : [`  burstiness     ${gapVariation.toFixed(2)} (gaps' deviation over mean; 1 is pure chance)`]),
    `  prompt tokens  ${tokens(prompt)}`,
    `  output tokens  ${tokens(answer)}`,
    ...(repeatedBlocks === null ? [] : [`  prompt blocks  ${formatShare(repeatedBlocks)} repeat an earlier one`]),
  ];
}

function lineTooLong(name: string, line: number): Error {
  return invalidInput(`${name}:${line} is longer than ${traceLineCharactersMax} characters`, {
    code: "trace-malformed",
    hint: "is this a trace? needed is one request per line",
  });
}
