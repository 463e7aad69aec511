/**
 * The platform between clients and providers: a fleet of gateway replicas, or what stands in its place, and the loop that
 * scales it.
 *
 *     client ─▶ queue, balancer or function ─▶ [the way to a region] ─▶ replica ─▶ gateway
 *
 * Where a scenario says no more than how many replicas there are, nothing is measured and nothing is written down: such a
 * fleet costs a simulation next to nothing. What a request passes through is chosen once, when the platform is put together.
 */
import type { GatewayProfile } from "../behavior/gateway-profile.ts";
import type { Provider } from "../behavior/provider.ts";
import type { ScalingPolicy } from "../behavior/scaling/policy.ts";
import { distribution } from "../core/distributions.ts";
import { randomStream, type RandomStream } from "../core/random.ts";
import type { ReplicaAccount, RunEvent } from "../core/run.ts";
import { plainFleet } from "../core/scenario/plain-fleet.ts";
import type { FleetSpec } from "../core/scenario/platform-spec.ts";
import type { Scenario } from "../core/scenario/scenario.ts";
import type { Ms } from "../core/time.ts";
import { failedWith } from "./answers.ts";
import { cpuOfRequest, Demand } from "./demand.ts";
import { schedule, steps } from "./events.ts";
import { fleetLife, scheduleLife } from "./fleet-events.ts";
import { FleetLog } from "./fleet-log.ts";
import { Fleet, type ReplicaUse, usesOf } from "./fleet.ts";
import type { Gateway } from "./gateway.ts";
import { Regions } from "./geography.ts";
import { HealthChecks } from "./health-checks.ts";
import type { Journey } from "./journey.ts";
import type { Kernel } from "./kernel.ts";
import { MessageQueue } from "./message-queue.ts";
import { nowhere, Replica } from "./replica.ts";
import { ScalingLoop } from "./scaling-loop.ts";
import { Serverless } from "./serverless.ts";
import { Tally } from "./tally.ts";
import { TokenMeter } from "./token-meter.ts";

/** What the platform has done to requests. */
export type GatewayWork = Pick<Gateway, "receive" | "refuse" | "turnAway" | "withdraw" | "breakOff">;

export interface PlatformOptions {
  readonly kernel: Kernel;
  readonly scenario: Pick<Scenario, "seed" | "platform" | "events">;
  readonly profile: GatewayProfile;
  readonly timeScale: number;
  readonly policy: ScalingPolicy | undefined;
  readonly providers: readonly Provider[];
  readonly work: GatewayWork;
  /** Requests on their way for which something holds. */
  readonly journeys: (holds: (journey: Journey) => boolean) => readonly Journey[];
  /** Asks a model as a health check does: after how long its answer begins; undefined: none comes. */
  readonly askModel: () => Ms | undefined;
  /** Somebody may act on the platform while it runs, beside what the scenario plans. */
  readonly isControlled: boolean;
}

/** Stands in for the replica of a request that has been turned away. */
const outside: Replica = new Replica(-2, 0);

const queueFull = failedWith(503, "queue-full");
const stopped = failedWith(503, "gateway-off");
const unreachable = failedWith(502, "no-upstream");
const badVersion = failedWith(500, "bad-version");

export class Platform {
  readonly fleet: Fleet;
  readonly serverless: Serverless | undefined;
  readonly queue: MessageQueue | undefined;
  readonly health: HealthChecks | undefined;
  /** Undefined: nobody scales. */
  readonly loop: ScalingLoop | undefined;
  /** As the gateway is to call them. */
  readonly providers: readonly Provider[];
  readonly log: FleetLog = new FleetLog();
  readonly tally: Tally = new Tally();
  /** Whether requests are let in at all. */
  admits = true;
  readonly #options: PlatformOptions;
  readonly #spec: FleetSpec;
  readonly #random: RandomStream;
  readonly #regions: Regions | undefined;
  /** Undefined: nobody wants to know. */
  readonly #demand: Demand | undefined;

  constructor(options: PlatformOptions) {
    const { kernel, policy, scenario, work } = options;
    const { platform } = scenario;
    const { log, tally } = this;
    const spec = platform.fleet ?? plainFleet;
    this.#options = options;
    this.#spec = spec;
    this.#random = randomStream(scenario.seed).split("fleet");
    this.#regions = spec.regions === undefined ? undefined : new Regions(spec.regions);
    const { deployment } = spec;
    const shared = { kernel, log, tally };
    const isEventful = options.isControlled || scenario.events !== undefined;
    const isWatched = isEventful || this.#regions !== undefined || deployment?.kind === "queue";
    this.fleet = new Fleet({
      ...shared,
      spec,
      start: deployment?.kind === "serverless" ? 0 : platform.replicas,
      startups: this.#random.split("start-up"),
      regions: this.#regions,
      onPlaced: isWatched ? (journey) => this.#placed(journey) : (journey) => work.receive(journey),
      onKilled: (replica) => this.#killed(replica),
    });
    if (deployment?.kind === "serverless") {
      const onPlaced = (journey: Journey): void => work.receive(journey);
      const coldStarts = this.#random.split("cold-start");
      this.serverless = new Serverless({ ...shared, ...work, spec: deployment, coldStarts, onPlaced });
    }
    if (deployment?.kind === "queue") {
      this.queue = new MessageQueue({
        ...shared,
        ...work,
        spec: deployment,
        deliver: (journey) => this.#redeliver(journey),
      });
    }
    if (spec.health !== undefined) {
      const { askModel } = options;
      const random = this.#random.split("probes");
      this.health = new HealthChecks({ ...shared, spec: spec.health, fleet: this.fleet, askModel, random });
    }
    this.#demand = this.#isPlain() ? undefined : new Demand();
    const meters = policy === undefined ? [] : options.providers.map((provider) => new TokenMeter(provider));
    this.providers = policy === undefined ? options.providers : meters;
    if (policy !== undefined) this.loop = this.#loopOf(policy, meters);
  }

  begin(): void {
    this.loop?.begin();
    this.health?.begin();
  }

  /** A client sends a request, now. */
  receive(journey: Journey): void {
    const { kernel, profile, timeScale } = this.#options;
    this.#demand?.arrives(kernel.nowMs, cpuOfRequest(profile, journey.planned) * timeScale);
    const { work } = this.#options;
    if (this.admits) {
      if (this.serverless !== undefined) return this.serverless.enter(journey);
      if (this.queue === undefined || this.queue.takes(this.fleet.waiting)) return this.fleet.enter(journey);
    }
    journey.replica = outside;
    this.tally.count("turnedAway");
    work.turnAway(journey, this.admits ? queueFull : stopped);
  }

  /** A request has reached its replica: a sound one works on it. The whole way there and back has been charged. */
  reaches(journey: Journey): void {
    const { work } = this.#options;
    const { replica, planned, effort } = journey;
    if (replica.isSound) return work.receive(journey);
    const chances = this.#random.split(planned.key);
    const tries = effort?.tries ?? 1; // each draws anew: a version that fails one may serve the next
    const chance = (tries === 1 ? chances : chances.split(tries)).uniform();
    const fails = !replica.reachesModels || chance < replica.errorShare;
    if (!fails) return work.receive(journey);
    this.tally.count("failedByVersion");
    work.refuse(journey, replica.reachesModels ? badVersion : unreachable);
  }

  /** Nothing more happens to a request. */
  leave(journey: Journey): void {
    if (journey.replica === outside) return;
    if (this.serverless !== undefined) return this.serverless.leave(journey);
    this.queue?.ended(journey);
    this.fleet.leave(journey);
  }

  /** The process of a replica, or an instance, runs now. */
  runs(id: number): void {
    if (this.serverless === undefined) this.fleet.runs(id);
    else this.serverless.runs(id);
  }

  /** The last client has its answer. */
  stop(): void {
    this.loop?.stop();
    this.health?.stop();
    this.fleet.stop();
    this.serverless?.stop();
  }

  use(endMs: Ms): readonly ReplicaUse[] {
    return this.serverless === undefined ? this.fleet.use(endMs) : usesOf(this.serverless.replicas, endMs);
  }

  events(durationMs: Ms): readonly RunEvent[] {
    return this.#demand === undefined ? [] : this.log.events.filter(({ atMs }) => atMs <= durationMs);
  }

  account(durationMs: Ms): ReplicaAccount | undefined {
    if (this.#demand === undefined) return undefined;
    const { concurrency, deployment, hourly, readinessMs, startup } = this.#spec;
    const heldMs = this.fleet.heldMeanMs;
    const starts = deployment?.kind === "serverless" ? deployment.coldStart : startup;
    const counts = this.tally.counts;
    return {
      hourly,
      startupMs: distribution(starts).mean + readinessMs,
      counts: this.log.counts.filter(({ atMs }) => atMs <= durationMs),
      demand: this.#demand.bins(
        durationMs,
        concurrency === undefined ? undefined : { heldMs, placesPerReplica: concurrency },
      ),
      ...(Object.values(counts).every((count) => count === 0) ? {} : { tally: counts }),
      ...(this.serverless === undefined ? {} : { usage: this.serverless.usage() }),
    };
  }

  /** Whether there is nothing to a fleet but how many replicas it has. */
  #isPlain(): boolean {
    const { isControlled, policy, scenario } = this.#options;
    return (
      scenario.platform.fleet === undefined && policy === undefined && scenario.events === undefined && !isControlled
    );
  }

  #loopOf(policy: ScalingPolicy, meters: readonly TokenMeter[]): ScalingLoop {
    const { fleet, log, tally } = this;
    const arrived = (): number => this.#demand?.arrived ?? 0;
    return new ScalingLoop({
      kernel: this.#options.kernel,
      policy,
      spec: this.#spec,
      fleet,
      meters: { fleet, arrived, providers: meters },
      log,
      tally,
      random: this.#random.split("scrapes"),
    });
  }

  /** A request has its replica, and is on its way to it. */
  #placed(journey: Journey): void {
    const { kernel } = this.#options;
    this.queue?.delivered(journey);
    const { replica, planned, deadlineMs } = journey;
    const regions = this.#regions;
    const awayMs = regions === undefined ? 0 : regions.roundTripMs(regions.regionOf(planned.session), replica.region);
    if (awayMs === 0) return this.reaches(journey);
    const reachesMs = kernel.nowMs + awayMs;
    journey.pending =
      reachesMs > deadlineMs
        ? schedule(kernel, deadlineMs, steps.clientLeaves, journey.slot)
        : scheduleLife(kernel, reachesMs, fleetLife.requestReaches, journey.slot);
  }

  #killed(replica: Replica): void {
    const { journeys, work } = this.#options;
    for (const journey of journeys((each) => each.replica === replica)) {
      if (this.queue === undefined) work.breakOff(journey, failedWith(502, "replica-gone"));
      else this.queue.orphaned(journey);
    }
  }

  #redeliver(journey: Journey): void {
    this.fleet.leave(journey);
    journey.replica = nowhere;
    this.fleet.enter(journey);
  }
}
