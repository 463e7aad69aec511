/**
 * The gateway fleet: replicas behind a load balancer.
 *
 * The balancer deals requests out among the replicas that are ready and have room: in turn, or to whoever has the fewest in
 * flight (of equals, the next in turn). Where none has room, requests wait in front of the fleet until one falls free, one
 * more is ready, or their client gives up. A replica that is wished for takes its start-up time and its readiness delay
 * before it gets requests; one that is no longer wished for gets none, finishes those it has, and is gone.
 *
 * Who goes first is Kubernetes' order of ranked deletion (pkg/controller/controller_utils.go, `ActivePodsWithRanks`): what
 * does not run before what runs, unready before ready, newer before older.
 * Assumed: a fleet without any ready replica holds requests back, as Knative's activator and KEDA's HTTP proxy do.
 */
import { type Distribution, distribution } from "../core/distributions.ts";
import { assertNever, invariant } from "../core/invariant.ts";
import type { RandomStream } from "../core/random.ts";
import type { FleetSpec } from "../core/scenario/platform-spec.ts";
import { formatDuration, type Ms } from "../core/time.ts";
import { fleetActs, schedule, steps } from "./events.ts";
import type { FleetLog } from "./fleet-log.ts";
import type { Journey } from "./journey.ts";
import type { Kernel } from "./kernel.ts";
import { nowhere, Replica } from "./replica.ts";
import { WaitingRoom } from "./waiting-room.ts";

export interface FleetOptions {
  readonly kernel: Kernel;
  readonly spec: Pick<FleetSpec, "startup" | "readinessMs" | "concurrency" | "balance">;
  /** Ready when the run begins. */
  readonly start: number;
  /** Each replica draws its start-up from a stream of its own: the same for all policies. */
  readonly startups: RandomStream;
  readonly log: FleetLog;
  /** A request has its replica, now. */
  readonly onPlaced: (journey: Journey) => void;
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
  readonly #concurrencyMax: number;
  /** Every replica there ever was, by id. */
  readonly #all: Replica[] = [];
  #existing: readonly Replica[] = [];
  #ready: readonly Replica[] = [];
  #wished: number;
  #dealt = 0;
  readonly #room = new WaitingRoom();
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
    this.#concurrencyMax = spec.concurrency ?? Number.POSITIVE_INFINITY;
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
    const replica = this.#pick();
    if (replica !== undefined) return this.#place(journey, replica);
    const leaves = schedule(this.#kernel, journey.start.deadlineMs, steps.clientLeaves, journey.slot);
    this.#room.enter({ journey, leaves });
  }

  /** Nothing more happens to a request: its place falls free. */
  leave(journey: Journey): void {
    const { replica } = journey.start;
    if (replica === nowhere) return this.#room.leave();
    this.#count(-1);
    replica.inFlight -= 1;
    if (replica.phase === "draining" && replica.inFlight === 0) this.#drained(replica);
    else this.#callWaiting();
  }

  /** Starts or takes away replicas until there are as many as wished for, those that drain not counted. */
  scaleTo(wished: number): void {
    this.#wished = wished;
    const kept = this.#existing.filter(({ phase }) => phase !== "draining");
    for (let count = kept.length; count < wished; count++) this.#start();
    if (kept.length > wished) {
      for (const replica of kept.toSorted(byDeletion).slice(0, kept.length - wished)) this.#takeAway(replica);
    }
    this.#changed();
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
    replica.enter("ready", nowMs);
    const after = formatDuration(nowMs - replica.wishedMs);
    this.#options.log.happened(nowMs, "replica-ready", replica.name, `serves ${after} after it was wished for`);
    this.#changed();
    this.#callWaiting();
  }

  /** Nobody sends any more: nothing starts that has not started. */
  stop(): void {
    for (const replica of this.#existing) if (replica.next !== undefined) this.#kernel.cancel(replica.next);
  }

  use(endMs: Ms): readonly ReplicaUse[] {
    return this.#all.map((replica) => {
      const livedMs = (replica.phase === "gone" ? replica.sinceMs : endMs) - replica.wishedMs;
      return {
        replica: replica.id,
        jobs: replica.cpu.jobs,
        utilization: livedMs === 0 ? 0 : replica.cpu.busyMs / livedMs,
        waitMeanMs: replica.cpu.jobs === 0 ? 0 : replica.cpu.waitedMs / replica.cpu.jobs,
      };
    });
  }

  /** A replica with room; undefined when there is none. */
  #pick(): Replica | undefined {
    switch (this.#options.spec.balance) {
      case "round-robin":
        return this.#nextInTurn();
      case "least-connections":
        return this.#leastBusy();
      default:
        return assertNever(this.#options.spec.balance);
    }
  }

  #nextInTurn(): Replica | undefined {
    const ready = this.#ready;
    for (let tried = 0; tried < ready.length; tried++) {
      const replica = ready[this.#dealt++ % ready.length];
      if (replica !== undefined && replica.inFlight < this.#concurrencyMax) return replica;
    }
    return undefined;
  }

  #leastBusy(): Replica | undefined {
    const ready = this.#ready;
    let least: Replica | undefined;
    for (let tried = 0; tried < ready.length; tried++) {
      const replica = ready[(this.#dealt + tried) % ready.length];
      if (replica !== undefined && replica.inFlight < (least?.inFlight ?? this.#concurrencyMax)) least = replica;
    }
    this.#dealt += 1;
    return least;
  }

  #place(journey: Journey, replica: Replica): void {
    journey.start.replica = replica;
    replica.inFlight += 1;
    this.#placed += 1;
    this.#count(1);
    this.#options.onPlaced(journey);
  }

  #callWaiting(): void {
    while (this.#room.count > 0) {
      const replica = this.#pick();
      if (replica === undefined) return;
      const called = this.#room.call();
      invariant(called !== undefined, "somebody waits");
      this.#kernel.cancel(called.leaves);
      this.#place(called.journey, replica);
    }
  }

  #count(change: 1 | -1): void {
    const { nowMs } = this.#kernel;
    this.#heldMs += this.#inFlight * (nowMs - this.#countedMs);
    this.#countedMs = nowMs;
    this.#inFlight += change;
  }

  #start(): void {
    const replica = this.#newReplica();
    const startupMs = this.#startup.draw(this.#options.startups.split(replica.id));
    replica.next = schedule(this.#kernel, this.#kernel.nowMs + startupMs, fleetActs.replicaRuns, replica.id);
  }

  #newReplica(): Replica {
    const replica = new Replica(this.#all.length, this.#kernel.nowMs);
    this.#all.push(replica);
    return replica;
  }

  #takeAway(replica: Replica): void {
    if (replica.next !== undefined) this.#kernel.cancel(replica.next);
    const { nowMs } = this.#kernel;
    const served = replica.phase === "ready";
    if (replica.inFlight > 0) return replica.enter("draining", nowMs);
    replica.enter("gone", nowMs);
    const text = served ? "had no request to finish" : "was taken back before it served";
    this.#options.log.happened(nowMs, "replica-gone", replica.name, text);
  }

  #drained(replica: Replica): void {
    const { nowMs } = this.#kernel;
    const text = `finished its last request ${formatDuration(nowMs - replica.sinceMs)} after it got no more`;
    replica.enter("gone", nowMs);
    this.#options.log.happened(nowMs, "replica-gone", replica.name, text);
    this.#changed();
  }

  /** The lists follow the phases. */
  #changed(): void {
    this.#existing = this.#all.filter(({ phase }) => phase !== "gone");
    this.#ready = this.#existing.filter(({ phase }) => phase === "ready");
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

/** Who goes before whom. */
function byDeletion(left: Replica, right: Replica): number {
  return rank(left) - rank(right) || right.id - left.id;
}

function rank({ phase }: Replica): number {
  return phase === "starting" ? 0 : phase === "unready" ? 1 : 2;
}
