/** Wires a scenario to the simulator: same workload, same provider behavior, a gateway's measured profile in its place. */
import { type RunTotals, totalsFold } from "../analyzers/run-totals.ts";
import { createFaultSchedule } from "../behavior/faults/schedule.ts";
import { beyondGateway } from "../behavior/gateway-profiles/beyond.ts";
import { gatewayProfile } from "../behavior/gateway-profiles/profiles.ts";
import { latencyProfileOf } from "../behavior/latency/profiles.ts";
import { genaiPrices, genaiPricesName } from "../behavior/price/genai-prices.ts";
import { pricesInWords } from "../behavior/price/own-prices.ts";
import { createProvider } from "../behavior/provider-model.ts";
import { invalidInput, type SquallError } from "../core/errors.ts";
import { randomStream } from "../core/random.ts";
import type { RequestRecord } from "../core/record.ts";
import { type Run, type RunManifest, runFormatVersion } from "../core/run.ts";
import type { Scenario } from "../core/scenario/scenario.ts";
import { type SimulateOptions, type SimulationResult, simulate } from "../simulator/simulate.ts";
import { providerAccounts, providerKey } from "./provider-accounts.ts";
import { recordsMax, tooManyRecords } from "../runs/record-bound.ts";
import { prepareScaling, type ScalingInput } from "./scaling-input.ts";
import { type ScenarioInput, workloadOf } from "./scenario-input.ts";
import { squallVersion } from "./version.ts";

export interface SimulationChoices {
  /** Gateway whose profile is played; the scenario's own unless given. */
  readonly gateway?: string | undefined;
  /** Scenario milliseconds per wall millisecond of the live run that is being predicted; 1 otherwise. */
  readonly timeScale: number;
  /** What scales the replicas; without it their number stays. */
  readonly scaling?: ScalingInput | undefined;
  /** Records say what the time of each request went into. Unless given, they do not. */
  readonly explain?: boolean;
}

/** Runs the scenario in virtual time. Same input and seed: same bytes. */
export function simulateScenario(
  input: ScenarioInput,
  choices: SimulationChoices,
): Run & { readonly statistics: SimulationResult["statistics"] } {
  const records: RequestRecord[] = [];
  const result = simulate(
    simulationOf(input, choices, (record) => {
      if (records.length >= recordsMax) throw tooLarge(input.scenario);
      records.push(record);
    }),
  );
  const { events, statistics } = result;
  return { manifest: simulatedManifest(input, choices, result), records, events, statistics };
}

/** The same as totals: no record is kept, so memory does not depend on how long the run is, and no number of requests is too many. */
export function simulateTotals(
  input: ScenarioInput,
  choices: SimulationChoices,
): Pick<Run, "manifest" | "events"> & { readonly totals: RunTotals } {
  const fold = totalsFold();
  const result = simulate(simulationOf(input, choices, fold.add));
  return { manifest: simulatedManifest(input, choices, result), events: result.events, totals: fold.totals() };
}

/** Everything that the simulator is given: fresh providers, the workload, the gateway's profile. */
export function simulationOf(
  input: ScenarioInput,
  choices: SimulationChoices,
  onRecord: SimulateOptions["onRecord"],
): SimulateOptions {
  const { scenario } = input;
  const gateway = gatewayProfile(choices.gateway ?? scenario.platform.gateway);
  const faults = createFaultSchedule();
  const providers = scenario.providers.map((spec) =>
    createProvider({
      spec,
      accounts: providerAccounts(spec),
      random: randomStream(scenario.seed),
      prices: genaiPrices(spec.dialect),
      faults,
      latencyScale: 1,
    }),
  );
  const scaling = choices.scaling === undefined ? undefined : prepareScaling(choices.scaling, scenario.platform);
  return {
    scenario: scaling === undefined ? scenario : startingWith(scenario, scaling.start),
    ...(scaling === undefined ? {} : { scaling: scaling.policy }),
    workload: workloadOf(input),
    gateway,
    providers,
    faults,
    apiKeys: new Map(scenario.providers.map((spec) => [spec.name, providerKey(spec)])),
    timeScale: choices.timeScale,
    explain: choices.explain ?? false,
    ...(scenario.platform.budgets === undefined ? {} : { dearness: dearnessOf(scenario) }),
    onRecord,
  };
}

function simulatedManifest(input: ScenarioInput, choices: SimulationChoices, result: SimulationResult): RunManifest {
  const { platform, providers } = input.scenario;
  const gateway = gatewayProfile(choices.gateway ?? platform.gateway);
  const scaling = choices.scaling === undefined ? undefined : prepareScaling(choices.scaling, platform);
  const beyond = beyondGateway(gateway.name, platform);
  return {
    ...describeInput(input),
    kind: "simulated",
    engine: "simulator",
    gateway: `${gateway.name} ${gateway.version} (${gateway.status} profile)`,
    timeScale: choices.timeScale,
    durationMs: result.durationMs,
    status: "complete",
    phases: result.phases,
    providers: result.ledgers,
    prices: pricesInWords(genaiPricesName, providers),
    ...(beyond.length === 0 ? {} : { beyondGateway: beyond }),
    ...(scaling === undefined ? {} : { scaling: scaling.account }),
    ...(result.replicas === undefined ? {} : { replicas: result.replicas }),
    ...(result.ownCalls === undefined ? {} : { ownCalls: result.ownCalls }),
  };
}

/** What a million tokens of prompt and as many of answer cost from each model, at the first provider of its route. */
function dearnessOf({ platform, providers }: Scenario): ReadonlyMap<string, number> {
  return new Map(
    platform.routes.flatMap(({ model, providers: [first] }) => {
      const dialect = providers.find(({ name }) => name === first)?.dialect;
      const tokens = { input: 1_000_000, cached: 0, output: 1_000_000 };
      const price = dialect === undefined ? undefined : genaiPrices(dialect).price(model, tokens);
      return price === undefined ? [] : [[model, price] as const];
    }),
  );
}

function tooLarge(scenario: Scenario): SquallError {
  return invalidInput(`scenario "${scenario.name}" sends ${tooManyRecords}`, {
    code: "simulation-too-large",
    hint: "--totals keeps no records and has no such limit; or simulate a shorter time, or a smaller window of the trace",
  });
}

function startingWith(scenario: Scenario, replicas: number): Scenario {
  return { ...scenario, platform: { ...scenario.platform, replicas } };
}

/** The part of a manifest that says what was asked for, alike for live and simulated runs. */
export function describeInput(
  input: ScenarioInput,
): Pick<RunManifest, "formatVersion" | "scenario" | "scenarioText" | "seed" | "squallVersion" | "trace" | "profiles"> {
  const { scenario, text, trace, windowMs } = input;
  return {
    formatVersion: runFormatVersion,
    scenario: scenario.name,
    scenarioText: text,
    seed: scenario.seed,
    squallVersion: squallVersion(),
    ...(trace === undefined
      ? {}
      : { trace: { name: trace.name, rows: trace.rows.count, ...(windowMs === undefined ? {} : { windowMs }) } }),
    profiles: profilesOf(scenario),
  };
}

function profilesOf(scenario: Scenario): RunManifest["profiles"] {
  const profiles = scenario.providers.flatMap((provider) => provider.models.map(latencyProfileOf));
  return [...new Set(profiles)].map(({ name, status, source }) => ({ name, status, source }));
}
