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
import type { PhaseSpan, ProviderLedger, ReplicaAccount, RunEvent } from "../core/run.ts";
import type { Scenario } from "../core/scenario/scenario.ts";
import type { Ms } from "../core/time.ts";
import { Checkers, type Conservation, type LittlesLaw } from "./checkers.ts";
import { Clients } from "./clients.ts";
import { steps } from "./events.ts";
import type { ReplicaUse } from "./fleet.ts";
import { Gateway } from "./gateway.ts";
import { type Journey, JourneyTable } from "./journey.ts";
import { type Handler, Kernel, type KernelLimits } from "./kernel.ts";
import { Platform } from "./platform.ts";
import { nowhere } from "./replica.ts";
import { routesOf } from "./routes.ts";
import type { ChunkWork } from "./stream-passage.ts";
import { startTimeline, timelineEvents } from "./timeline.ts";

export interface SimulateOptions {
  readonly scenario: Pick<Scenario, "seed" | "platform" | "timeline">;
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
}

export interface SimulationResult {
  readonly phases: readonly PhaseSpan[];
  readonly events: readonly RunEvent[];
  /** End of the last phase. Calls that went on for clients who had left may have ended later. */
  readonly durationMs: Ms;
  readonly ledgers: readonly ProviderLedger[];
  /** Absent where the replicas are there from the start, stay, and cost nothing. */
  readonly replicas?: ReplicaAccount;
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
  const { scenario } = options;
  const kernel = new Kernel({ ...defaultLimits, ...options.limits });
  const checkers = new Checkers(scenario.seed);
  const watched = options.providers.map((provider) => checkers.watch(provider));
  const journeys = new JourneyTable();
  const { clients, gateway, platform } = connect(options, { kernel, checkers, watched, journeys });

  clients.begin();
  kernel.run(handlersOf(clients, gateway, platform, (slot) => journeys.at(slot)));
  invariant(clients.done, "every phase ends");

  const ledgers = watched.map((provider) => provider.ledger(kernel.nowMs));
  checkers.runEnded(journeys.count(), ledgers);
  const durationMs = clients.spans.at(-1)?.endMs ?? 0;
  const conservation = checkers.conservation();
  const replicas = platform.account(durationMs);
  return {
    phases: clients.spans,
    events: inOrder([...timelineEvents(options.faults, durationMs), ...platform.events(durationMs)]),
    durationMs,
    ledgers,
    ...(replicas === undefined ? {} : { replicas }),
    statistics: {
      events: kernel.fired,
      requests: conservation.arrived,
      conservation,
      littlesLaw: checkers.littlesLaw(durationMs),
      replicas: platform.fleet.use(kernel.nowMs),
    },
  };
}

/** Everything that a simulation is made of but its two ends. */
interface Middle {
  readonly kernel: Kernel;
  readonly checkers: Checkers;
  readonly watched: readonly Provider[];
  readonly journeys: JourneyTable;
}

interface Connected {
  readonly clients: Clients;
  readonly gateway: Gateway;
  readonly platform: Platform;
}

/** Clients send to the platform, whose gateway tells them of the end; the checkers see both. */
function connect(options: SimulateOptions, middle: Middle): Connected {
  const { scenario, workload, gateway: profile } = options;
  const { kernel, checkers, watched, journeys } = middle;
  const { timeoutMs } = workload.client;
  invariant(Number.isFinite(timeoutMs), "clients do not wait for ever");

  const platform = new Platform({
    kernel,
    scenario,
    profile,
    timeScale: options.timeScale,
    policy: options.scaling,
    providers: watched,
    onPlaced: (journey) => gateway.receive(journey),
  });
  const routes = routesOf(scenario.platform, platform.providers, options.apiKeys);
  const gateway = new Gateway({
    kernel,
    profile,
    retries: scenario.platform.retries,
    timeScale: options.timeScale,
    chunks: options.chunks ?? "flow",
    onClientDone: (journey) => {
      checkers.ends(kernel.nowMs, journey.isOk);
      clients.ended(journey);
    },
    onJourneyEnd: (journey) => {
      const record = journey.record();
      checkers.recorded(record);
      options.onRecord(record);
      journeys.end(journey);
      platform.fleet.leave(journey);
    },
  });
  const clients = new Clients({
    kernel,
    workload,
    onPhaseStart: (phase) => {
      if (phase.name === "load") startTimeline(scenario.timeline, options.faults, kernel.nowMs);
    },
    onPhaseEnd: (phase) => {
      checkers.phaseEnded(phase.name, journeys.count());
      if (clients.done) platform.stop();
    },
    send: (phase, user, planned) => {
      const intendedMs = kernel.nowMs;
      const leaveAfterMs = planned.leaveAfterMs ?? Number.POSITIVE_INFINITY;
      const leaves = leaveAfterMs < timeoutMs;
      const deadlineMs = intendedMs + Math.min(leaveAfterMs, timeoutMs);
      const route = routes(planned.model);
      checkers.arrives(intendedMs);
      const start = { phase: phase.name, user, planned, intendedMs, deadlineMs, leaves, replica: nowhere, route };
      platform.receive(journeys.begin(start));
    },
  });
  platform.begin();
  return { clients, gateway, platform };
}

/** The kernel's table: the steps of a journey, what clients do of their own accord, what happens to the fleet. */
function handlersOf(
  clients: Clients,
  gateway: Gateway,
  { fleet, loop }: Platform,
  journeyAt: (slot: number) => Journey,
): readonly Handler[] {
  return [
    ...Object.values(steps).map(
      (step): Handler =>
        (slot) =>
          gateway.take(journeyAt(slot), step),
    ),
    (user) => clients.userSends(user),
    () => clients.requestArrives(),
    () => clients.phaseMayEnd(),
    (replica) => fleet.runs(replica),
    (replica) => fleet.isReady(replica),
    () => loop?.scrape(),
    () => loop?.ask(),
  ];
}

function inOrder(events: readonly RunEvent[]): readonly RunEvent[] {
  return events.toSorted((left, right) => left.atMs - right.atMs);
}
