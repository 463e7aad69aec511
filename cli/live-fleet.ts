/**
 * The fleet of a live run: real processes of the gateway behind HAProxy, the rules that move them, and an account of both.
 */
import type { RandomStream } from "../core/random.ts";
import { randomStream } from "../core/random.ts";
import { type Distribution, distribution } from "../core/distributions.ts";
import type { RequestRecord } from "../core/record.ts";
import type { ReplicaAccount, RunEvent } from "../core/run.ts";
import { plainFleet } from "../core/scenario/plain-fleet.ts";
import type { FleetSpec } from "../core/scenario/platform-spec.ts";
import type { Scenario } from "../core/scenario/scenario.ts";
import { type Ms, secondMs } from "../core/time.ts";
import type { GatewayDriver, GatewayPolicy, RunningGateway } from "../gateways/driver.ts";
import type { LiveFleet } from "../gateways/fleet/live-fleet.ts";
import { startProcessFleet } from "../gateways/fleet/process-fleet.ts";
import { findHaproxy, haproxyMissing } from "../gateways/haproxy/binary.ts";
import { startHaproxy } from "../gateways/haproxy/front.ts";
import { Demand } from "../simulator/demand.ts";
import { FleetLog } from "../simulator/fleet-log.ts";
import { firstVersion } from "../simulator/replica.ts";
import { Tally } from "../simulator/tally.ts";
import { balanceOf } from "./live-fleet-plan.ts";
import { startProber } from "./live-fleet-prober.ts";
import { LiveScaling } from "./live-fleet-scaling.ts";
import { LiveReplicaSet } from "./live-replica-set.ts";
import type { MockProcess } from "./mock-process.ts";
import type { PreparedScaling } from "./scaling-input.ts";

export interface LiveFleetOptions {
  /** As it can be played on this machine (`onThisMachine`). */
  readonly scenario: Scenario;
  readonly driver: GatewayDriver;
  readonly policy: GatewayPolicy;
  readonly scaling: PreparedScaling | undefined;
  readonly mock: MockProcess;
  readonly timeScale: number;
  readonly cacheDir: string;
  readonly readyTimeoutMs: Ms;
  readonly onProgress: (text: string) => void;
  readonly signal: AbortSignal;
}

/** A fleet in a live run: a gateway to those who send, and hands and an account to those who run it. */
export interface FleetInRun {
  readonly gateway: Pick<RunningGateway, "description" | "call" | "exited" | "stop">;
  readonly fleet: LiveFleet;
  readonly replicas: LiveReplicaSet;
  readonly scaling: LiveScaling | undefined;
  readonly log: FleetLog;
  /** The run begins: scenario time is 0 now. */
  readonly begin: () => void;
  /** Nobody sends any more: nothing is moved any more. */
  readonly end: () => Promise<void>;
  readonly events: (durationMs: Ms) => readonly RunEvent[];
  /** `records`: what the clients sent, and how long it took. */
  readonly account: (durationMs: Ms, records: readonly RequestRecord[]) => ReplicaAccount;
}

/** Slots behind the balancer for each replica that may be wished for: as many may drain while others take their place. */
const slotsPerReplica = 2;

/** Starts the replicas that are there from the start, and waits until they serve. Throws `haproxy-missing` without HAProxy. */
export async function startFleetInRun(options: LiveFleetOptions): Promise<FleetInRun> {
  const binary = await findHaproxy(process.env);
  if (binary === undefined) throw haproxyMissing();
  const { scenario, driver, scaling, mock, timeScale, signal } = options;
  const spec = scenario.platform.fleet ?? plainFleet;
  const start = scaling === undefined ? scenario.platform.replicas : Math.min(scaling.start, spec.maxReplicas);
  const random = randomStream(scenario.seed).split("fleet");
  const log = new FleetLog();
  const tally = new Tally();
  let isRunning = false;
  let isOver = false;
  let usedMs: Ms = 0;
  const clock = { nowMs: (): Ms => (isRunning ? mock.nowMs() : 0), timeScale };
  // Once the fleet is there it is told of everything; before that nothing comes or goes.
  const told: { replicas?: LiveReplicaSet } = {};
  const slots = slotsPerReplica * spec.maxReplicas;
  const startup = startups(spec, random);
  const fleet = await startProcessFleet(
    {
      startReplica: (policy, _version, unwanted) =>
        driver.start({ ...options, policy, port: 0, signal: AbortSignal.any([signal, unwanted]) }),
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
      keepsSessions: spec.balance === "consistent-hash",
      ...(spec.balance === "weighted" ? { weights: spec.weights ?? {} } : {}),
      startupMs: startup.drawMs,
      readinessMs: spec.readinessMs,
      graceMs: spec.graceMs,
      clock,
      watcher: {
        happened: (kind, subject, text) => log.happened(clock.nowMs(), kind, subject, text),
        changed: () => told.replicas?.changed(),
      },
    },
    start,
    firstVersion,
    signal,
  );
  const set = new LiveReplicaSet({ fleet, clock, log, tally, start });
  told.replicas = set;
  const watched = { fleet, clock, log, tally };
  const begun: (() => void)[] = [];
  const scaler =
    scaling === undefined
      ? undefined
      : new LiveScaling({
          ...watched,
          policy: scaling.policy,
          spec,
          replicas: set,
          ledger: mock.ledger,
          random: random.split("scrapes"),
        });
  return {
    gateway: {
      description: fleet.description,
      call: (model) => fleet.call(model),
      exited: fleet.exited,
      stop: (deadlineMs) => fleet.stop(deadlineMs),
    },
    fleet,
    replicas: set,
    scaling: scaler,
    log,
    begin: () => {
      isRunning = true;
      set.changed();
      scaler?.begin();
      if (spec.health !== undefined) begun.push(startProber({ ...watched, spec: spec.health }));
    },
    end: async () => {
      if (isOver) return;
      isOver = true;
      for (const stop of begun) stop();
      scaler?.stop();
      set.stop();
      usedMs = await fleet.sample().then(
        ({ cpuSeconds }) => cpuSeconds * secondMs * timeScale,
        () => 0,
      );
    },
    events: (durationMs) => log.events.filter(({ atMs }) => atMs <= durationMs),
    account: (durationMs, records) => ({
      hourly: spec.hourly,
      startupMs: startup.meanMs,
      counts: log.counts.filter(({ atMs }) => atMs <= durationMs),
      demand: demandOf(records, usedMs, spec.concurrency, durationMs),
      ...(Object.values(tally.counts).some((count) => count > 0) ? { tally: tally.counts } : {}),
    }),
  };
}

/** Each replica draws its start-up from a stream of its own: the same as in the simulation of the scenario. */
function startups(
  { startup, readinessMs }: FleetSpec,
  random: RandomStream,
): { readonly drawMs: (id: number) => Ms; readonly meanMs: Ms } {
  const times: Distribution = distribution(startup);
  const stream = random.split("start-up");
  return { drawMs: (id) => times.draw(stream.split(id)), meanMs: times.mean + readinessMs };
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
  return demand.bins(durationMs, concurrency === undefined ? undefined : { heldMs, placesPerReplica: concurrency });
}
