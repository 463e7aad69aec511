/**
 * Reads what a command is given: the scenario file, and the trace it replays, streamed line by line.
 */
import { createReadStream } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import path from "node:path";
import { latencyProfileNames } from "../behavior/latency/profiles.ts";
import type { TraceParser, TraceRows } from "../behavior/traffic/trace.ts";
import { traceParser } from "../behavior/traffic/trace.ts";
import { invalidInput, usageError } from "../core/errors.ts";
import { parseScenario, scenarioBytesMax } from "../core/scenario/parse.ts";
import type { Scenario } from "../core/scenario/scenario.ts";
import { type Ms, parseDuration } from "../core/time.ts";
import { gatewayNames } from "../gateways/drivers.ts";

export interface ScenarioInput {
  readonly scenario: Scenario;
  /** The file as given, for the manifest. */
  readonly text: string;
  readonly trace?: { readonly name: string; readonly rows: TraceRows };
  readonly windowMs?: readonly [Ms, Ms];
}

export interface ScenarioChoices {
  readonly trace?: string | undefined;
  readonly window?: string | undefined;
  readonly seed?: number | undefined;
}

/** Longest line of a trace. A line above it is an error, not a reason to fill the memory. */
const traceLineBytesMax = 1 << 20;

/** Reads scenario and trace. Errors: `file-unreadable`, `scenario-invalid`, `trace-malformed`, `trace-missing`. */
export async function readScenarioInput(file: string, choices: ScenarioChoices): Promise<ScenarioInput> {
  const { scenario: written, text } = await readScenario(file);
  const scenario = choices.seed === undefined ? written : { ...written, seed: choices.seed };
  const { load } = scenario.traffic;
  const windowMs = choices.window === undefined ? undefined : parseWindow(choices.window);
  if (load.kind !== "trace") {
    const stray = choices.trace === undefined ? (windowMs === undefined ? undefined : "--window") : "--trace";
    if (stray !== undefined) throw strayOption(stray, scenario.name);
    return { scenario, text };
  }
  const traceFile = choices.trace ?? besideScenario(file, load.file);
  if (traceFile === undefined) {
    throw usageError(`scenario "${scenario.name}" replays a trace, and none was given`, {
      code: "trace-missing",
      hint: "add --trace FILE, or traffic.trace.file in the scenario",
    });
  }
  const name = path.basename(traceFile);
  const rows = await readTrace(traceFile, traceParser(load.format, name));
  return { scenario, text, trace: { name, rows }, ...(windowMs === undefined ? {} : { windowMs }) };
}

/** Reads one scenario file and checks it. */
export async function readScenario(file: string): Promise<{ readonly scenario: Scenario; readonly text: string }> {
  const { size } = await stat(file).catch((cause: unknown) => {
    throw unreadable(file, cause);
  });
  if (size > scenarioBytesMax) {
    throw invalidInput(`${file} is ${size} bytes; a scenario may have at most ${scenarioBytesMax}`, {
      code: "scenario-invalid",
      hint: "was a trace given where the scenario belongs? pass it with --trace",
    });
  }
  const text = await readFile(file, "utf8").catch((cause: unknown) => {
    throw unreadable(file, cause);
  });
  const scenario = parseScenario(text, file, { latencyProfiles: latencyProfileNames, gateways: gatewayNames });
  return { scenario, text };
}

/** Reads `0..5m` or `30s..90s`: from, inclusive, to, exclusive, in trace time. */
function parseWindow(text: string): readonly [Ms, Ms] {
  const [fromText, toText, ...rest] = text.split("..");
  const fromMs = parseDuration(fromText ?? "");
  const toMs = parseDuration(toText ?? "");
  if (fromMs === undefined || toMs === undefined || rest.length > 0 || toMs <= fromMs) {
    throw usageError(`--window ${text} is not a window`, {
      code: "usage",
      hint: "give FROM..TO as durations, for example --window 0..5m or --window 90s..3m",
    });
  }
  return [fromMs, toMs];
}

function strayOption(option: string, scenario: string): Error {
  return usageError(`${option} was given, but scenario "${scenario}" does not replay a trace`, {
    code: "usage",
    hint: "leave it out, or describe the traffic as `traffic: { trace: { format: azure } }`",
  });
}

function besideScenario(scenarioFile: string, traceFile: string | undefined): string | undefined {
  return traceFile === undefined ? undefined : path.resolve(path.dirname(scenarioFile), traceFile);
}

async function readTrace(file: string, parser: TraceParser): Promise<TraceRows> {
  let lineNumber = 0;
  let rest = "";
  try {
    for await (const chunk of createReadStream(file, { encoding: "utf8" })) {
      const lines = (rest + String(chunk)).split("\n");
      rest = lines.pop() ?? "";
      if (rest.length > traceLineBytesMax) throw lineTooLong(file, lineNumber + 1);
      for (const line of lines) parser.line(line, ++lineNumber);
    }
  } catch (cause) {
    if (cause instanceof Error && "syscall" in cause) throw unreadable(file, cause);
    throw cause;
  }
  if (rest !== "") parser.line(rest, ++lineNumber);
  return parser.finish();
}

function lineTooLong(file: string, line: number): Error {
  return invalidInput(`${path.basename(file)}:${line} is longer than ${traceLineBytesMax} bytes`, {
    code: "trace-malformed",
    hint: "is this a trace? expected are lines of CSV (azure) or JSON (mooncake)",
  });
}

function unreadable(file: string, cause: unknown): Error {
  const reason = cause instanceof Error && "code" in cause ? String(cause.code) : String(cause);
  const words = reason === "ENOENT" ? "there is no such file" : reason === "EISDIR" ? "it is a folder" : reason;
  return invalidInput(`cannot read ${file}: ${words}`, { code: "file-unreadable", hint: "check the path", cause });
}
