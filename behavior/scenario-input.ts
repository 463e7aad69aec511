/**
 * A scenario with everything that it names: latency profiles, prices, alerts, a trace.
 *
 * Whoever has the files hands them in: the command line from a disk, the planning board's page from the server that serves it. Both
 * read through here, so they complain about the same things in the same words.
 */
import { invalidInput, usageError } from "../core/errors.ts";
import { linesOf } from "../core/lines.ts";
import { nearest } from "../core/nearest.ts";
import { type AlertsSpec, parseAlerts } from "../core/scenario/alert-schema.ts";
import { parseLatencyProfile } from "../core/scenario/latency-profile-schema.ts";
import type { LatencyProfile } from "../core/scenario/latency-spec.ts";
import { parseScenario, scenarioBytesMax } from "../core/scenario/parse.ts";
import { withPrices } from "../core/scenario/price-spec.ts";
import type { Dialect, ModelSpec, ProviderSpec } from "../core/scenario/provider-spec.ts";
import type { Scenario } from "../core/scenario/scenario.ts";
import type { TraceLoad } from "../core/scenario/traffic-spec.ts";
import type { Ms } from "../core/time.ts";
import type { GatewayProfile } from "./gateway-profile.ts";
import { parseGatewayProfile, profileFileBytesMax } from "./gateway-profiles/profile-file.ts";
import { gatewayProfileNames } from "./gateway-profiles/profiles.ts";
import { engineOf } from "./latency/batching/engines.ts";
import { latencyProfileNames } from "./latency/profiles.ts";
import { importedPrice, litellmPrices, priceFileBytesMax } from "./price/litellm.ts";
import { quotaTiers } from "./quota/tiers/tiers.ts";
import { traceLineCharactersMax, traceParser, type TraceRows } from "./traffic/trace.ts";
import { buildWorkload } from "./traffic/workload-builder.ts";
import type { Workload } from "./workload.ts";

export interface ScenarioInput {
  readonly scenario: Scenario;
  /** The file as given, for the manifest. */
  readonly text: string;
  readonly trace?: { readonly name: string; readonly rows: TraceRows };
  readonly windowMs?: readonly [Ms, Ms];
  /** What the file says that the scenario names with `alerts:`. */
  readonly alerts?: AlertsSpec;
  /** What the file says that the scenario names with `platform.gateway-profile`. */
  readonly gatewayProfile?: GatewayProfile;
}

/** The files that may be named, each by its name as written: relative to the scenario, or absolute where there is a disk. */
export interface NamedFiles {
  /** Rejects with `file-unreadable`, or `file-too-large` beyond `bytesMax`. */
  readonly text: (name: string, bytesMax: number) => Promise<string>;
  /** A file of any size, piece by piece. Rejects with `file-unreadable`, and with the signal's reason when it is aborted. */
  readonly pieces: (name: string, signal: AbortSignal) => AsyncIterable<string>;
}

export interface ScenarioChoices {
  readonly trace?: string | undefined;
  readonly window?: readonly [Ms, Ms] | undefined;
  readonly seed?: number | undefined;
  /** File of prices, in place of the one that the scenario names. */
  readonly prices?: string | undefined;
}

/**
 * Everything that the text of a scenario asks for. `name` is what messages call it. Errors: those of the files, `scenario-invalid`,
 * `alerts-invalid`, `slo-unknown`, `gateway-profile-invalid`, `trace-malformed`, `trace-missing`; the signal's reason when it is aborted.
 */
export async function scenarioInputFrom(
  text: string,
  name: string,
  files: NamedFiles,
  choices: ScenarioChoices,
  signal: AbortSignal,
): Promise<ScenarioInput> {
  const unpriced = await scenarioFrom(text, name, files);
  const written = await withFilePrices(unpriced, files, choices.prices);
  const scenario = choices.seed === undefined ? written : { ...written, seed: choices.seed };
  const watched = await alertsNamedBy(scenario, files);
  const costs = await gatewayProfileNamedBy(scenario, files);
  const beside = {
    ...(watched === undefined ? {} : { alerts: watched }),
    ...(costs === undefined ? {} : { gatewayProfile: costs }),
  };
  const { load } = scenario.traffic;
  const windowMs = choices.window;
  if (load.kind !== "trace") {
    if (choices.trace !== undefined) throw strayOption("--trace", scenario.name);
    if (windowMs !== undefined) throw strayOption("--window", scenario.name);
    return { scenario, text, ...beside };
  }
  const traceFile = choices.trace ?? load.file;
  if (traceFile === undefined) {
    throw usageError(`scenario "${scenario.name}" replays a trace, and none was given`, {
      code: "trace-missing",
      hint: "add --trace FILE, or traffic.trace.file in the scenario",
    });
  }
  const rows = await traceRows(traceFile, load.format, files, signal);
  const trace = { name: lastPart(traceFile), rows };
  return { scenario, text, ...beside, trace, ...(windowMs === undefined ? {} : { windowMs }) };
}

/** Checks the text of a scenario. Prices of a file are not yet in it. */
export async function scenarioFrom(text: string, name: string, files: Pick<NamedFiles, "text">): Promise<Scenario> {
  const scenario = parseScenario(text, name, {
    latencyProfiles: latencyProfileNames,
    gateways: gatewayProfileNames,
    tiers: quotaTiers,
  });
  return { ...scenario, providers: await withProfilesRead(scenario.providers, files) };
}

/** Every request that the input asks for, to be played live or in virtual time. Throws `trace-window-empty`. */
export function workloadOf({ scenario, trace, windowMs }: ScenarioInput): Workload {
  return buildWorkload(scenario, {
    ...(trace === undefined ? {} : { trace: trace.rows }),
    ...(windowMs === undefined ? {} : { windowMs }),
  });
}

/**
 * The providers with every latency profile in place of its file. Errors: those of the files, `latency-profile-invalid`,
 * `unknown-engine`.
 */
export async function withProfilesRead<Provider extends ProviderSpec>(
  providers: readonly Provider[],
  files: Pick<NamedFiles, "text">,
): Promise<readonly Provider[]> {
  for (const { models } of providers) models.forEach(engineOf);
  const read = new Map<string, LatencyProfile>();
  for (const file of new Set(providers.flatMap(({ models }) => models.map((model) => model.latency?.file)))) {
    if (file === undefined) continue;
    read.set(file, parseLatencyProfile(await files.text(file, scenarioBytesMax), lastPart(file)));
  }
  if (read.size === 0) return providers;
  return providers.map((provider) => ({ ...provider, models: provider.models.map((model) => placed(model, read)) }));
}

function placed(model: ModelSpec, read: ReadonlyMap<string, LatencyProfile>): ModelSpec {
  const { file, ...latency } = model.latency ?? {};
  const profile = read.get(file ?? "");
  return profile === undefined ? model : { ...model, latencyProfile: profile.name, latency: { ...latency, profile } };
}

/** A model's own price stays; the others come from `given` or else from the file that the scenario names. */
export async function withFilePrices(
  scenario: Scenario,
  files: Pick<NamedFiles, "text">,
  given?: string,
): Promise<Scenario> {
  const file = given ?? scenario.priceFile;
  if (file === undefined) return scenario;
  const imported = litellmPrices(await files.text(file, priceFileBytesMax), lastPart(file));
  const providers = withPrices(scenario.providers, (model, { dialect }) =>
    importedPrice(imported, prefixes[dialect], model),
  );
  return { ...scenario, providers };
}

/** What LiteLLM puts before the names of each provider's models, nearest first; a plain name is anybody's. */
const prefixes: Readonly<Record<Dialect, readonly string[]>> = {
  openai: ["openai/", ""],
  "azure-openai": ["azure/", ""],
  anthropic: ["anthropic/", ""],
  bedrock: ["bedrock/", ""],
  gemini: ["gemini/", ""],
  vertex: ["vertex_ai/", ""],
};

/** The alerts that a scenario names; undefined when it names none. Errors: those of the files, `alerts-invalid`, `slo-unknown`. */
export async function alertsNamedBy(
  scenario: Scenario,
  files: Pick<NamedFiles, "text">,
): Promise<AlertsSpec | undefined> {
  const { alerts: named } = scenario;
  if (named === undefined) return undefined;
  const spec = parseAlerts(await files.text(named, scenarioBytesMax), lastPart(named));
  assertSlosKnown(spec, scenario, named);
  return spec;
}

/** The profile of its gateway that a scenario names; undefined when it names none. Errors: those of the files, `gateway-profile-invalid`. */
export async function gatewayProfileNamedBy(
  { platform }: Scenario,
  files: Pick<NamedFiles, "text">,
): Promise<GatewayProfile | undefined> {
  const { gatewayProfileFile: named } = platform;
  return named === undefined
    ? undefined
    : parseGatewayProfile(await files.text(named, profileFileBytesMax), lastPart(named));
}

function assertSlosKnown({ alerts }: AlertsSpec, { slo = [] }: Scenario, file: string): void {
  const known = slo.map(({ name }) => name);
  for (const { name, condition } of alerts) {
    if (condition.kind !== "burn" || condition.slo === undefined || known.includes(condition.slo)) continue;
    const there = known.length === 0 ? "the scenario has none" : `known are ${known.join(", ")}`;
    throw invalidInput(`${name} in ${file} watches the service level ${condition.slo}; ${there}`, {
      code: "slo-unknown",
      ...nearest(condition.slo, known),
    });
  }
}

/** Errors: those of the files, `trace-malformed`; the signal's reason when it is aborted. */
export async function traceRows(
  file: string,
  format: TraceLoad["format"],
  files: Pick<NamedFiles, "pieces">,
  signal: AbortSignal,
): Promise<TraceRows> {
  const parser = traceParser(format, lastPart(file));
  const bound = { charactersMax: traceLineCharactersMax, tooLong: (line: number): Error => lineTooLong(file, line) };
  let lineNumber = 0;
  for await (const lines of linesOf(files.pieces(file, signal), bound)) {
    for (const line of lines) parser.line(line, ++lineNumber);
  }
  return parser.finish();
}

function lineTooLong(file: string, line: number): Error {
  return invalidInput(`${lastPart(file)}:${line} is longer than ${traceLineCharactersMax} characters`, {
    code: "trace-malformed",
    hint: "is this a trace? needed are lines of CSV (azure) or JSON (mooncake)",
  });
}

function strayOption(option: string, scenario: string): Error {
  return usageError(`${option} was given, but scenario "${scenario}" does not replay a trace`, {
    code: "usage",
    hint: "leave it out, or describe the traffic as `traffic: { trace: {} }`",
  });
}

/** A file's own name, without its folders. */
function lastPart(file: string): string {
  return file.split(/[\\/]/).at(-1) ?? file;
}
