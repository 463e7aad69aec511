/**
 * Plays a scenario in virtual time: the same workload and the same providers as a live run, and a gateway's profile in
 * place of its process. One seed, one result, to the byte.
 *
 *     clients ─▶ fleet ─▶ gateway replicas ─▶ providers          events ◀─▶ kernel
 *        │        ▲ └─▶ metrics ─▶ policy
 *        │        └──────────────────┘
 *        └────────── checkers ──────────────────┘
 */
import type { FaultSchedule } from "../behavior/faults/schedule.ts";
import type { GatewayProfile } from "../behavior/gateway-profile.ts";
import type { Provider } from "../behavior/provider.ts";
import type { ScalingPolicy } from "../behavior/scaling/policy.ts";
import type { Workload } from "../behavior/workload.ts";
import { invariant } from "../core/invariant.ts";
import type { RequestRecord } from "../core/record.ts";
import type { OwnCalls, PhaseSpan, ProviderLedger, ReplicaAccount, RunEvent } from "../core/run.ts";
import type { Scenario } from "../core/scenario/scenario.ts";
import type { Ms } from "../core/time.ts";
import { Assembly, type Middle, type PlatformView } from "./assembly.ts";
import { Checkers, type Conservation, type LittlesLaw } from "./checkers.ts";
import { clientActs, fleetActs, steps } from "./events.ts";
import { fleetLife } from "./fleet-events.ts";
import type { ReplicaUse } from "./fleet.ts";
import type { Journey } from "./journey.ts";
import { JourneyTable } from "./journey-table.ts";
import { type Handler, Kernel, type KernelLimits } from "./kernel.ts";
import type { PlatformControl } from "./platform-control.ts";
import type { ChunkWork } from "./stream-passage.ts";
import { timelineEvents } from "./timeline.ts";

export interface SimulateOptions {
  readonly scenario: Pick<Scenario, "seed" | "platform" | "timeline" | "events"> & Partial<Pick<Scenario, "providers">>;
  readonly workload: Workload;
  readonly gateway: GatewayProfile;
  /** Fresh ones: they keep what they have counted. */
  readonly providers: readonly Provider[];
  /** By name of the provider. */
  readonly apiKeys: ReadonlyMap<string, string>;
  /** The schedule that the providers look at; the scenario's timeline goes on it when the load begins. */
  readonly faults: FaultSchedule;
  /** Scenario milliseconds per wall millisecond of the live run being predicted: the gateway's own times appear this many times as long. */
  readonly timeScale: number;
  /** Says how many replicas there are to be; without it their number stays. A fresh one: it remembers. */
  readonly scaling?: ScalingPolicy;
  /** Gets every request when nothing more will happen to it, upstream either. */
  readonly onRecord: (record: RequestRecord) => void;
  readonly limits?: Partial<KernelLimits>;
  /** Default: `flow`. */
  readonly chunks?: ChunkWork;
  /** Somebody will act on the platform beside what the scenario plans. Unless given, nobody will. */
  readonly isControlled?: boolean;
  /** Records say what the time of each request went into. Unless given, they do not. */
  readonly explain?: boolean;
  /** What the same answer costs from each model, for a gateway that may take a cheaper one; without it there is none. */
  readonly dearness?: ReadonlyMap<string, number>;
}

/** A simulation that is played bit by bit, for whoever wants to look and act in between. */
export interface Simulation {
  /** Plays everything up to and including an instant. */
  readonly playTo: (untilMs: Ms) => void;
  /** Up to when it has been played. */
  readonly nowMs: () => Ms;
  /** Whether every client has its answer: the run is over. */
  readonly isOver: () => boolean;
  /** Acts on the platform, now or later; in effect with the next instant that is played. */
  readonly control: Pick<PlatformControl, "apply">;
  /** The platform at this instant. */
  readonly view: () => PlatformView;
  /** Plays what is left, checks it, and sums up. Once. */
  readonly finish: () => SimulationResult;
}

export interface SimulationResult {
  readonly phases: readonly PhaseSpan[];
  readonly events: readonly RunEvent[];
  /** End of the last phase. Calls that went on for clients who had left may have ended later. */
  readonly durationMs: Ms;
  readonly ledgers: readonly ProviderLedger[];
  /** Absent where the replicas are there from the start, stay, and cost nothing. */
  readonly replicas?: ReplicaAccount;
  /** Absent where the platform asked nobody anything of its own accord. */
  readonly ownCalls?: OwnCalls;
  readonly statistics: SimulationStatistics;
}

export interface SimulationStatistics {
  /** Kernel events fired. */
  readonly events: number;
  readonly requests: number;
  readonly conservation: Conservation;
  readonly littlesLaw: LittlesLaw;
  readonly replicas: readonly ReplicaUse[];
}

/** Requests in flight at once, and events in all: minutes of computing, and some hundred megabytes. */
const defaultLimits: KernelLimits = { pendingMax: 1_000_000, eventsMax: 2_000_000_000 };

/**
 * Runs the simulation to its end. Error `simulation-too-large` when it needs more events than the limits allow; a broken
 * conservation law is an `InvariantError` that names the seed.
 */
export function simulate(options: SimulateOptions): SimulationResult {
  return beginSimulation(options).finish();
}

/** The same, to be played bit by bit. */
export function beginSimulation(options: SimulateOptions): Simulation {
  const { scenario } = options;
  const kernel = new Kernel({ ...defaultLimits, ...options.limits });
  const checkers = new Checkers(scenario.seed);
  const watched = options.providers.map((provider) => checkers.watch(provider));
  const middle: Middle = { kernel, checkers, watched, journeys: new JourneyTable() };
  const connected = new Assembly(options, middle);
  const handlers = handlersOf(connected, (slot) => middle.journeys.at(slot));
  let playedMs = 0;

  connected.platform.begin();
  connected.clients.begin();
  return {
    playTo: (untilMs) => {
      kernel.run(handlers, untilMs);
      playedMs = Math.max(playedMs, untilMs);
    },
    nowMs: () => Math.max(playedMs, kernel.nowMs),
    isOver: () => connected.clients.done,
    control: connected.control,
    view: () => connected.view,
    finish: () => {
      kernel.run(handlers);
      return resultOf(options, middle, connected);
    },
  };
}

function resultOf(options: SimulateOptions, middle: Middle, connected: Assembly): SimulationResult {
  const { kernel, checkers, watched } = middle;
  const { clients, platform, gatewayLog } = connected;
  invariant(clients.done, "every phase ends");
  const ledgers = watched.map((provider) => provider.ledger(kernel.nowMs));
  checkers.runEnded(connected.onTheirWay(), ledgers);
  const durationMs = clients.spans.at(-1)?.endMs ?? 0;
  const conservation = checkers.conservation();
  const replicas = platform.account(durationMs);
  const ownCalls = checkers.ownCalls();
  return {
    phases: clients.spans,
    events: inOrder([
      ...timelineEvents(options.faults, durationMs),
      ...platform.events(durationMs),
      ...gatewayLog.upTo(durationMs),
    ]),
    durationMs,
    ledgers,
    ...(replicas === undefined ? {} : { replicas }),
    ...(ownCalls === undefined ? {} : { ownCalls }),
    statistics: {
      events: kernel.fired,
      requests: conservation.arrived,
      conservation,
      littlesLaw: checkers.littlesLaw(durationMs),
      replicas: platform.use(kernel.nowMs),
    },
  };
}

/** The kernel's table: the steps of a journey, what clients do of their own accord, what happens to the fleet. */
function handlersOf(connected: Assembly, journeyAt: (slot: number) => Journey): readonly Handler[] {
  const { clients, gateway, platform, control, efforts } = connected;
  const { fleet, loop, serverless, queue, health } = platform;
  const table: Handler[] = [];
  for (const step of Object.values(steps)) table[step] = (slot) => gateway.take(journeyAt(slot), step);
  table[clientActs.userSends] = (user) => clients.userSends(user);
  table[clientActs.requestArrives] = () => clients.requestArrives();
  table[clientActs.phaseMayEnd] = () => clients.phaseMayEnd();
  table[clientActs.clientTriesAgain] = (slot) => efforts?.triesAgain(slot);
  table[fleetActs.replicaRuns] = (replica) => platform.runs(replica);
  table[fleetActs.replicaReady] = (replica) => fleet.isReady(replica);
  table[fleetActs.metricsScraped] = () => loop?.scrape();
  table[fleetActs.policyAsked] = () => loop?.ask();
  table[fleetLife.graceEnds] = (replica) => fleet.graceEnds(replica);
  table[fleetLife.slowStartEnds] = (replica) => fleet.slowStartEnds(replica);
  table[fleetLife.probesRun] = () => health?.run();
  table[fleetLife.lossReplaced] = (count) => fleet.lossReplaced(count);
  table[fleetLife.actionDue] = (plan) => control.due(plan);
  table[fleetLife.requestReaches] = (slot) => platform.reaches(journeyAt(slot));
  table[fleetLife.instanceIdles] = (replica) => serverless?.idles(replica);
  table[fleetLife.functionTimesOut] = (slot) => serverless?.timesOut(journeyAt(slot));
  table[fleetLife.visibilityEnds] = (slot) => queue?.visibilityEnds(journeyAt(slot));
  return table;
}

function inOrder(events: readonly RunEvent[]): readonly RunEvent[] {
  return events.toSorted((left, right) => left.atMs - right.atMs);
}
