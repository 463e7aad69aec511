/**
 * How many replicas a live fleet has, and of which version: the desired state, and what is done to come to it.
 *
 * Who comes and who goes is decided by the simulated fleet's own rule (`simulator/rollout.ts`), so that a live fleet differs
 * from its simulation by how long things take, and not by what is done.
 */
import { invalidInput } from "../../core/errors.ts";
import type { RolloutSpec } from "../../core/scenario/event-spec.ts";
import type { Ms } from "../../core/time.ts";
import type { FleetClock, LiveReplica, MovableFleet, ReplicaHands } from "../../gateways/fleet/live-fleet.ts";
import type { FleetLog } from "../../simulator/fleet-log.ts";
import { firstVersion } from "../../simulator/replica.ts";
import { exchange, plainRollout } from "../../simulator/rollout.ts";
import type { Tally } from "../../simulator/tally.ts";

export interface LiveReplicaSetOptions {
  readonly fleet: MovableFleet;
  readonly clock: FleetClock;
  readonly log: FleetLog;
  readonly tally: Tally;
  /** Ready when the run begins. */
  readonly start: number;
  /** By version: the share of requests that it fails by itself. Told here of each that is rolled out, before it starts. */
  readonly errorShares: Map<string, number>;
  /** Names of the versions that there are besides the first; undefined: any other is the same software under another name. */
  readonly versions?: readonly string[] | undefined;
}

/** A policy that only new replicas have is rolled out as a new version is. */
const surgeForPolicy = 1;

export class LiveReplicaSet implements ReplicaHands {
  readonly #options: LiveReplicaSetOptions;
  #wished: number;
  #rollout: RolloutSpec = plainRollout;
  #rolloutBefore: RolloutSpec | undefined;
  /** Number of the policy that every replica is to have. */
  #policy = 0;
  /** Lost, and nobody has noticed yet. */
  #unnoticed = 0;
  #isExchanging = false;
  #isOver = false;
  readonly #timers: Set<NodeJS.Timeout> = new Set();

  constructor(options: LiveReplicaSetOptions) {
    this.#options = options;
    this.#wished = options.start;
  }

  get wished(): number {
    return this.#wished;
  }

  /** What new replicas run. */
  get version(): string {
    return this.#rollout.version;
  }

  async scaleTo(wished: number): Promise<void> {
    this.#wished = wished;
    this.changed();
  }

  async rollOut(rollout: RolloutSpec): Promise<string> {
    const { versions } = this.#options;
    if (versions !== undefined && ![firstVersion, ...versions].includes(rollout.version)) {
      throw invalidInput(
        `the gateway has no version "${rollout.version}"; it has ${[firstVersion, ...versions].join(", ")}`,
        {
          code: "not-done-live",
          hint: "name its image in the gateway's file, under versions",
        },
      );
    }
    this.#options.errorShares.set(rollout.version, rollout.errorShare);
    this.#rolloutBefore = this.#rollout;
    this.#rollout = rollout;
    this.changed();
    return `surge ${rollout.surge}, unavailable ${rollout.unavailable}`;
  }

  /** At the pace of the rollout that it takes back. */
  async rollBack(): Promise<boolean> {
    const before = this.#rolloutBefore;
    if (before === undefined) return false;
    const { surge, unavailable } = this.#rollout;
    await this.rollOut({ ...before, surge, unavailable });
    return true;
  }

  async renew(): Promise<void> {
    this.#policy += 1;
    this.#rollout = { ...this.#rollout, surge: Math.max(surgeForPolicy, this.#rollout.surge) };
    this.changed();
  }

  async cutOff(count: number): Promise<number> {
    const cut = this.#kept()
      .filter(({ phase, isCutOff }) => phase === "ready" && !isCutOff)
      .toReversed()
      .slice(0, count);
    for (const { id } of cut) this.#options.fleet.cutOff(id, true);
    return cut.length;
  }

  async mend(): Promise<void> {
    for (const { id, isCutOff } of this.#options.fleet.replicas()) if (isCutOff) this.#options.fleet.cutOff(id, false);
  }

  async drain(count: number): Promise<number> {
    const drained = this.#kept()
      .filter(({ phase }) => phase === "ready")
      .slice(0, count);
    for (const { id } of drained) this.#options.fleet.drain(id);
    this.changed();
    return drained.length;
  }

  async lose(count: number, noticedAfterMs: Ms): Promise<number> {
    const { fleet, clock, tally } = this.#options;
    const lost = fleet.replicas().slice(0, count);
    const unnoticed = lost.filter(({ phase }) => phase !== "draining").length;
    this.#unnoticed += unnoticed;
    const killed = await Promise.all(lost.map(({ id }) => fleet.kill(id)));
    tally.count(
      "killed",
      killed.reduce((sum, inFlight) => sum + inFlight, 0),
    );
    if (this.#isOver) return lost.length;
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      this.#unnoticed = Math.max(0, this.#unnoticed - unnoticed);
      this.changed();
    }, noticedAfterMs / clock.timeScale);
    this.#timers.add(timer);
    return lost.length;
  }

  /** A replica has come into another phase, or something else is wished for: who is missing is started, who is over goes. */
  changed(): void {
    if (this.#isOver) return;
    this.#exchange();
    this.#count();
  }

  stop(): void {
    this.#isOver = true;
    for (const timer of this.#timers) clearTimeout(timer);
  }

  #kept(): readonly LiveReplica[] {
    return this.#options.fleet.replicas().filter(({ phase }) => phase !== "draining");
  }

  /** Whatever is started or told to go reports that it has changed: what comes of it is seen in the next round. */
  #exchange(): void {
    if (this.#isExchanging) return;
    this.#isExchanging = true;
    const { fleet } = this.#options;
    const wished = Math.max(0, this.#wished - this.#unnoticed);
    const version = `${this.#rollout.version} with policy ${this.#policy}`;
    for (;;) {
      const kept = this.#kept().map(({ id, phase, version: runs, policy }) => {
        return { id, phase, version: `${runs} with policy ${policy}` };
      });
      const { start, away } = exchange(kept, wished, { ...this.#rollout, version });
      if (start === 0 && away.length === 0) break;
      if (start > 0) fleet.add(start, this.#rollout.version);
      for (const { id } of away) fleet.drain(id);
    }
    this.#isExchanging = false;
  }

  #count(): void {
    const { fleet, clock, log } = this.#options;
    const existing = fleet.replicas();
    const ready = existing.filter(({ phase }) => phase === "ready").length;
    const draining = existing.filter(({ phase }) => phase === "draining").length;
    const starting = existing.length - ready - draining;
    log.counted({ atMs: clock.nowMs(), wished: this.#wished, starting, ready, draining });
  }
}
