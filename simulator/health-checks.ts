/**
 * Health checks: who finds out that a replica is sick, and how soon.
 *
 * A plain HTTP check sees the process: it succeeds where the event loop comes to it in time. A check that reaches a model
 * also fails where the replica cannot reach one, where its version fails requests by itself, and where the provider does not
 * answer; then every replica fails at once, and the fleet must not take that for its own illness (`fleet.ts`).
 * Assumed: probes take no time of the event loop; a probe of a model is settled when it is begun.
 */
import type { RandomStream } from "../core/random.ts";
import type { HealthSpec } from "../core/scenario/deployment-spec.ts";
import type { Ms } from "../core/time.ts";
import { fleetLife, scheduleLife } from "./fleet-events.ts";
import type { FleetLog } from "./fleet-log.ts";
import type { Fleet } from "./fleet.ts";
import type { EventHandle, Kernel } from "./kernel.ts";
import type { Replica } from "./replica.ts";
import type { Tally } from "./tally.ts";

export interface HealthChecksOptions {
  readonly kernel: Kernel;
  readonly spec: HealthSpec;
  readonly fleet: Pick<Fleet, "ready" | "healthChanged">;
  /** Asks a model through a sound replica: after how long the answer begins; undefined: none comes. */
  readonly askModel: () => Ms | undefined;
  readonly random: RandomStream;
  readonly tally: Tally;
  readonly log: FleetLog;
}

export class HealthChecks {
  readonly #options: HealthChecksOptions;
  #next: EventHandle | undefined = undefined;

  constructor(options: HealthChecksOptions) {
    this.#options = options;
  }

  begin(): void {
    const { kernel, spec } = this.#options;
    this.#next = scheduleLife(kernel, kernel.nowMs + spec.everyMs, fleetLife.probesRun, 0);
  }

  /** Every replica that is ready is probed. */
  run(): void {
    const { fleet, tally } = this.#options;
    let changed = false;
    for (const replica of fleet.ready) {
      const succeeds = this.#probe(replica);
      tally.count("probes");
      if (!succeeds) tally.count("probesFailed");
      if (this.#judge(replica, succeeds)) changed = true;
    }
    if (changed) fleet.healthChanged();
    this.begin();
  }

  stop(): void {
    if (this.#next !== undefined) this.#options.kernel.cancel(this.#next);
  }

  #probe(replica: Replica): boolean {
    const { kernel, spec, askModel, random } = this.#options;
    const waitMs = replica.cpu.waitMs(kernel.nowMs);
    if (waitMs > spec.timeoutMs) return false;
    if (spec.probe === "http") return true;
    if (!replica.reachesModels) return false;
    if (replica.errorShare > 0 && random.uniform() < replica.errorShare) return false;
    const answerMs = askModel();
    return answerMs !== undefined && waitMs + answerMs <= spec.timeoutMs;
  }

  /** Whether this probe has turned the view of a replica. */
  #judge(replica: Replica, succeeds: boolean): boolean {
    const { kernel, spec, tally, log } = this.#options;
    replica.contrary = succeeds === replica.isWell ? 0 : replica.contrary + 1;
    const needed = replica.isWell ? spec.unhealthy : spec.healthy;
    if (replica.contrary < needed) return false;
    replica.isWell = succeeds;
    replica.contrary = 0;
    if (!succeeds) tally.count("ejected");
    const kind = succeeds ? "replica-well" : "replica-sick";
    const text = succeeds ? "passes its health check again" : `has failed ${needed} health checks in a row`;
    log.happened(kernel.nowMs, kind, replica.name, text);
    return true;
  }
}
