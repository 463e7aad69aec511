/**
 * The loop that scales: samples are taken, the policy is asked about what has become visible of them, the fleet does as it
 * wishes.
 *
 * The policy is the one that would move real replicas; all it learns of the platform goes through the metric pipeline, except
 * what an orchestrator knows at once: which replicas exist, and which are ready.
 */
import type { Replica as ObservedReplica, ScalingPolicy } from "../behavior/scaling/policy.ts";
import type { RandomStream } from "../core/random.ts";
import type { FleetSpec } from "../core/scenario/platform-spec.ts";
import type { Ms } from "../core/time.ts";
import { fleetActs, schedule } from "./events.ts";
import type { FleetLog } from "./fleet-log.ts";
import type { Fleet } from "./fleet.ts";
import type { EventHandle, Kernel } from "./kernel.ts";
import { MetricPipeline, type Meters } from "./metric-pipeline.ts";
import type { Replica } from "./replica.ts";
import type { Tally } from "./tally.ts";

export interface ScalingLoopOptions {
  readonly kernel: Kernel;
  readonly policy: ScalingPolicy;
  readonly spec: Pick<FleetSpec, "minReplicas" | "maxReplicas" | "metrics">;
  readonly fleet: Fleet;
  readonly meters: Meters;
  readonly log: FleetLog;
  readonly tally: Tally;
  /** Which samples are lost. */
  readonly random: RandomStream;
}

export class ScalingLoop {
  readonly #options: ScalingLoopOptions;
  readonly #pipeline: MetricPipeline;
  readonly #pending: { scrape: EventHandle | undefined; question: EventHandle | undefined };

  constructor(options: ScalingLoopOptions) {
    this.#options = options;
    this.#pipeline = new MetricPipeline(options.spec.metrics, options.meters, options);
    this.#pending = { scrape: undefined, question: undefined };
  }

  /** The first sample is taken at once, the first question comes one interval later. */
  begin(): void {
    this.scrape();
    this.#askLater();
  }

  scrape(): void {
    const { kernel, spec } = this.#options;
    this.#pipeline.scrape(kernel.nowMs);
    this.#pending.scrape = schedule(kernel, kernel.nowMs + spec.metrics.scrapeMs, fleetActs.metricsScraped, 0);
  }

  /** Share of the samples that never arrive from now on; undefined: as configured. */
  loseSamples(share: number | undefined): void {
    this.#pipeline.loseSamples(share);
  }

  /** Whether nobody listens to the policy. It is asked all the same, and remembers what it saw. */
  paused = false;

  ask(): void {
    const { kernel, policy, fleet, log } = this.#options;
    const { nowMs } = kernel;
    const from = fleet.wished;
    const { replicas, reason } = policy.decide({
      nowMs,
      replicas: from,
      ready: fleet.ready.length,
      fleet: fleet.existing.map(observed),
      metrics: this.#pipeline.read(nowMs),
    });
    const to = this.#bounded(replicas);
    if (to !== from && !this.paused) {
      const held = to === replicas ? "" : `, held at ${to} by the platform`;
      log.happened(nowMs, "scale", "gateway", `${reason}${held}`);
      fleet.scaleTo(to);
    }
    this.#askLater();
  }

  /** Nobody sends any more: nobody asks. */
  stop(): void {
    for (const handle of [this.#pending.scrape, this.#pending.question]) {
      if (handle !== undefined) this.#options.kernel.cancel(handle);
    }
  }

  #askLater(): void {
    const { kernel, policy } = this.#options;
    this.#pending.question = schedule(kernel, kernel.nowMs + policy.syncMs, fleetActs.policyAsked, 0);
  }

  #bounded(replicas: number): number {
    const { minReplicas, maxReplicas } = this.#options.spec;
    return Math.min(maxReplicas, Math.max(minReplicas, replicas));
  }
}

/** One core, in thousandths: what a replica's event loop can use, and what utilization is a share of. */
const coreMilli = 1_000;

/** A replica as an orchestrator describes it. One that starts was placed at once: its start-up time holds everything else. */
export function observed({
  name,
  phase,
  sinceMs,
  wishedMs,
}: Pick<Replica, "name" | "phase" | "sinceMs" | "wishedMs">): ObservedReplica {
  const state = phase === "ready" ? "ready" : "unready";
  return {
    name,
    phase: phase === "starting" ? "pending" : "running",
    deleting: phase === "draining",
    startedAtMs: wishedMs,
    readiness: { state, sinceMs: readinessSinceMs(phase, sinceMs, wishedMs) },
    requestsMilli: { cpu: coreMilli },
  };
}

/** Until it is ready for the first time, a replica has been unready from the beginning. */
function readinessSinceMs(phase: Replica["phase"], sinceMs: Ms, wishedMs: Ms): Ms {
  return phase === "starting" || phase === "unready" ? wishedMs : sinceMs;
}
