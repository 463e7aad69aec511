/**
 * Reads what a command is given: the scenario file, and the trace it replays, streamed line by line.
 */
import path from "node:path";
import { latencyProfileNames } from "../behavior/latency/profiles.ts";
import { quotaTiers } from "../behavior/quota/tiers/tiers.ts";
import { traceLineCharactersMax, traceParser, type TraceParser, type TraceRows } from "../behavior/traffic/trace.ts";
import { buildWorkload } from "../behavior/traffic/workload-builder.ts";
import type { Workload } from "../behavior/workload.ts";
import { invalidInput, usageError } from "../core/errors.ts";
import type { AlertsSpec } from "../core/scenario/alert-schema.ts";
import { parseScenario } from "../core/scenario/parse.ts";
import type { Scenario } from "../core/scenario/scenario.ts";
import type { Ms } from "../core/time.ts";
import { gatewayNames } from "../gateways/drivers.ts";
import { readAlerts } from "./alert-files.ts";
import { withFilePrices } from "./price-files.ts";
import { readInputFile } from "./input-file.ts";
import { readInputLines } from "./input-lines.ts";
import { withProfilesRead } from "./latency-files.ts";

export interface ScenarioInput {
  readonly scenario: Scenario;
  /** The file as given, for the manifest. */
  readonly text: string;
  readonly trace?: { readonly name: string; readonly rows: TraceRows };
  readonly windowMs?: readonly [Ms, Ms];
  /** What the file says that the scenario names with `alerts:`. */
  readonly alerts?: AlertsSpec;
}

export interface ScenarioChoices {
  readonly trace?: string | undefined;
  readonly window?: readonly [Ms, Ms] | undefined;
  readonly seed?: number | undefined;
  /** File of prices, in place of the one that the scenario names. */
  readonly prices?: string | undefined;
}

/**
 * Reads scenario and trace. Errors: `file-unreadable`, `file-too-large`, `scenario-invalid`, `alerts-invalid`, `slo-unknown`,
 * `trace-malformed`, `trace-missing`; the signal's reason when it is aborted.
 */
export async function readScenarioInput(
  file: string,
  choices: ScenarioChoices,
  signal: AbortSignal,
): Promise<ScenarioInput> {
  const { scenario: unpriced, text } = await readScenario(file);
  const written = await withFilePrices(unpriced, file, choices.prices);
  const scenario = choices.seed === undefined ? written : { ...written, seed: choices.seed };
  const watched = await readAlerts(scenario, file);
  const alerts = watched === undefined ? {} : { alerts: watched };
  const { load } = scenario.traffic;
  const windowMs = choices.window;
  if (load.kind !== "trace") {
    if (choices.trace !== undefined) throw strayOption("--trace", scenario.name);
    if (windowMs !== undefined) throw strayOption("--window", scenario.name);
    return { scenario, text, ...alerts };
  }
  const traceFile = choices.trace ?? besideScenario(file, load.file);
  if (traceFile === undefined) {
    throw usageError(`scenario "${scenario.name}" replays a trace, and none was given`, {
      code: "trace-missing",
      hint: "add --trace FILE, or traffic.trace.file in the scenario",
    });
  }
  const name = path.basename(traceFile);
  const rows = await readTrace(traceFile, traceParser(load.format, name), signal);
  return { scenario, text, ...alerts, trace: { name, rows }, ...(windowMs === undefined ? {} : { windowMs }) };
}

/** Reads one scenario file and checks it. */
export async function readScenario(file: string): Promise<{ readonly scenario: Scenario; readonly text: string }> {
  const text = await readInputFile(file);
  return { scenario: await scenarioFrom(text, file), text };
}

/** Checks the text of a scenario that stands, or would stand, in a file: what it names lies beside that. */
export async function scenarioFrom(text: string, file: string): Promise<Scenario> {
  const scenario = parseScenario(text, file, {
    latencyProfiles: latencyProfileNames,
    gateways: gatewayNames,
    tiers: quotaTiers,
  });
  return { ...scenario, providers: await withProfilesRead(scenario.providers, file) };
}

/** Every request that the input asks for, to be played live or in virtual time. Throws `trace-window-empty`. */
export function workloadOf({ scenario, trace, windowMs }: ScenarioInput): Workload {
  return buildWorkload(scenario, {
    ...(trace === undefined ? {} : { trace: trace.rows }),
    ...(windowMs === undefined ? {} : { windowMs }),
  });
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

async function readTrace(file: string, parser: TraceParser, signal: AbortSignal): Promise<TraceRows> {
  const bound = { charactersMax: traceLineCharactersMax, tooLong: (line: number): Error => lineTooLong(file, line) };
  await readInputLines(file, bound, signal, parser.line);
  return parser.finish();
}

function lineTooLong(file: string, line: number): Error {
  return invalidInput(`${path.basename(file)}:${line} is longer than ${traceLineCharactersMax} characters`, {
    code: "trace-malformed",
    hint: "is this a trace? needed are lines of CSV (azure) or JSON (mooncake)",
  });
}
