/**
 * A fleet of replicas on loopback ports behind one front. What a replica is, a process or a container, is the driver's affair:
 * all that is asked of it is a `RunningGateway`, which serves, tells what it uses, and ends, in order or at once.
 *
 *     starting ─▶ unready ─▶ ready ─▶ draining ─▶ gone
 *
 * What runs on this machine starts faster than what it stands for (a node that boots, an image that is pulled): a replica is held
 * back until the start-up time that the scenario gives it is over, and never before it answers.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { environmentNotReady } from "../../core/errors.ts";
import { invariant } from "../../core/invariant.ts";
import { formatDuration, type Ms } from "../../core/time.ts";
import { plural } from "../../core/units.ts";
import type { GatewayCall, GatewayPolicy, RunningGateway } from "../driver.ts";
import { firstModel, headerValues, pathOf, portOf } from "./addresses.ts";
import { modelHeader, modelKey, sessionHeader, tenantHeader } from "../haproxy/config.ts";
import type { Front, HeaderValues } from "../haproxy/front.ts";
import type { FleetClock, FleetSample, FleetWatcher, MovableFleet, LiveReplica } from "./live-fleet.ts";
import { modelAnswers, BalancedReplica } from "./balanced-replica.ts";
import { weightsOf } from "./version-weights.ts";

export interface BalancedFleetOptions {
  readonly startReplica: (policy: GatewayPolicy, version: string, signal: AbortSignal) => Promise<RunningGateway>;
  readonly policy: GatewayPolicy;
  /** Puts something in front of the fleet; told which headers it is to add, by model. */
  readonly startFront: (values: HeaderValues) => Promise<Front>;
  readonly slots: number;
  readonly balance: string;
  /** Share of the requests by version, where the balancer goes by that. */
  readonly weights?: Readonly<Record<string, number>> | undefined;
  /** From the wish for a replica until its process runs, by number of the replica; scenario time. */
  readonly startupMs: (id: number) => Ms;
  readonly readinessMs: Ms;
  readonly graceMs?: Ms | undefined;
  readonly clock: FleetClock;
  readonly watcher: FleetWatcher;
  /** Aborted when nothing more is to be started. */
  readonly signal?: AbortSignal;
}

/** How often the front is asked whether somebody who drains is done, wall time. */
const drainPollMs = 50;
/** How long a process may take to end in order, wall time. */
export const stopDeadlineMs: Ms = 3_000;
/** So many replicas in a row that do not start, or end by themselves before they served: nothing comes of it. */
const failuresMax = 3;
/** How long a front that does not answer may take to be found dead, wall time. */
const frontDeathMs = 1_000;

export class BalancedFleet implements MovableFleet {
  readonly description: string;
  readonly exited: Promise<string>;
  readonly #options: BalancedFleetOptions;
  readonly #front: Front;
  readonly #path: string;
  readonly #all: BalancedReplica[] = [];
  readonly #settleExit: (reason: string) => void;
  readonly #ended: AbortController = new AbortController();
  /** Starts that are not over: nobody may leave before they are. */
  readonly #starting: Set<Promise<unknown>> = new Set();
  #policy: GatewayPolicy;
  /** How many policies came before it. */
  #policyNumber = 0;
  #call: (model: string) => GatewayCall;
  #isStopping = false;
  #failures = 0;
  /** Commands to the front go one after the other. */
  #telling: Promise<void> = Promise.resolve();

  constructor(options: BalancedFleetOptions, front: Front, first: RunningGateway) {
    const { promise, resolve } = Promise.withResolvers<string>();
    this.#options = options;
    this.#front = front;
    this.#policy = options.policy;
    this.#call = first.call;
    this.#path = pathOf(options.policy, first.call);
    this.#settleExit = resolve;
    this.exited = promise;
    this.description = `${first.description} behind ${front.description} (${options.balance})`;
    void front.exited.then(resolve);
  }

  /** Those that are there from the start serve at once. */
  async begin(gateways: readonly RunningGateway[], version: string): Promise<void> {
    for (const gateway of gateways) {
      const replica = this.#newReplica(version, 0);
      await this.#moveIn(replica, gateway);
      replica.enter("ready", 0);
    }
    await this.#tellFront();
  }

  call(model: string): GatewayCall {
    const behind = this.#call(model); // throws where there is no route
    return {
      ...behind,
      url: `${this.#front.origin}${this.#path}`,
      headers: { [modelHeader]: modelKey(model) },
      sessionHeader,
      tenantHeader,
    };
  }

  replicas(): readonly LiveReplica[] {
    return this.#existing();
  }

  add(count: number, version: string): void {
    if (this.#isStopping) return;
    for (let added = 0; added < count; added++) {
      const replica = this.#newReplica(version, this.#options.clock.nowMs());
      void this.#bringUp(replica).catch((cause: unknown) => this.#didNotStart(replica, cause));
    }
    this.#options.watcher.changed();
  }

  drain(id: number): void {
    const replica = this.#at(id);
    if (replica.phase === "draining" || replica.phase === "gone") return;
    if (replica.phase !== "ready") {
      replica.unwanted.abort();
      return this.#isGone(replica, "was taken back before it served");
    }
    replica.enter("draining", this.#options.clock.nowMs());
    this.#options.watcher.changed();
    void this.#drained(replica).catch((cause: unknown) => this.#frontFailed(cause));
  }

  async kill(id: number): Promise<number> {
    const replica = this.#at(id);
    if (replica.phase === "gone") return 0;
    await this.sample().catch((cause: unknown) => this.#frontFailed(cause));
    const { inFlight } = replica;
    replica.unwanted.abort();
    this.#isGone(replica, `is killed, with ${plural(inFlight, "request")} in flight`, 0);
    return inFlight;
  }

  judge(id: number, isWell: boolean): void {
    this.#at(id).isWell = isWell;
    void this.#tellFront();
  }

  async probe(id: number, what: "http" | "model", timeoutMs: Ms): Promise<boolean> {
    const { running } = this.#at(id);
    if (running === undefined) return false;
    if (what === "model") {
      const model = firstModel(this.#policy);
      const headers = this.#call(model).headers;
      return await modelAnswers({ url: running.call(model).url, headers }, model, timeoutMs);
    }
    return await Promise.race([running.healthy(), sleep(timeoutMs, false, { ref: false })]);
  }

  async sample(): Promise<FleetSample> {
    const running = this.#existing().filter((replica) => replica.running !== undefined);
    const [counts] = await Promise.all([
      this.#front.counts(),
      ...running.map(async (replica) => {
        const usage = await replica.running?.usage();
        if (usage === undefined) return;
        replica.cpuSeconds = usage.cpuSeconds;
        replica.rssBytes = usage.rssBytes;
      }),
    ]);
    for (const replica of running) {
      const slot = replica.slot === undefined ? undefined : counts.slots.get(replica.slot.number);
      if (slot === undefined || replica.slot === undefined) continue;
      replica.inFlight = slot.inFlight;
      replica.taken = slot.taken - replica.slot.takenBefore;
    }
    const inFlight = running.reduce((sum, replica) => sum + replica.inFlight, 0);
    const cpuSeconds = this.#all.reduce((sum, replica) => sum + replica.cpuSeconds - replica.cpuSecondsToStart, 0);
    const { arrived, waiting, mostWaiting } = counts;
    return { arrived, waiting, mostWaiting, inFlight, cpuSeconds };
  }

  countMostAnew(): Promise<void> {
    return this.#front.forgetMaxima();
  }

  cutOff(id: number, isCut: boolean): void {
    const replica = this.#at(id);
    const cutOff = replica.running?.cutOff;
    if (cutOff === undefined) {
      throw environmentNotReady(`${replica.name} cannot be cut off from its providers`, { code: "not-breakable" });
    }
    cutOff(isCut);
    replica.isCutOff = isCut;
  }

  async setPolicy(policy: GatewayPolicy): Promise<"at-once" | "new-replicas"> {
    const call = this.#callUnder(policy); // throws what cannot be expressed, before anything has changed
    this.#policy = policy;
    if (call === undefined) {
      this.#policyNumber += 1;
      return "new-replicas";
    }
    await this.#front.setHeaders(headerValues(policy, call));
    this.#call = call;
    return "at-once";
  }

  async switchModels(shares: ReadonlyMap<string, number>, policy: GatewayPolicy): Promise<void> {
    const call = this.#callUnder(policy);
    if (call === undefined) {
      throw environmentNotReady("this gateway does not take its routes from each request", { code: "not-per-request" });
    }
    const routes = policy.routes.filter(({ model }) => shares.has(model));
    await this.#front.switchModels({ shares, values: headerValues({ ...policy, routes }, call) });
  }

  bar(tenant: string, retryAfterMs: Ms | undefined): Promise<void> {
    return this.#front.bar(tenant, retryAfterMs);
  }

  admit(requests: boolean): Promise<void> {
    return this.#front.admit(requests);
  }

  async stop(deadlineMs: Ms): Promise<void> {
    this.#isStopping = true;
    this.#ended.abort();
    for (const replica of this.#all) replica.unwanted.abort();
    await this.#front.stop(deadlineMs);
    await Promise.all(this.#all.flatMap(({ running }) => (running === undefined ? [] : [running.stop(deadlineMs)])));
    await Promise.all(this.#starting);
  }

  /** undefined: another policy needs other processes. */
  #callUnder(policy: GatewayPolicy): ((model: string) => GatewayCall) | undefined {
    return this.#existing()
      .find(({ running }) => running !== undefined)
      ?.running?.callUnder?.(policy);
  }

  #existing(): readonly BalancedReplica[] {
    return this.#all.filter(({ phase }) => phase !== "gone");
  }

  #newReplica(version: string, nowMs: Ms): BalancedReplica {
    const replica = new BalancedReplica(this.#all.length, version, this.#policyNumber, nowMs);
    this.#all.push(replica);
    return replica;
  }

  async #bringUp(replica: BalancedReplica): Promise<void> {
    const { clock, readinessMs, startReplica, startupMs, watcher } = this.#options;
    const { signal } = replica.unwanted;
    const start = startReplica(this.#policy, replica.version, signal).then(async (gateway) => {
      if (!signal.aborted) return gateway;
      await gateway.stop(stopDeadlineMs);
      throw signal.reason;
    });
    const forgotten = start.catch(() => undefined);
    this.#starting.add(forgotten);
    void forgotten.finally(() => this.#starting.delete(forgotten));
    const gateway = await start;
    replica.running = gateway;
    const runsMs = replica.wishedMs + startupMs(replica.id);
    if (!(await this.#waited(replica, runsMs, gateway))) return;
    if (readinessMs > 0) {
      replica.enter("unready", clock.nowMs());
      watcher.changed();
      if (!(await this.#waited(replica, clock.nowMs() + readinessMs, gateway))) return;
    }
    await this.#moveIn(replica, gateway);
    this.#failures = 0;
    replica.enter("ready", clock.nowMs());
    await this.#tellFront();
    const after = formatDuration(Math.round(clock.nowMs() - replica.wishedMs));
    watcher.happened("replica-ready", replica.name, `serves ${after} after it was wished for`);
    watcher.changed();
  }

  /** Whether it is still wanted, and alive, at that instant. */
  async #waited(replica: BalancedReplica, untilMs: Ms, gateway: RunningGateway): Promise<boolean> {
    const { clock } = this.#options;
    const waitMs = (untilMs - clock.nowMs()) / clock.timeScale;
    const { signal } = replica.unwanted;
    const died = waitMs <= 0 ? undefined : await Promise.race([gateway.exited, slept(waitMs, signal)]);
    if (died !== undefined) throw environmentNotReady(died, { code: "replica-ended" });
    if (!signal.aborted) return true;
    await gateway.stop(stopDeadlineMs);
    return false;
  }

  async #moveIn(replica: BalancedReplica, gateway: RunningGateway): Promise<void> {
    const used = new Set(this.#existing().map(({ slot }) => slot?.number));
    const free = Array.from({ length: this.#options.slots }, (_, index) => index + 1).find((slot) => !used.has(slot));
    if (free === undefined) {
      throw environmentNotReady(`all ${this.#options.slots} places behind the load balancer are taken`, {
        code: "fleet-full",
      });
    }
    replica.running = gateway;
    replica.slot = { number: free, takenBefore: 0 };
    replica.cpuSeconds = (await gateway.usage())?.cpuSeconds ?? 0;
    replica.cpuSecondsToStart = replica.cpuSeconds;
    const counts = await this.#front.counts();
    replica.slot = { number: free, takenBefore: counts.slots.get(free)?.taken ?? 0 };
    await this.#front.settle(free, portOf(this.#policy, gateway.call));
    void gateway.exited.then((why) => {
      if (replica.phase !== "gone" && !this.#isStopping) this.#isGone(replica, why);
    });
  }

  async #drained(replica: BalancedReplica): Promise<void> {
    const { clock, graceMs } = this.#options;
    await this.#tellFront();
    const since = replica.sinceMs;
    for (let looks = 0; !this.#ended.signal.aborted; looks++) {
      await this.sample();
      if (replica.phase !== "draining") return;
      if (replica.inFlight === 0) {
        const after = formatDuration(Math.round(clock.nowMs() - since));
        const done =
          looks === 0 ? "had no request to finish" : `finished its last request ${after} after it got no more`;
        return this.#isGone(replica, done);
      }
      if (graceMs !== undefined && clock.nowMs() - since >= graceMs) {
        const lost = plural(replica.inFlight, "request");
        return this.#isGone(replica, `is killed: its grace is over, with ${lost} in flight`, 0);
      }
      await slept(drainPollMs, this.#ended.signal);
    }
  }

  #isGone(replica: BalancedReplica, why: string, deadlineMs: Ms = stopDeadlineMs): void {
    if (replica.phase === "gone") return;
    replica.enter("gone", this.#options.clock.nowMs());
    void this.#leave(replica, deadlineMs);
    this.#options.watcher.happened("replica-gone", replica.name, why);
    // Nobody is to wish for another one where none will start: it would be so without end.
    if (this.#failures < failuresMax) this.#options.watcher.changed();
  }

  /** The front lets go of it before its process ends. */
  async #leave(replica: BalancedReplica, deadlineMs: Ms): Promise<void> {
    await this.#tellFront();
    await replica.running?.stop(deadlineMs);
  }

  #didNotStart(replica: BalancedReplica, cause: unknown): void {
    if (replica.unwanted.signal.aborted || this.#isStopping || this.#options.signal?.aborted === true) return;
    const why = cause instanceof Error ? cause.message : String(cause);
    this.#failures += 1;
    if (this.#failures >= failuresMax) this.#settleExit(`${failuresMax} replicas in a row did not start: ${why}`);
    this.#isGone(replica, `did not start: ${why}`);
  }

  /** The front is told who serves; whoever is gone leaves its slot. */
  #tellFront(): Promise<void> {
    this.#telling = this.#telling.then(() => this.#tell()).catch((cause: unknown) => this.#frontFailed(cause));
    return this.#telling;
  }

  async #tell(): Promise<void> {
    if (this.#isStopping) return;
    const ready = this.#all.filter(({ phase }) => phase === "ready");
    const well = ready.filter(({ isWell }) => isWell);
    const serving = new Set(well.length === 0 ? ready : well);
    for (const replica of this.#all) {
      const { slot, phase } = replica;
      if (slot === undefined) continue;
      const state = phase === "gone" ? "empty" : serving.has(replica) ? "serve" : "drain";
      if (state !== replica.told) await this.#front.turn(slot.number, state);
      replica.told = state;
      if (state === "empty") replica.slot = undefined;
    }
    await this.#weigh(ready);
  }

  async #weigh(ready: readonly BalancedReplica[]): Promise<void> {
    const { weights } = this.#options;
    if (weights === undefined) return;
    for (const [replica, weight] of weightsOf(ready, weights)) {
      if (replica.slot !== undefined) await this.#front.weigh(replica.slot.number, weight);
    }
  }

  /** A front that does not answer has ended, which says more, or else this is why nothing goes on. */
  #frontFailed(cause: unknown): void {
    if (this.#isStopping) return;
    const why = cause instanceof Error ? cause.message : String(cause);
    void sleep(frontDeathMs, undefined, { ref: false }).then(() => this.#settleExit(why));
  }

  #at(id: number): BalancedReplica {
    const replica = this.#all[id];
    invariant(replica !== undefined, `no replica ${id}`);
    return replica;
  }
}

/** Resolves, with nothing, after so long or when it is aborted. */
async function slept(waitMs: Ms, signal: AbortSignal): Promise<undefined> {
  await sleep(waitMs, undefined, { signal }).catch(() => undefined);
}
