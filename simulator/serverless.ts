/**
 * Serverless instances in place of replicas: started for the requests that find none free, and gone when nobody has needed
 * them for a while.
 *
 * A request goes to the instance that was busy most recently and has room (AWS Lambda keeps its warm ones warm); with none, to
 * a new one, whose cold start it waits for; beyond the account's limit it is refused with 429 (AWS Lambda developer guide,
 * "Understanding Lambda function scaling": 429 TooManyRequestsException, 1,000 concurrent executions unless raised). A request
 * that runs longer than a function may is broken off with 504. Charged is the time that requests ran, without the cold start.
 */
import { type Distribution, distribution } from "../core/distributions.ts";
import { invariant } from "../core/invariant.ts";
import type { RandomStream } from "../core/random.ts";
import type { ReplicaAccount } from "../core/run.ts";
import type { ServerlessSpec } from "../core/scenario/deployment-spec.ts";
import { hourMs, type Ms, secondMs } from "../core/time.ts";
import { type Ending, failedWith } from "./answers.ts";
import { fleetActs, schedule, steps } from "./events.ts";
import { fleetLife, scheduleLife } from "./fleet-events.ts";
import type { FleetLog } from "./fleet-log.ts";
import type { Journey } from "./journey.ts";
import type { EventHandle, Kernel } from "./kernel.ts";
import { nowhere, Replica } from "./replica.ts";
import type { Tally } from "./tally.ts";

export interface ServerlessOptions {
  readonly kernel: Kernel;
  readonly spec: ServerlessSpec;
  readonly coldStarts: RandomStream;
  readonly log: FleetLog;
  readonly tally: Tally;
  readonly onPlaced: (journey: Journey) => void;
  readonly turnAway: (journey: Journey, ending: Ending) => void;
  readonly breakOff: (journey: Journey, ending: Ending) => void;
}

const throttled: Ending = failedWith(429, "too-many-instances");
const timedOut: Ending = failedWith(504, "function-time-limit");

/** What an instance has to do besides being a replica. */
interface Instance {
  readonly replica: Replica;
  /** Requests that wait for its cold start. */
  readonly reserved: Journey[];
}

/** A request that runs. */
interface Invocation {
  readonly fromMs: Ms;
  readonly ends: EventHandle;
}

export class Serverless {
  readonly #options: ServerlessOptions;
  readonly #coldStart: Distribution;
  readonly #all: Instance[] = [];
  /** Those that exist, the most recently used last. */
  #alive: Instance[] = [];
  readonly #running = new Map<number, Invocation>();
  #requests = 0;
  #ranMs: Ms = 0;

  constructor(options: ServerlessOptions) {
    this.#options = options;
    this.#coldStart = distribution(options.spec.coldStart);
    this.#counted();
  }

  get replicas(): readonly Replica[] {
    return this.#all.map(({ replica }) => replica);
  }

  enter(journey: Journey): void {
    const { kernel, spec, turnAway, tally } = this.#options;
    const instance = this.#alive.findLast(({ replica }) => replica.inFlight < spec.concurrency) ?? this.#start();
    if (instance === undefined) {
      tally.count("turnedAway");
      return turnAway(journey, throttled);
    }
    const { replica } = instance;
    if (replica.next !== undefined && replica.phase === "ready") kernel.cancel(replica.next);
    replica.inFlight += 1;
    journey.replica = replica;
    if (replica.phase === "ready") return this.#run(journey);
    journey.pending = schedule(kernel, journey.deadlineMs, steps.clientLeaves, journey.slot);
    instance.reserved.push(journey);
  }

  leave(journey: Journey): void {
    const { kernel } = this.#options;
    const { replica } = journey;
    if (replica === nowhere) return;
    const invocation = this.#running.get(journey.slot);
    if (invocation !== undefined) {
      kernel.cancel(invocation.ends);
      this.#running.delete(journey.slot);
      this.#ranMs += kernel.nowMs - invocation.fromMs;
    }
    replica.inFlight -= 1;
    const instance = this.#at(replica.id);
    const place = instance.reserved.indexOf(journey);
    if (place >= 0) instance.reserved.splice(place, 1);
    this.#alive = [...this.#alive.filter((other) => other !== instance), instance];
    if (replica.inFlight === 0 && replica.phase === "ready") this.#idleFromNow(replica);
  }

  /** A cold start is over. */
  runs(id: number): void {
    const { kernel } = this.#options;
    const instance = this.#at(id);
    instance.replica.enter("ready", kernel.nowMs);
    this.#counted();
    for (const journey of instance.reserved.splice(0)) {
      kernel.cancel(journey.pending);
      this.#run(journey);
    }
    if (instance.replica.inFlight === 0) this.#idleFromNow(instance.replica);
  }

  /** An instance has been idle for long enough. */
  idles(id: number): void {
    const { kernel } = this.#options;
    const instance = this.#at(id);
    instance.replica.enter("gone", kernel.nowMs);
    this.#alive = this.#alive.filter((other) => other !== instance);
    this.#counted();
  }

  timesOut(journey: Journey): void {
    this.#options.tally.count("cutOff");
    this.#options.breakOff(journey, timedOut);
  }

  /** Nobody sends any more: nothing starts or ends of itself. */
  stop(): void {
    for (const { replica } of this.#alive) if (replica.next !== undefined) this.#options.kernel.cancel(replica.next);
  }

  usage(): NonNullable<ReplicaAccount["usage"]> {
    const { memoryGb, gbHourly, perMillion } = this.#options.spec;
    const gbMs = this.#ranMs * memoryGb;
    const cost = Math.round((gbMs / hourMs) * gbHourly + (this.#requests / 1_000_000) * perMillion);
    return { gbSeconds: gbMs / secondMs, requests: this.#requests, cost };
  }

  #idleFromNow(replica: Replica): void {
    const { kernel, spec } = this.#options;
    replica.next = scheduleLife(kernel, kernel.nowMs + spec.idleMs, fleetLife.instanceIdles, replica.id);
  }

  #run(journey: Journey): void {
    const { kernel, spec, onPlaced } = this.#options;
    const ends = scheduleLife(kernel, kernel.nowMs + spec.limitMs, fleetLife.functionTimesOut, journey.slot);
    this.#running.set(journey.slot, { fromMs: kernel.nowMs, ends });
    this.#requests += 1;
    onPlaced(journey);
  }

  #start(): Instance | undefined {
    const { kernel, spec, coldStarts, tally } = this.#options;
    if (this.#alive.length >= spec.instancesMax) return undefined;
    const replica = new Replica(this.#all.length, kernel.nowMs);
    const instance = { replica, reserved: [] };
    this.#all.push(instance);
    this.#alive.push(instance);
    tally.count("coldStarts");
    const coldMs = this.#coldStart.draw(coldStarts.split(replica.id));
    replica.next = schedule(kernel, kernel.nowMs + coldMs, fleetActs.replicaRuns, replica.id);
    this.#counted();
    return instance;
  }

  #counted(): void {
    const ready = this.#alive.filter(({ replica }) => replica.phase === "ready").length;
    const wished = this.#alive.length;
    const { kernel, log } = this.#options;
    log.counted({ atMs: kernel.nowMs, wished, starting: wished - ready, ready, draining: 0 });
  }

  #at(id: number): Instance {
    const instance = this.#all[id];
    invariant(instance !== undefined, `no instance ${id}`);
    return instance;
  }
}
