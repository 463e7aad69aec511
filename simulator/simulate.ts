/**
 * Plays a scenario in virtual time: the same workload and the same providers as a live run, and a gateway's profile in
 * place of its process. One seed, one result, to the byte.
 *
 *     clients ─▶ gateway replicas ─▶ providers          events ◀─▶ kernel
 *        └────────── checkers ──────────┘
 */
import type { FaultSchedule } from "../behavior/faults/schedule.ts";
import type { GatewayProfile } from "../behavior/gateway-profile.ts";
import type { Provider } from "../behavior/provider.ts";
import type { Workload } from "../behavior/workload.ts";
import { invariant } from "../core/invariant.ts";
import type { RequestRecord } from "../core/record.ts";
import type { PhaseSpan, ProviderLedger, RunEvent } from "../core/run.ts";
import type { Scenario } from "../core/scenario/scenario.ts";
import type { Ms } from "../core/time.ts";
import { Checkers, type Conservation, type LittlesLaw } from "./checkers.ts";
import { Clients } from "./clients.ts";
import { steps } from "./events.ts";
import { Fleet, type ReplicaUse } from "./fleet.ts";
import { Gateway } from "./gateway.ts";
import { type Journey, JourneyTable } from "./journey.ts";
import { type Handler, Kernel, type KernelLimits } from "./kernel.ts";
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
  const providers = options.providers.map((provider) => checkers.watch(provider));
  const fleet = new Fleet(scenario.platform.replicas);
  const journeys = new JourneyTable();
  const { clients, gateway } = connect(options, { kernel, checkers, providers, fleet, journeys });

  clients.begin();
  kernel.run(handlersOf(clients, gateway, (slot) => journeys.at(slot)));
  invariant(clients.done, "every phase ends");

  const ledgers = providers.map((provider) => provider.ledger(kernel.nowMs));
  checkers.runEnded(journeys.count(), ledgers);
  const durationMs = clients.spans.at(-1)?.endMs ?? 0;
  const conservation = checkers.conservation();
  return {
    phases: clients.spans,
    events: timelineEvents(options.faults, durationMs),
    durationMs,
    ledgers,
    statistics: {
      events: kernel.fired,
      requests: conservation.arrived,
      conservation,
      littlesLaw: checkers.littlesLaw(durationMs),
      replicas: fleet.use(kernel.nowMs),
    },
  };
}

/** Everything that a simulation is made of but its two ends. */
interface Middle {
  readonly kernel: Kernel;
  readonly checkers: Checkers;
  readonly providers: readonly Provider[];
  readonly fleet: Fleet;
  readonly journeys: JourneyTable;
}

/** Clients send to the gateway, which tells them of the end; the checkers see both. */
function connect(options: SimulateOptions, middle: Middle): { readonly clients: Clients; readonly gateway: Gateway } {
  const { scenario, workload, gateway: profile } = options;
  const { kernel, checkers, providers, fleet, journeys } = middle;
  const { timeoutMs } = workload.client;
  invariant(Number.isFinite(timeoutMs), "clients do not wait for ever");
  const routes = routesOf(scenario.platform, providers, options.apiKeys);

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
    },
  });
  const clients = new Clients({
    kernel,
    workload,
    onPhaseStart: (phase) => {
      if (phase.name === "load") startTimeline(scenario.timeline, options.faults, kernel.nowMs);
    },
    onPhaseEnd: (phase) => checkers.phaseEnded(phase.name, journeys.count()),
    send: (phase, user, planned) => {
      const intendedMs = kernel.nowMs;
      const deadlineMs = intendedMs + timeoutMs;
      const route = routes(planned.model);
      checkers.arrives(intendedMs);
      const start = { phase: phase.name, user, planned, intendedMs, deadlineMs, replica: fleet.next(), route };
      gateway.receive(journeys.begin(start));
    },
  });
  return { clients, gateway };
}

/** The kernel's table: the steps of a journey, then what clients do of their own accord. */
function handlersOf(clients: Clients, gateway: Gateway, journeyAt: (slot: number) => Journey): readonly Handler[] {
  return [
    ...Object.values(steps).map(
      (step): Handler =>
        (slot) =>
          gateway.take(journeyAt(slot), step),
    ),
    (user) => clients.userSends(user),
    () => clients.requestArrives(),
    () => clients.phaseMayEnd(),
  ];
}
