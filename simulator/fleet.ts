/**
 * The gateway fleet: replicas behind a load balancer.
 *
 * A balancer (`behavior/balancing`) deals requests out among the replicas that are ready, well, and have room. Where none has
 * room, requests wait in front of the fleet until one falls free, one more is ready, or their client gives up. A replica that
 * is wished for takes its start-up time and its readiness delay before it gets requests; one that is no longer wished for
 * gets none, finishes those it has, and is gone, at the latest when its grace is over: what it still serves then is lost.
 *
 * Assumed: a fleet without any ready replica holds requests back, as Knative's activator and KEDA's HTTP proxy do. Where health
 * checks find every replica sick, all of them get requests, as in Envoy's panic mode and an AWS load balancer that fails open.
 */
import type { Balancer } from "../behavior/balancing/balancer.ts";
import { balancer } from "../behavior/balancing/balancer.ts";
import { type Distribution, distribution } from "../core/distributions.ts";
import { invariant } from "../core/invariant.ts";
import type { RandomStream } from "../core/random.ts";
import type { RolloutSpec } from "../core/scenario/event-spec.ts";
import type { FleetSpec } from "../core/scenario/platform-spec.ts";
import { formatDuration, type Ms } from "../core/time.ts";
import { plural } from "../core/units.ts";
import { Contexts } from "./contexts.ts";
import { fleetActs, schedule, steps } from "./events.ts";
import { fleetLife, scheduleLife } from "./fleet-events.ts";
import type { FleetLog } from "./fleet-log.ts";
import type { Regions } from "./geography.ts";
import type { Journey } from "./journey.ts";
import type { Kernel } from "./kernel.ts";
import { nowhere, Replica } from "./replica.ts";
import { exchange, plainRollout } from "./rollout.ts";
import type { Tally } from "./tally.ts";
import { WaitingRoom } from "./waiting-room.ts";

export interface FleetOptions {
  readonly kernel: Kernel;
  readonly spec: Omit<FleetSpec, "start" | "minReplicas" | "maxReplicas" | "hourly" | "metrics">;
  /** Ready when the run begins. */
  readonly start: number;
  /** Each replica draws its start-up from a stream of its own: the same for all policies. */
  readonly startups: RandomStream;
  readonly log: FleetLog;
  readonly tally: Tally;
  readonly regions: Regions | undefined;
  /** A request has its replica, now. */
  readonly onPlaced: (journey: Journey) => void;
  /** A replica is gone, and what was in flight on it must end. */
  readonly onKilled: (replica: Replica) => void;
}

/** How busy a replica was. */
export interface ReplicaUse {
  readonly replica: number;
  /** Pieces of work served. */
  readonly jobs: number;
  /** Share of the run in which it computed, 0..1 unless work was left at the end. */
  readonly utilization: number;
  /** Mean time that a piece of work waited for the event loop. */
  readonly waitMeanMs: Ms;
}

export class Fleet {
  readonly #options: FleetOptions;
  readonly #kernel: Kernel;
  readonly #startup: Distribution;
  readonly #balance: Balancer<Replica>;
  readonly #contexts: Contexts | undefined;
  /** Every replica there ever was, by id. */
  readonly #all: Replica[] = [];
  #existing: readonly Replica[] = [];
  #ready: readonly Replica[] = [];
  /** Those of them that health checks have nothing against. */
  #serving: readonly Replica[] = [];
  #wished: number;
  /** Lost, and nobody has noticed yet. */
  #unnoticed = 0;
  /** What new replicas run. */
  #rollout: RolloutSpec = plainRollout;
  #rolloutBefore: RolloutSpec | undefined;
  readonly #room: WaitingRoom;
  #placed = 0;
  #inFlight = 0;
  /** Integral of the requests in flight up to `#countedMs`. */
  #heldMs: Ms = 0;
  #countedMs: Ms = 0;

  constructor(options: FleetOptions) {
    const { start, spec } = options;
    invariant(Number.isInteger(start) && start >= 0, `a fleet starts with a whole number of replicas, not ${start}`);
    this.#options = options;
    this.#kernel = options.kernel;
    this.#startup = distribution(spec.startup);
    this.#balance = balancer(spec.balance, {
      roomMax: spec.concurrency ?? Number.POSITIVE_INFINITY,
      loadBound: spec.loadBound,
      weights: spec.weights,
      geography: options.regions,
    });
    this.#contexts = spec.countsContexts === true ? new Contexts() : undefined;
    this.#room = new WaitingRoom(spec.priorities);
    this.#wished = start;
    for (let id = 0; id < start; id++) this.#newReplica().enter("ready", 0);
    this.#changed();
  }

  /** Replicas that were last wished for. */
  get wished(): number {
    return this.#wished;
  }

  /** All that exist, in order of age; those that drain included. */
  get existing(): readonly Replica[] {
    return this.#existing;
  }

  /** Those that get requests. */
  get ready(): readonly Replica[] {
    return this.#ready;
  }

  /** Requests without a replica. */
  get waiting(): number {
    return this.#room.count;
  }

  /** Requests that have one. */
  get inFlight(): number {
    return this.#inFlight;
  }

  /** Mean time that a request has held its place on a replica; 0 before the first. */
  get heldMeanMs(): Ms {
    return this.#placed === 0 ? 0 : this.#heldMs / this.#placed;
  }

  /** A request comes: it is placed at once, or waits. */
  enter(journey: Journey): void {
    const replica = this.#balance(this.#serving, journey.planned);
    if (replica !== undefined) return this.#place(journey, replica);
    this.wait(journey);
  }

  /** A request waits for a replica, behind those that wait already. */
  wait(journey: Journey): void {
    const leaves = schedule(this.#kernel, journey.deadlineMs, steps.clientLeaves, journey.slot);
    this.#room.enter(journey, leaves);
  }

  /** Nothing more happens to a request: its place falls free. */
  leave(journey: Journey): void {
    const { replica } = journey;
    if (replica === nowhere) return this.#room.leave(journey);
    this.#count(-1);
    replica.inFlight -= 1;
    if (replica.phase === "draining" && replica.inFlight === 0) this.#drained(replica);
    else this.#callWaiting();
  }

  /** Starts or takes away replicas until there are as many as wished for, those that drain not counted. */
  scaleTo(wished: number): void {
    this.#wished = wished;
    this.#exchange();
    this.#changed();
  }

  /** Replaces every replica by one of another version, as that one's rules say. */
  rollOut(rollout: RolloutSpec): void {
    this.#rolloutBefore = this.#rollout;
    this.#rollout = rollout;
    this.scaleTo(this.#wished);
  }

  /** Back to what ran before the last rollout, at that one's pace. False: there was none. */
  rollBack(): boolean {
    const before = this.#rolloutBefore;
    if (before === undefined) return false;
    const { surge, unavailable } = this.#rollout;
    this.rollOut({ ...before, surge, unavailable });
    return true;
  }

  /** So many replicas are gone at once, the oldest first; others are started for them when that is noticed. Answers how many. */
  lose(count: number, noticedAfterMs: Ms, region?: string): number {
    const lost = this.#existing.filter((each) => region === undefined || each.region === region).slice(0, count);
    this.#unnoticed += lost.filter(({ phase }) => phase !== "draining").length;
    for (const replica of lost) this.#kill(replica, "is lost");
    scheduleLife(this.#kernel, this.#kernel.nowMs + noticedAfterMs, fleetLife.lossReplaced, lost.length);
    return lost.length;
  }

  lossReplaced(count: number): void {
    this.#unnoticed = Math.max(0, this.#unnoticed - count);
    this.scaleTo(this.#wished);
  }

  /** So many replicas finish what they have and go, the oldest first; others are started for them. Answers how many. */
  drain(count: number): number {
    const drained = this.#ready.slice(0, count);
    for (const replica of drained) this.#takeAway(replica);
    this.scaleTo(this.#wished);
    return drained.length;
  }

  /** The grace of a replica that drains is over. */
  graceEnds(id: number): void {
    this.#kill(this.#at(id), "is killed: its grace is over");
  }

  slowStartEnds(id: number): void {
    this.#at(id).cpu.slowdown = this.#rollout.version === this.#at(id).version ? this.#rollout.slowdown : 1;
  }

  /** What new replicas run. */
  get version(): string {
    return this.#rollout.version;
  }

  /** So many replicas reach no model any more, the newest first; or all do again. Answers how many it changed. */
  breakUpstream(count: number): number {
    const sound = this.#existing.filter(({ reachesModels }) => reachesModels).toReversed();
    const broken = sound.slice(0, count);
    for (const replica of broken) replica.reachesModels = false;
    return broken.length;
  }

  mendUpstream(): void {
    for (const replica of this.#existing) replica.reachesModels = true;
  }

  /** Health checks have changed their mind about somebody. */
  healthChanged(): void {
    this.#changed();
    this.#callWaiting();
  }

  /** The process of a replica runs now. */
  runs(id: number): void {
    const { readinessMs } = this.#options.spec;
    const replica = this.#at(id);
    if (readinessMs === 0) return this.isReady(id);
    replica.enter("unready", this.#kernel.nowMs);
    replica.next = schedule(this.#kernel, this.#kernel.nowMs + readinessMs, fleetActs.replicaReady, id);
    this.#changed();
  }

  /** The probes of a replica have succeeded. */
  isReady(id: number): void {
    const replica = this.#at(id);
    const { nowMs } = this.#kernel;
    this.#enterReady(replica);
    const after = formatDuration(nowMs - replica.wishedMs);
    this.#options.log.happened(nowMs, "replica-ready", replica.name, `serves ${after} after it was wished for`);
    this.#exchange();
    this.#changed();
    this.#callWaiting();
  }

  /** Nobody sends any more: nothing starts that has not started. */
  stop(): void {
    for (const replica of this.#existing) if (replica.next !== undefined) this.#kernel.cancel(replica.next);
  }

  use(endMs: Ms): readonly ReplicaUse[] {
    return usesOf(this.#all, endMs);
  }

  #place(journey: Journey, replica: Replica): void {
    journey.replica = replica;
    replica.inFlight += 1;
    replica.taken += 1;
    this.#placed += 1;
    this.#count(1);
    if (this.#contexts?.isLost(journey.planned, replica) === true) this.#options.tally.count("lostContexts");
    this.#options.onPlaced(journey);
  }

  #callWaiting(): void {
    while (this.#room.count > 0) {
      const next = this.#room.next();
      invariant(next !== undefined, "somebody waits");
      const replica = this.#balance(this.#serving, next.journey.planned);
      if (replica === undefined) return;
      this.#room.call();
      this.#kernel.cancel(next.leaves);
      this.#place(next.journey, replica);
    }
  }

  #count(change: 1 | -1): void {
    const { nowMs } = this.#kernel;
    this.#heldMs += this.#inFlight * (nowMs - this.#countedMs);
    this.#countedMs = nowMs;
    this.#inFlight += change;
  }

  /** Starts and takes away what is to come and go now, until nothing is: whoever goes may make room for whoever comes. */
  #exchange(): void {
    const wished = Math.max(0, this.#wished - this.#unnoticed);
    for (;;) {
      const kept = this.#all.filter(({ phase }) => phase !== "draining" && phase !== "gone");
      const { start, away } = exchange(kept, wished, this.#rollout);
      if (start === 0 && away.length === 0) return;
      for (let count = 0; count < start; count++) this.#start();
      for (const replica of away) this.#takeAway(replica);
    }
  }

  #start(): void {
    const replica = this.#newReplica();
    const startupMs = this.#startup.draw(this.#options.startups.split(replica.id));
    replica.next = schedule(this.#kernel, this.#kernel.nowMs + startupMs, fleetActs.replicaRuns, replica.id);
  }

  #newReplica(): Replica {
    const { version, errorShare, slowdown } = this.#rollout;
    const region = this.#options.regions?.next(this.#existing);
    const replica = new Replica(this.#all.length, this.#kernel.nowMs, version, region);
    replica.errorShare = errorShare;
    replica.cpu.slowdown = slowdown;
    this.#all.push(replica);
    if (region !== undefined) this.#existing = [...this.#existing, replica];
    return replica;
  }

  #enterReady(replica: Replica): void {
    const { slowStart } = this.#options.spec;
    const { nowMs } = this.#kernel;
    replica.enter("ready", nowMs);
    if (slowStart === undefined) return;
    replica.cpu.slowdown *= slowStart.factor;
    scheduleLife(this.#kernel, nowMs + slowStart.forMs, fleetLife.slowStartEnds, replica.id);
  }

  #takeAway(replica: Replica): void {
    if (replica.next !== undefined) this.#kernel.cancel(replica.next);
    const { nowMs } = this.#kernel;
    const { graceMs } = this.#options.spec;
    const served = replica.phase === "ready";
    if (replica.inFlight > 0) {
      replica.enter("draining", nowMs);
      if (graceMs === undefined) return;
      replica.next = scheduleLife(this.#kernel, nowMs + graceMs, fleetLife.graceEnds, replica.id);
      return;
    }
    replica.enter("gone", nowMs);
    const text = served ? "had no request to finish" : "was taken back before it served";
    this.#options.log.happened(nowMs, "replica-gone", replica.name, text);
  }

  #kill(replica: Replica, why: string): void {
    const { log, tally, onKilled } = this.#options;
    const { inFlight } = replica;
    const { nowMs } = this.#kernel;
    if (replica.next !== undefined) this.#kernel.cancel(replica.next);
    replica.enter("gone", nowMs);
    tally.count("killed", inFlight);
    log.happened(nowMs, "replica-gone", replica.name, `${why}, with ${plural(inFlight, "request")} in flight`);
    this.#changed();
    onKilled(replica);
  }

  #drained(replica: Replica): void {
    const { nowMs } = this.#kernel;
    const text = `finished its last request ${formatDuration(nowMs - replica.sinceMs)} after it got no more`;
    if (replica.next !== undefined) this.#kernel.cancel(replica.next);
    replica.enter("gone", nowMs);
    this.#options.log.happened(nowMs, "replica-gone", replica.name, text);
    this.#changed();
  }

  /** The lists follow the phases. */
  #changed(): void {
    this.#existing = this.#all.filter(({ phase }) => phase !== "gone");
    this.#ready = this.#existing.filter(({ phase }) => phase === "ready");
    const well = this.#ready.filter(({ isWell }) => isWell);
    this.#serving = well.length === 0 || well.length === this.#ready.length ? this.#ready : well;
    const draining = this.#existing.filter(({ phase }) => phase === "draining").length;
    const ready = this.#ready.length;
    const starting = this.#existing.length - draining - ready;
    this.#options.log.counted({ atMs: this.#kernel.nowMs, wished: this.#wished, starting, ready, draining });
  }

  #at(id: number): Replica {
    const replica = this.#all[id];
    invariant(replica !== undefined, `no replica ${id}`);
    return replica;
  }
}

export function usesOf(replicas: readonly Replica[], endMs: Ms): readonly ReplicaUse[] {
  return replicas.map((replica) => {
    const livedMs = (replica.phase === "gone" ? replica.sinceMs : endMs) - replica.wishedMs;
    return {
      replica: replica.id,
      jobs: replica.cpu.jobs,
      utilization: livedMs === 0 ? 0 : replica.cpu.busyMs / livedMs,
      waitMeanMs: replica.cpu.jobs === 0 ? 0 : replica.cpu.waitedMs / replica.cpu.jobs,
    };
  });
}
