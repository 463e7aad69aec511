/**
 * From a scenario to a simulated run: the same workload, the same provider behavior, and a gateway's measured profile in its place.
 *
 * The command line, its worker threads and the planning board's page all play a scenario through here, which is why they agree to
 * the byte.
 */
import { createFaultSchedule } from "../behavior/faults/schedule.ts";
import type { GatewayProfile } from "../behavior/gateway-profile.ts";
import { beyondGateway } from "../behavior/gateway-profiles/beyond.ts";
import { gatewayProfile } from "../behavior/gateway-profiles/profiles.ts";
import { latencyProfileOf } from "../behavior/latency/profiles.ts";
import { genaiPrices, genaiPricesName } from "../behavior/price/genai-prices.ts";
import { pricesInWords } from "../behavior/price/own-prices.ts";
import { providerAccounts, providerKey } from "../behavior/provider-accounts.ts";
import { createProvider } from "../behavior/provider-model.ts";
import { prepareScaling, type ScalingInput } from "../behavior/scaling/scaling-input.ts";
import { type ScenarioInput, workloadOf } from "../behavior/scenario-input.ts";
import { randomStream } from "../core/random.ts";
import { type Run, type RunManifest, runFormatVersion } from "../core/run.ts";
import type { Scenario } from "../core/scenario/scenario.ts";
import { type SimulateOptions, type SimulationResult, simulate } from "./simulate.ts";

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

/**
 * Plays the scenario to its end. Same input and seed: same bytes. Every request goes to `onRecord`; what it throws ends the
 * simulation. `squallVersion` is for the manifest.
 */
export function playScenario(
  input: ScenarioInput,
  choices: SimulationChoices,
  squallVersion: string,
  onRecord: SimulateOptions["onRecord"],
): Pick<Run, "manifest" | "events"> & Pick<SimulationResult, "statistics"> {
  const result = simulate(simulationOf(input, choices, onRecord));
  const { events, statistics } = result;
  return { manifest: simulatedManifest(input, choices, squallVersion, result), events, statistics };
}

/**
 * What is played as the gateway: the profile that the scenario names, as long as its own gateway is asked for, or else what
 * Squall knows of it. Throws `no-gateway-profile`.
 */
export function gatewayOf({ scenario, gatewayProfile: named }: ScenarioInput, gateway?: string): GatewayProfile {
  const asked = gateway ?? scenario.platform.gateway;
  return named !== undefined && asked === scenario.platform.gateway ? named : gatewayProfile(asked);
}

/** Everything that the simulator is given: fresh providers, the workload, the gateway's profile. */
export function simulationOf(
  input: ScenarioInput,
  choices: SimulationChoices,
  onRecord: SimulateOptions["onRecord"],
): SimulateOptions {
  const { scenario } = input;
  const gateway = gatewayOf(input, choices.gateway);
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

function simulatedManifest(
  input: ScenarioInput,
  choices: SimulationChoices,
  squallVersion: string,
  result: SimulationResult,
): RunManifest {
  const { platform, providers } = input.scenario;
  const gateway = gatewayOf(input, choices.gateway);
  const scaling = choices.scaling === undefined ? undefined : prepareScaling(choices.scaling, platform);
  const beyond = beyondGateway(gateway.name, platform);
  return {
    ...describeInput(input, squallVersion),
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

function startingWith(scenario: Scenario, replicas: number): Scenario {
  return { ...scenario, platform: { ...scenario.platform, replicas } };
}

/** The part of a manifest that says what was asked for, alike for live and simulated runs. */
export function describeInput(
  input: ScenarioInput,
  squallVersion: string,
): Pick<RunManifest, "formatVersion" | "scenario" | "scenarioText" | "seed" | "squallVersion" | "trace" | "profiles"> {
  const { scenario, text, trace, windowMs } = input;
  return {
    formatVersion: runFormatVersion,
    scenario: scenario.name,
    scenarioText: text,
    seed: scenario.seed,
    squallVersion,
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
