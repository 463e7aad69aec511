/**
 * Live scaling: the policy objects that move a simulated fleet move a real one.
 *
 * What they see comes through the simulator's own metric pipeline (scrape interval, window, lag, losses); only the meters are
 * other ones: the CPU time of the processes, what the load balancer counts, and what the providers' ledgers say. A replica's
 * CPU is that of its process: a Node process that collects garbage on other cores can use more than 100 % of one. With
 * `--metrics prometheus` a real Prometheus is asked instead, which scrapes the same meters.
 */
import type { ScalingPolicy } from "../../behavior/scaling/policy.ts";
import type { RandomStream } from "../../core/random.ts";
import type { ProviderLedger } from "../../core/run.ts";
import type { FleetSpec } from "../../core/scenario/platform-spec.ts";
import { type Ms, secondMs } from "../../core/time.ts";
import type { FleetClock, FleetSample, LiveFleet, ReplicaHands } from "../../gateways/fleet/live-fleet.ts";
import type { FleetLog } from "../../simulator/fleet-log.ts";
import { type MeasuredReplica, MetricPipeline } from "../../simulator/metric-pipeline.ts";
import { observed } from "../../simulator/scaling-loop.ts";
import type { Tally } from "../../simulator/tally.ts";
import type { Watch } from "../prometheus/while-watched.ts";

export interface LiveScalingOptions {
  readonly policy: ScalingPolicy;
  readonly spec: Pick<FleetSpec, "minReplicas" | "maxReplicas" | "metrics">;
  readonly fleet: LiveFleet;
  readonly replicas: ReplicaHands;
  readonly ledger: () => Promise<readonly ProviderLedger[]>;
  /** What measures in place of the samples that are taken here. */
  readonly watch?: Pick<Watch, "loseSamples" | "readMetrics"> | undefined;
  readonly clock: FleetClock;
  readonly log: FleetLog;
  readonly tally: Tally;
  /** Which samples are lost. */
  readonly random: RandomStream;
}

export class LiveScaling {
  /** Whether the policy is asked and not listened to. */
  paused = false;
  readonly #options: LiveScalingOptions;
  readonly #pipeline: MetricPipeline;
  #measured: Measured;
  #timer: NodeJS.Timeout | undefined;
  #isOver = false;
  #nextScrapeMs: Ms = 0;
  #nextQuestionMs: Ms;

  constructor(options: LiveScalingOptions) {
    const { spec, policy, clock } = options;
    this.#options = options;
    this.#measured = { sample: { arrived: 0, waiting: 0, inFlight: 0, cpuSeconds: 0 }, existing: [], providers: [] };
    const measured = (): Measured => this.#measured;
    const meters = {
      fleet: {
        get existing(): readonly MeasuredReplica[] {
          return measured().existing;
        },
        get inFlight(): number {
          return measured().sample.inFlight;
        },
        get waiting(): number {
          return measured().sample.waiting;
        },
      },
      arrived: () => measured().sample.arrived,
      get providers(): Measured["providers"] {
        return measured().providers;
      },
    };
    this.#pipeline = new MetricPipeline(spec.metrics, meters, options);
    this.#nextScrapeMs = clock.nowMs();
    this.#nextQuestionMs = clock.nowMs() + policy.syncMs;
  }

  /** The first sample is taken at once, the first question comes one interval later. */
  begin(): void {
    void this.#tick();
  }

  /** Share of the samples that never arrive from now on; undefined: as configured. */
  loseSamples(share: number | undefined): void {
    const { watch, spec } = this.#options;
    if (watch === undefined) this.#pipeline.loseSamples(share);
    else watch.loseSamples(share ?? spec.metrics.missingShare ?? 0);
  }

  stop(): void {
    this.#isOver = true;
    clearTimeout(this.#timer);
  }

  /** What is due now, the sample before the question; then waits for what comes next. */
  async #tick(): Promise<void> {
    const { clock, policy, spec } = this.#options;
    if (this.#options.watch === undefined && clock.nowMs() >= this.#nextScrapeMs) {
      this.#nextScrapeMs = after(this.#nextScrapeMs, spec.metrics.scrapeMs, clock.nowMs());
      await this.#scrape();
    }
    if (this.#isOver) return;
    if (clock.nowMs() >= this.#nextQuestionMs) {
      const dueMs = this.#nextQuestionMs;
      this.#nextQuestionMs = after(dueMs, policy.syncMs, clock.nowMs());
      await this.#ask(dueMs);
    }
    if (this.#isOver) return;
    const nextMs = Math.min(this.#options.watch === undefined ? this.#nextScrapeMs : Infinity, this.#nextQuestionMs);
    this.#timer = setTimeout(() => void this.#tick(), Math.max(0, nextMs - clock.nowMs()) / clock.timeScale);
  }

  /** A sample that could not be taken is one that failed: the policy sees older ones. */
  async #scrape(): Promise<void> {
    const { fleet, ledger, clock, tally } = this.#options;
    try {
      const [sample, ledgers] = await Promise.all([fleet.sample(), ledger()]);
      const { timeScale } = clock;
      this.#measured = {
        sample,
        providers: ledgers.map(tokensOf),
        existing: fleet.replicas().map(({ name, phase, inFlight, taken, cpuSeconds }) => {
          // The scenario's time goes by faster than the processor's: a core that is busy all the time is so in both.
          const busyMs = cpuSeconds * secondMs * timeScale;
          return { name, phase, inFlight, taken, busyMs: () => busyMs };
        }),
      };
      this.#pipeline.scrape(clock.nowMs());
    } catch {
      tally.count("scrapesFailed");
    }
  }

  /**
   * The policy is told the instant at which the question was due: a timer that is late by some milliseconds must not decide
   * whether a recommendation is still within a window.
   */
  async #ask(dueMs: Ms): Promise<void> {
    const { clock, policy, fleet, replicas, log, watch } = this.#options;
    const metrics = watch === undefined ? this.#pipeline.read(clock.nowMs()) : await watch.readMetrics(dueMs);
    if (this.#isOver) return;
    const nowMs = clock.nowMs();
    const from = replicas.wished;
    const existing = fleet.replicas();
    const decision = policy.decide({
      nowMs: dueMs,
      replicas: from,
      ready: existing.filter(({ phase }) => phase === "ready").length,
      fleet: existing.map(observed),
      metrics,
    });
    const to = this.#bounded(decision.replicas);
    if (to === from || this.paused) return;
    const held = to === decision.replicas ? "" : `, held at ${to} by the platform`;
    log.happened(nowMs, "scale", "gateway", `${decision.reason}${held}`);
    void replicas.scaleTo(to).catch((cause: unknown) => {
      log.happened(
        clock.nowMs(),
        "scale",
        "gateway",
        `not done: ${cause instanceof Error ? cause.message : String(cause)}`,
      );
    });
  }

  #bounded(replicas: number): number {
    const { minReplicas, maxReplicas } = this.#options.spec;
    return Math.min(maxReplicas, Math.max(minReplicas, replicas));
  }
}

/** Everything that was measured at one instant. */
interface Measured {
  readonly sample: FleetSample;
  readonly existing: readonly MeasuredReplica[];
  readonly providers: readonly { readonly tokens: number; readonly limitPerMinute: number | undefined }[];
}

/** As the simulator's token meter counts them; the limit is that of all models, undefined where one is unlimited. */
function tokensOf({ inputTokens, outputTokens, limits }: ProviderLedger): Measured["providers"][number] {
  const sum = limits.reduce((total, { tokensPerMinute }) => total + (tokensPerMinute ?? Number.POSITIVE_INFINITY), 0);
  return {
    tokens: inputTokens + outputTokens,
    limitPerMinute: limits.length > 0 && Number.isFinite(sum) ? sum : undefined,
  };
}

/** The next instant of a series; those that were missed are left out. */
function after(dueMs: Ms, everyMs: Ms, nowMs: Ms): Ms {
  return dueMs + everyMs * Math.max(1, Math.ceil((nowMs - dueMs) / everyMs));
}
