/**
 * Wires a live run: mock providers in a process of their own, the real gateway in another, the load engine here.
 *
 * Whatever happens (an objective missed, Ctrl-C, a gateway that dies), the children are stopped and what was recorded is
 * returned; the run's status says how it ended.
 */
import { cpus, totalmem } from "node:os";
import { createFaultSchedule, type FaultSchedule } from "../../behavior/faults/schedule.ts";
import { beyondGateway } from "../../behavior/gateway-profiles/beyond.ts";
import { genaiPricesName } from "../../behavior/price/genai-prices.ts";
import { pricesInWords } from "../../behavior/price/own-prices.ts";
import { peopleOf, type Workload } from "../../behavior/workload.ts";
import type { RequestRecord } from "../../core/record.ts";
import type { MachineUse, ProviderLedger, Run, RunEvent, RunManifest } from "../../core/run.ts";
import { plainFleet } from "../../core/scenario/plain-fleet.ts";
import type { Scenario } from "../../core/scenario/scenario.ts";
import type { Ms } from "../../core/time.ts";
import type { GatewayPolicy, RunningGateway } from "../../gateways/driver.ts";
import { gatewayDriver, type ReplicaKind } from "../../gateways/drivers.ts";
import type { LiveFleet } from "../../gateways/fleet/live-fleet.ts";
import type { LoadProgress, LoadResult } from "../../load/engine.ts";
import { describeInput } from "../../simulator/scenario-run.ts";
import { startTimeline, timelineEvents } from "../../simulator/timeline.ts";
import { ownEngine, type ReadyEngine } from "../load-engine.ts";
import { type GatewayCpu, watchMachine } from "../machine-use.ts";
import { type MockProcess, startMockProcess } from "../mock-process.ts";
import type { Progress } from "../progress.ts";
import type { Watch } from "../prometheus/while-watched.ts";
import { prepareScaling, type ScalingInput } from "../scaling-input.ts";
import { type ScenarioInput, workloadOf } from "../scenario-input.ts";
import { squallVersion } from "../version.ts";
import { createLiveControl, type LiveControl } from "./control.ts";
import { beyondEngine, targetOf } from "./dealing.ts";
import { startLiveEvents } from "./events.ts";
import {
  beyondCluster,
  beyondFleet,
  leftToGateway,
  breaksReplicas,
  onThisMachine,
  wantsFleet,
  whyNoFleet,
} from "./fleet-plan.ts";
import { type FleetInRun, startFleetInRun } from "./fleet.ts";
import { eventFrom, faultFrom, workloadFrom } from "./from.ts";
import { joinWithJournal } from "./journal.ts";
import { gatewayPolicy, upstreamOf } from "./policy.ts";
import { LiveRoutes } from "./routes.ts";

export interface LiveRunChoices {
  /** Squall's own unless given. */
  readonly engine?: ReadyEngine | undefined;
  /** Driver name or URL. */
  readonly gateway: string;
  /** Scenario milliseconds per wall millisecond. */
  readonly timeScale: number;
  /** What scales the replicas, where the gateway has several; without it their number stays. */
  readonly scaling?: ScalingInput | undefined;
  /** Whether the gateway is a fleet that somebody has hands on; where the scenario wants one, unless given. */
  readonly fleet?: "never" | "always" | undefined;
  /** What its replicas are; processes unless given. */
  readonly replicas?: ReplicaKind | undefined;
  /** Port of the mock providers, for a gateway that was pointed at them by hand; 0 picks a free one. */
  readonly mockPort: number;
  /** How long the gateway may take to become ready, wall time. */
  readonly readyTimeoutMs: Ms;
  readonly cacheDir: string;
  readonly progress: Progress;
  readonly signal: AbortSignal;
  /** The load begins at this instant of it, as one that was broken off goes on; at its start unless given. */
  readonly fromMs?: Ms | undefined;
  /** Whoever looks on while the run goes on. */
  readonly onlooker?: Onlooker | undefined;
  /** What measures the run in place of Squall's own samples; the run breaks off when it ends. */
  readonly watch?: Pick<Watch, "description" | "exited" | "loseSamples" | "readMetrics"> | undefined;
}

export interface Onlooker {
  /** The run begins; these are its providers. */
  readonly began: (
    providers: Pick<MockProcess, "ledger" | "metricsUrl" | "nowMs">,
    platform: { readonly gateway: Pick<RunningGateway, "metricsUrl">; readonly fleet: LiveFleet | undefined },
  ) => void;
  /** A request has ended, and what the providers know of it is in its record: all, unless its client gave up. */
  readonly ended: (record: RequestRecord) => void;
  /** The load begins; with these, it can be acted upon as long as it lasts. */
  readonly loads?: (hands: LiveHands) => void;
}

/** What acts on a live run, and asks it. */
export interface LiveHands {
  readonly control: LiveControl;
  readonly fleet: FleetInRun | undefined;
  readonly mock: Pick<MockProcess, "addFault" | "baseUrl" | "nowMs" | "tokenLimitUse">;
  /** When the load began, in the run's time; before its start where it goes on with one that was broken off. */
  readonly startMs: Ms;
}

/** How long a gateway may take to become ready unless told otherwise, wall time. */
export const gatewayReadyMs: Ms = 30_000;
/** How long children may take to stop before they are killed, wall time. */
const stopDeadlineMs: Ms = 3_000;
/** Requests and connections open at once; a run that reaches them says that the generator was the bottleneck. */
const loadLimits = { maxInFlight: 10_000, maxConnections: 2_000 } as const;

/**
 * Runs the scenario live. Errors: `trace-window-empty`, `gateway-not-ready`, `mock-not-ready`; the signal's reason when nothing
 * was sent yet.
 */
export async function runLive(input: ScenarioInput, choices: LiveRunChoices): Promise<Run> {
  const { progress, signal, timeScale, engine = ownEngine } = choices;
  const startedAt = new Date().toISOString();
  const driver = gatewayDriver(choices.gateway, choices.replicas);
  const hasFleet = playsFleet(input.scenario, driver.name, choices);
  const inCluster = driver.deployment !== undefined;
  const scenario = hasFleet && !inCluster ? onThisMachine(input.scenario) : input.scenario;
  const planned = { ...input, scenario, workload: workloadFrom(workloadOf(input), choices.fromMs ?? 0) };
  await driver.install(choices.cacheDir, (text) => progress.step(text), signal);
  progress.step("starting the mock providers");
  const changesKeys = scenario.events?.some(({ action }) => action.kind === "rotate-key") ?? false;
  const spareKeys = changesKeys || choices.fleet === "always";
  const host = await driver.upstreamHost?.();
  const mock = await startMockProcess(scenario, { port: choices.mockPort, host, timeScale, spareKeys, signal });
  try {
    progress.step(`starting the gateway: ${choices.gateway}`);
    const body = !hasFleet ? "process" : inCluster ? "cluster" : "fleet";
    const unplayed = [
      ...beyondPlatform(input.scenario, scenario, choices.gateway, body),
      ...beyondEngine(engine.name, scenario),
    ];
    const start = {
      policy: gatewayPolicy(scenario, mock, timeScale),
      port: scenario.platform.live?.port ?? 0,
      cacheDir: choices.cacheDir,
      readyTimeoutMs: choices.readyTimeoutMs,
      onProgress: (text: string) => progress.note(text),
      metrics: choices.watch !== undefined,
      signal,
    };
    const scaling =
      !hasFleet || choices.scaling === undefined ? undefined : prepareScaling(choices.scaling, scenario.platform);
    const breaks = choices.fleet === "always" || breaksReplicas(scenario);
    const ofFleet = { scenario, driver, scaling, mock, timeScale, watch: choices.watch, breaks };
    const fleet = hasFleet ? await startFleetInRun({ ...start, ...ofFleet }) : undefined;
    const gateway = fleet === undefined ? serving(await driver.start(start)) : servingFleet(fleet);
    try {
      const playing = { mock, gateway, fleet, policy: start.policy };
      const { result, status, providers, records, events, machine } = await play(planned, choices, playing);
      return {
        manifest: {
          ...describeInput(input, squallVersion()),
          kind: "live",
          engine: engine.name,
          gateway: gateway.description,
          timeScale,
          startedAt,
          environment: { ...environmentInWords(), ...engine.environment, ...watchInWords(choices) },
          durationMs: result.durationMs,
          status,
          phases: result.phases,
          providers,
          prices: pricesInWords(genaiPricesName, scenario.providers),
          ...(unplayed.length === 0 ? {} : { beyondGateway: unplayed }),
          ...(scaling === undefined ? {} : { scaling: scaling.account }),
          ...(fleet === undefined ? {} : { replicas: fleet.account(result.durationMs, records) }),
          generator: result.generator,
          ...(machine === undefined ? {} : { machine }),
        },
        records,
        events,
      };
    } finally {
      await gateway.stop(stopDeadlineMs);
    }
  } finally {
    await mock.stop(stopDeadlineMs);
  }
}

/** What the platform is asked for and does not do here. */
function beyondPlatform(
  asked: Scenario,
  { platform }: Scenario,
  gateway: string,
  body: "process" | "fleet" | "cluster",
): readonly string[] {
  switch (body) {
    case "process":
      return beyondGateway(gateway, platform);
    case "cluster":
      return [...beyondGateway(gateway, platform), ...beyondCluster(asked.platform)];
    case "fleet":
      return [...beyondGateway(gateway, leftToGateway(platform)), ...beyondFleet(asked.platform)];
  }
}

/** Whether the gateway runs as a fleet; where the scenario wants one and cannot have it, that is told. */
function playsFleet(scenario: Scenario, driver: string, { fleet, scaling, progress }: LiveRunChoices): boolean {
  if (fleet !== "always" && !wantsFleet(scenario) && scaling === undefined) return false;
  const why = fleet === "never" ? "--no-fleet was given" : whyNoFleet(scenario, driver);
  if (why === undefined) return true;
  progress.note(`one process of the gateway is played: ${why}`);
  return false;
}

/** One process of the gateway, or several behind a balancer. */
interface Serving extends Pick<RunningGateway, "description" | "call" | "exited" | "metricsUrl" | "stop"> {
  readonly cpuSeconds: GatewayCpu;
}

function serving(gateway: RunningGateway): Serving {
  return { ...gateway, cpuSeconds: async () => (await gateway.usage())?.cpuSeconds };
}

function servingFleet({ gateway, fleet }: FleetInRun): Serving {
  return { ...gateway, cpuSeconds: async () => (await fleet.sample()).cpuSeconds };
}

/** Everything that runs beside the load engine. */
interface Playing {
  readonly mock: MockProcess;
  readonly gateway: Serving;
  /** undefined: one process of the gateway. */
  readonly fleet: FleetInRun | undefined;
  readonly policy: GatewayPolicy;
}

interface Played extends Pick<Run, "records" | "events"> {
  readonly result: LoadResult;
  readonly status: RunManifest["status"];
  readonly providers: readonly ProviderLedger[];
  readonly machine: RunManifest["machine"];
}

async function play(
  { scenario, workload }: ScenarioInput & { readonly workload: Workload },
  choices: LiveRunChoices,
  { mock, gateway, fleet, policy }: Playing,
): Promise<Played> {
  const { progress, timeScale, fromMs = 0 } = choices;
  const faults = createFaultSchedule();
  const trouble = watchForTrouble(gateway, mock, choices.watch);
  const acts = actsOn(scenario, { mock, fleet, policy, timeScale });
  const joined = joinWithJournal(mock, trouble.happened, (record) => {
    acts.control.ended(record);
    choices.onlooker?.ended(record);
  });
  let machineUse: (() => Promise<MachineUse>) | undefined;
  // Everything that is to happen under load has its instant before the load begins.
  const prepareLoad = async (): Promise<void> => {
    machineUse = await watchMachine(gateway.cpuSeconds);
    await fleet?.loadBegins();
    const startMs = mock.nowMs() - fromMs;
    acts.begin(startMs, fromMs);
    choices.onlooker?.loads?.({ control: acts.control, fleet, mock, startMs });
    const timeline = scenario.timeline.flatMap((entry) => faultFrom(entry, fromMs) ?? []);
    await beginTimeline(timeline, faults, mock, startMs).catch(trouble.happened);
  };
  try {
    await mock.reset();
    choices.onlooker?.began(mock, { gateway, fleet: fleet?.fleet });
    fleet?.begin();
    const result = await (choices.engine ?? ownEngine).play({
      workload,
      target: targetOf(scenario, gateway),
      timeScale: choices.timeScale,
      onRecord: joined.record,
      onPhase: async (phase) => {
        if (phase.name === "load") await prepareLoad();
        progress.step(phaseInWords(phase.name, peopleOf(phase)));
      },
      onProgress: (seen) => {
        progress.detail(progressInWords(seen));
        fleet?.saw(seen);
      },
      signal: AbortSignal.any([choices.signal, trouble.signal]),
      limits: loadLimits,
    });
    const machine = await machineUse?.();
    acts.stop();
    await fleet?.end();
    if (result.failure !== undefined) trouble.happened(result.failure);
    // Providers that cannot be read any more lose the count of money, not the run.
    const records = await joined.finish();
    const providers = await mock.ledger().catch((cause: unknown) => {
      trouble.happened(cause);
      return [];
    });
    const { durationMs } = result;
    const happened = [...timelineEvents(faults, durationMs), ...acts.events(), ...(fleet?.events(durationMs) ?? [])];
    const events = happened.toSorted((left, right) => left.atMs - right.atMs);
    const reason = trouble.reason();
    if (reason === undefined) return { result, status: result.status, providers, records, events, machine };
    const end: RunEvent = { atMs: result.durationMs, kind: "failure", subject: "run", text: reason };
    return { result, status: "failed", providers, records, events: [...events, end], machine };
  } finally {
    acts.stop();
    await fleet?.end();
    joined.stop();
  }
}

/** Puts the scenario's timeline on the mock's schedule. */
async function beginTimeline(
  timeline: Scenario["timeline"],
  faults: FaultSchedule,
  mock: MockProcess,
  startMs: Ms,
): Promise<void> {
  startTimeline(timeline, faults, startMs);
  for (const entry of faults.entries()) await mock.addFault(entry);
}

/** What breaks a run off: a child that ends by itself, or providers that cannot be told what to do. The first reason counts. */
interface Trouble {
  /** Aborted when there is any. */
  readonly signal: AbortSignal;
  readonly happened: (cause: unknown) => void;
  readonly reason: () => string | undefined;
}

function watchForTrouble(
  gateway: Pick<RunningGateway, "exited">,
  mock: MockProcess,
  watch: LiveRunChoices["watch"],
): Trouble {
  const stop = new AbortController();
  let reason: string | undefined;
  const happened = (cause: unknown): void => {
    reason ??= cause instanceof Error ? cause.message : String(cause);
    stop.abort(reason);
  };
  void gateway.exited.then((why) => happened(`the gateway ended during the run: ${why}`));
  void mock.exited.then((why) => happened(`the mock providers ended during the run: ${why}`));
  void watch?.exited.then((why) => happened(`what measures ended during the run: ${why}`));
  return { signal: stop.signal, happened, reason: () => reason };
}

interface Acts {
  readonly control: LiveControl;
  readonly begin: (startMs: Ms, fromMs: Ms) => void;
  readonly stop: () => void;
  /** What was done so far. */
  readonly events: () => readonly RunEvent[];
}

/** What the scenario's timeline does to the platform, as long as the load lasts. */
function actsOn(
  scenario: Scenario,
  { mock, fleet, policy, timeScale }: Omit<Playing, "gateway"> & { readonly timeScale: number },
): Acts {
  const events: RunEvent[] = [];
  const routes = new LiveRoutes(policy, (name) => upstreamOf(scenario, mock, name));
  const replicasMax = (scenario.platform.fleet ?? plainFleet).maxReplicas;
  const control = createLiveControl({ fleet, mock, routes, providers: scenario.providers, timeScale, replicasMax });
  let giveUp = (): void => undefined;
  return {
    control,
    begin: (startMs, fromMs) => {
      const due = (scenario.events ?? []).flatMap((event) => eventFrom(event, fromMs) ?? []);
      giveUp = startLiveEvents(due, startMs, {
        control,
        clock: { nowMs: mock.nowMs, timeScale },
        happened: (atMs, kind, subject, text) => events.push({ atMs, kind, subject, text }),
      });
    },
    stop: () => {
      giveUp();
      control.stop();
    },
    events: () => events,
  };
}

function phaseInWords(name: RequestRecord["phase"], users: number | undefined): string {
  const who = users === undefined ? "" : users === 1 ? ": one person alone" : `: ${users} people at once`;
  return { warmup: "warming up", baseline: `live, baseline${who}`, load: `live, under load${who}` }[name];
}

function progressInWords(seen: LoadProgress): string {
  const total = seen.planned === undefined ? "" : ` of ${seen.planned}`;
  const failed = seen.failed === 0 ? "" : `, ${seen.failed} not ok`;
  return `${seen.finished}${total} requests, ${seen.inFlight} in flight${failed}`;
}

function watchInWords({ watch }: LiveRunChoices): Record<string, string> {
  return watch === undefined ? {} : { metrics: watch.description };
}

function environmentInWords(): Record<string, string> {
  const [first] = cpus();
  return {
    node: process.version,
    platform: `${process.platform} ${process.arch}`,
    cpu: `${cpus().length} x ${first?.model.trim() ?? "unknown"}`,
    memory: `${Math.round(totalmem() / 2 ** 30)} GiB`,
  };
}
