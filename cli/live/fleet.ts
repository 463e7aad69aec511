/**
 * The fleet of a live run: real processes of the gateway behind HAProxy, the rules that move them, and an account of both.
 */
import { randomUUID } from "node:crypto";
import { distribution } from "../../core/distributions.ts";
import type { RandomStream } from "../../core/random.ts";
import { randomStream } from "../../core/random.ts";
import type { RequestRecord } from "../../core/record.ts";
import type { ReplicaAccount, RunEvent } from "../../core/run.ts";
import { plainFleet } from "../../core/scenario/plain-fleet.ts";
import type { FleetSpec } from "../../core/scenario/platform-spec.ts";
import type { Scenario } from "../../core/scenario/scenario.ts";
import { type Ms, secondMs } from "../../core/time.ts";
import { type CachedFront, withAnswerCache } from "../../gateways/answer-cache/front.ts";
import type { GatewayDriver, GatewayPolicy, Refusals, RunningGateway } from "../../gateways/driver.ts";
import type { BalancedFleetOptions } from "../../gateways/fleet/balanced-fleet.ts";
import type { FleetClock, LiveFleet, ReplicaHands } from "../../gateways/fleet/live-fleet.ts";
import { startBalancedFleet } from "../../gateways/fleet/start-fleet.ts";
import { findHaproxy, type HaproxyBinary, haproxyMissing } from "../../gateways/haproxy/binary.ts";
import { startHaproxy } from "../../gateways/haproxy/front.ts";
import type { LoadProgress } from "../../load/engine.ts";
import { Demand } from "../../simulator/demand.ts";
import { FleetLog } from "../../simulator/fleet-log.ts";
import { firstVersion } from "../../simulator/replica.ts";
import { Tally } from "../../simulator/tally.ts";
import type { MockProcess } from "../mock-process.ts";
import type { Watch } from "../prometheus/while-watched.ts";
import type { PreparedScaling } from "../scaling-input.ts";
import { ClusterHands, joinDeployment } from "./cluster.ts";
import { balanceOf } from "./fleet-plan.ts";
import { startProber } from "./fleet-prober.ts";
import { LiveScaling } from "./fleet-scaling.ts";
import { LiveReplicaSet } from "./replica-set.ts";

export interface LiveFleetOptions {
  /** As it can be played on this machine (`onThisMachine`). */
  readonly scenario: Scenario;
  readonly driver: GatewayDriver;
  readonly policy: GatewayPolicy;
  readonly scaling: PreparedScaling | undefined;
  readonly mock: MockProcess;
  readonly timeScale: number;
  /** Where what scales reads its metrics, in place of own samples. */
  readonly watch?: Pick<Watch, "loseSamples" | "readMetrics"> | undefined;
  /** Whether somebody may come to break replicas on purpose. */
  readonly breaks: boolean;
  /** Where the balancer listens; a free port unless given. */
  readonly port?: number | undefined;
  readonly cacheDir: string;
  readonly readyTimeoutMs: Ms;
  readonly onProgress: (text: string) => void;
  readonly signal: AbortSignal;
}

/** A fleet in a live run: a gateway to those who send, and hands and an account to those who run it. */
export interface FleetInRun {
  readonly gateway: Pick<RunningGateway, "description" | "call" | "exited" | "stop">;
  readonly fleet: LiveFleet;
  readonly replicas: ReplicaHands;
  readonly scaling: LiveScaling | undefined;
  /** What cannot be done to it, and why. */
  readonly refusals: Refusals;
  /** Whether its replicas can be broken on purpose. */
  readonly isBreakable: boolean;
  /** All answers that it keeps are lost; answers how many. Absent: it keeps none. */
  readonly loseAnswers?: () => Promise<number>;
  /** The run begins: scenario time is 0 now. */
  readonly begin: () => void;
  /** Its load begins: what waited until now was warming up. Never rejects. */
  readonly loadBegins: () => Promise<void>;
  /** How far the load engine has come with the present phase. */
  readonly saw: (seen: LoadProgress) => void;
  /** Nobody sends any more: nothing is moved any more. */
  readonly end: () => Promise<void>;
  readonly events: (durationMs: Ms) => readonly RunEvent[];
  /** `records`: what the clients sent, and how long it took. */
  readonly account: (durationMs: Ms, records: readonly RequestRecord[]) => ReplicaAccount;
}

/** Slots behind the balancer for each replica that may be wished for: as many may drain while others take their place. */
const slotsPerReplica = 2;

/** What belongs to the run and not to the fleet. */
interface Books {
  readonly spec: FleetSpec;
  readonly random: RandomStream;
  readonly log: FleetLog;
  readonly tally: Tally;
  readonly clock: FleetClock;
  /** By version: the share of requests that it fails by itself. */
  readonly errorShares: Map<string, number>;
}

/** Starts the replicas that are there from the start, and waits until they serve. Throws `haproxy-missing` without HAProxy. */
export async function startFleetInRun(options: LiveFleetOptions): Promise<FleetInRun> {
  const { scenario, scaling, mock, timeScale } = options;
  const spec = scenario.platform.fleet ?? plainFleet;
  const start = scaling === undefined ? scenario.platform.replicas : Math.min(scaling.start, spec.maxReplicas);
  let isRunning = false;
  const books: Books = {
    spec,
    random: randomStream(scenario.seed).split("fleet"),
    log: new FleetLog(),
    tally: new Tally(),
    clock: { nowMs: () => (isRunning ? mock.nowMs() : 0), timeScale },
    errorShares: new Map(),
  };
  const inCluster = options.driver.deployment !== undefined;
  const fleet = await (inCluster ? podsOf(options, books, start) : ownReplicas(options, books, start));
  const inRun = fleetInRun(options, books, fleet);
  return {
    ...inRun,
    begin: () => {
      isRunning = true;
      inRun.begin();
    },
  };
}

interface Fleet {
  readonly fleet: LiveFleet;
  readonly replicas: ReplicaHands;
  /** Of a fleet that does not count requests itself. */
  readonly saw?: (arrived: number, inFlight: number) => void;
  /** Of a fleet that keeps answers. */
  readonly loseAnswers?: () => Promise<number>;
}

/** Replicas that are started here, behind HAProxy. */
async function ownReplicas(options: LiveFleetOptions, books: Books, start: number): Promise<Fleet> {
  const binary = await findHaproxy(process.env);
  if (binary === undefined) throw haproxyMissing();
  // Once the fleet is there the replica set is told of everything; before that nothing comes or goes.
  const told: { replicas?: LiveReplicaSet; cached?: CachedFront } = {};
  const changed = (): void => told.replicas?.changed();
  const parts = balancedFleetOf(options, binary, books, changed);
  const { seed, platform } = options.scenario;
  const cache = platform.resilience?.cache;
  const startFront: BalancedFleetOptions["startFront"] = async (values) => {
    const front = await parts.startFront(values);
    if (cache === undefined) return front;
    told.cached = await withAnswerCache(front, { ...options, cache, seed });
    return told.cached.front;
  };
  const fleet = await startBalancedFleet({ ...parts, startFront }, start, firstVersion, options.signal);
  const replicas = new LiveReplicaSet({ ...books, fleet, start, versions: options.driver.versions });
  told.replicas = replicas;
  return { fleet, replicas, ...(told.cached === undefined ? {} : { loseAnswers: told.cached.loseAnswers }) };
}

/** Replicas that are pods of a cluster, behind its Service. Throws `kubectl-missing`, `kubectl-failed`, `gateway-not-ready`. */
async function podsOf(options: LiveFleetOptions, books: Books, start: number): Promise<Fleet> {
  const { driver, onProgress } = options;
  const told: { replicas?: ClusterHands } = {};
  const { clock, log } = books;
  const happened = (kind: string, subject: string, text: string): void =>
    log.happened(clock.nowMs(), kind, subject, text);
  const joined = await joinDeployment(driver, {
    ...options,
    gateway: await driver.start({ ...options, port: 0 }),
    start,
    clock,
    signal: options.signal,
    watcher: { happened, changed: () => told.replicas?.changed() },
    onCommand: (text) => {
      onProgress(text);
      happened("command", "gateway", text);
    },
    onTrouble: onProgress,
    isRehearsal: false,
  });
  told.replicas = new ClusterHands({ ...books, ...joined, start });
  return { fleet: joined.fleet, replicas: told.replicas, saw: (...counts) => joined.fleet.saw(...counts) };
}

function balancedFleetOf(
  options: LiveFleetOptions,
  binary: HaproxyBinary,
  { spec, random, log, clock, errorShares }: Books,
  changed: () => void,
): BalancedFleetOptions {
  const { driver, signal, breaks } = options;
  const slots = slotsPerReplica * spec.maxReplicas;
  const key = `sk-squall-${randomUUID()}`;
  return {
    startReplica: (policy, version, unwanted) => {
      const broken = breaks ? { breakable: { errorShare: errorShares.get(version) ?? 0 } } : {};
      return driver.start({
        ...options,
        ...broken,
        policy,
        version,
        key,
        port: 0,
        signal: AbortSignal.any([signal, unwanted]),
      });
    },
    policy: options.policy,
    startFront: (values) =>
      startHaproxy({
        ...options,
        binary,
        values,
        headers: [...values.keys()],
        balance: balanceOf(spec),
        slots,
        concurrency: spec.concurrency,
      }),
    slots,
    balance: spec.balance,
    ...(spec.balance === "weighted" ? { weights: spec.weights ?? {} } : {}),
    startupMs: startupsOf(spec, random),
    readinessMs: spec.readinessMs,
    graceMs: spec.graceMs,
    clock,
    signal,
    watcher: { happened: (kind, subject, text) => log.happened(clock.nowMs(), kind, subject, text), changed },
  };
}

function fleetInRun(
  { scaling, mock, driver, breaks, watch }: LiveFleetOptions,
  books: Books,
  { fleet, replicas, saw, loseAnswers }: Fleet,
): FleetInRun {
  const { spec, log, tally, clock, random } = books;
  const shared = { ...books, fleet, replicas, ledger: mock.ledger, random: random.split("scrapes") };
  const scaler = scaling === undefined ? undefined : new LiveScaling({ ...shared, watch, policy: scaling.policy });
  const { health, concurrency } = spec;
  let stopProbing: (() => void) | undefined;
  let usedMs: Ms | undefined;
  let mostWaiting: ReplicaAccount["mostWaiting"];
  let endMs: Ms = 0;
  return {
    gateway: {
      description: fleet.description,
      call: (model) => fleet.call(model),
      exited: fleet.exited,
      stop: (deadlineMs) => fleet.stop(deadlineMs),
    },
    fleet,
    replicas,
    scaling: scaler,
    refusals: driver.refusals ?? {},
    isBreakable: breaks && driver.isBreakable === true,
    ...(loseAnswers === undefined ? {} : { loseAnswers }),
    begin: () => {
      replicas.changed();
      scaler?.begin();
      // A cluster checks the health of its pods itself.
      if (health !== undefined && driver.deployment === undefined)
        stopProbing = startProber({ ...shared, spec: health });
    },
    loadBegins: async () => {
      await fleet.countMostAnew?.().catch(() => undefined); // a front that has died is told of elsewhere
    },
    saw: saw === undefined ? () => undefined : overPhases(saw),
    end: async () => {
      if (usedMs !== undefined) return;
      usedMs = 0;
      endMs = clock.nowMs();
      stopProbing?.();
      scaler?.stop();
      replicas.stop();
      const sample = await fleet.sample().catch(() => undefined);
      if (sample === undefined) return;
      usedMs = sample.cpuSeconds * secondMs * clock.timeScale;
      mostWaiting = sample.mostWaiting;
    },
    // A run that was broken off before its load began has no length, and what happened to its fleet meanwhile happened.
    events: (durationMs) => log.events.filter(({ atMs }) => atMs <= Math.max(durationMs, endMs)),
    account: (durationMs, records) => ({
      hourly: spec.hourly,
      startupMs: distribution(spec.startup).mean + spec.readinessMs,
      counts: log.counts.filter(({ atMs }) => atMs <= durationMs),
      demand: demandOf(records, usedMs ?? 0, concurrency, durationMs),
      ...(mostWaiting === undefined ? {} : { mostWaiting }),
      ...(Object.values(tally.counts).some((count) => count > 0) ? { tally: tally.counts } : {}),
    }),
  };
}

/** Progress is told phase by phase. */
function overPhases(saw: (arrived: number, inFlight: number) => void): (seen: LoadProgress) => void {
  let before = 0;
  let present: LoadProgress | undefined;
  return (seen) => {
    if (present !== undefined && present.phase !== seen.phase) before += present.finished + present.inFlight;
    present = seen;
    saw(before + seen.finished + seen.inFlight, seen.inFlight);
  };
}

/** Each replica draws its start-up from a stream of its own: the same as in the simulation of the scenario. */
function startupsOf({ startup }: FleetSpec, random: RandomStream): (id: number) => Ms {
  const times = distribution(startup);
  const stream = random.split("start-up");
  return (id) => times.draw(stream.split(id));
}

/** What the load asked of the fleet, each request alike: as much of a processor, and of a place, as one took on average. */
function demandOf(
  records: readonly RequestRecord[],
  usedMs: Ms,
  concurrency: number | undefined,
  durationMs: Ms,
): ReplicaAccount["demand"] {
  const requests = Math.max(1, records.length);
  const heldMs = records.reduce((sum, { sentMs, endMs }) => sum + endMs - sentMs, 0) / requests;
  const demand = new Demand();
  for (const { intendedMs } of records) demand.arrives(intendedMs, usedMs / requests);
  const place = concurrency === undefined ? undefined : { heldMs, placesPerReplica: concurrency };
  const bins = demand.bins(durationMs, place);
  // Pods of a cluster without metrics, and functions: nobody knows what they used.
  return usedMs > 0 || place !== undefined ? bins : bins.map(({ replicas: _unknown, ...bin }) => bin);
}
