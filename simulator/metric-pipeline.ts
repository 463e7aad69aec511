/**
 * What lies between the truth and a scaling policy: samples every `scrapeMs`, rates over `windowMs`, and readings that are
 * `lagMs` old. A policy that is asked at an instant sees the latest sample that has arrived by then, and nothing younger.
 *
 * Counters (computing time, requests, tokens) are read as rates between two samples, so a replica that has been sampled
 * only once is missing, as it is in Kubernetes' metrics server; gauges (in flight, waiting) as they were at the sample. Requests
 * are counted as they reach the balancer, tokens as the gateway learns of them.
 */
import { perReplicaMetric } from "../behavior/scaling/metric-names.ts";
import type { MetricReading, ReplicaSample } from "../behavior/scaling/policy.ts";
import type { RandomStream } from "../core/random.ts";
import type { MetricPipelineSpec } from "../core/scenario/platform-spec.ts";
import { minuteMs, type Ms, secondMs } from "../core/time.ts";
import type { ReplicaPhase } from "./replica.ts";
import type { Tally } from "./tally.ts";
import type { TokenMeter } from "./token-meter.ts";

/** A replica, simulated or live, as it can be measured. */
export interface MeasuredReplica {
  readonly name: string;
  readonly phase: ReplicaPhase;
  readonly inFlight: number;
  /** Requests it has been given. */
  readonly taken: number;
  /** Time that it has computed. */
  readonly busyMs: (nowMs: Ms) => Ms;
}

export interface Meters {
  readonly fleet: {
    readonly existing: readonly MeasuredReplica[];
    readonly inFlight: number;
    readonly waiting: number;
  };
  /** Requests that have reached the balancer so far. */
  readonly arrived: () => number;
  readonly providers: readonly Pick<TokenMeter, "tokens" | "limitPerMinute">[];
}

/** Which samples are lost, and who counts them. */
export interface Losses {
  readonly random: RandomStream;
  readonly tally: Tally;
}

/** What is measured on one replica: counters, and a gauge. */
interface Sampled {
  readonly busyMs: Ms;
  readonly taken: number;
  readonly inFlight: number;
}

/** Everything that was measured at one instant. */
interface Scrape {
  readonly atMs: Ms;
  /** By name, of those whose process runs and that are not draining. */
  readonly replicas: ReadonlyMap<string, Sampled>;
  readonly inFlight: number;
  readonly waiting: number;
  readonly arrived: number;
  /** By provider. */
  readonly tokens: readonly number[];
}

export class MetricPipeline {
  readonly #spec: MetricPipelineSpec;
  readonly #meters: Meters;
  readonly #losses: Losses | undefined;
  /** Share of the samples of single replicas that never arrive. */
  #missingShare: number;
  /** In order of time, as far back as a reading may reach. */
  #scrapes: Scrape[] = [];

  constructor(spec: MetricPipelineSpec, meters: Meters, losses?: Losses) {
    this.#spec = spec;
    this.#meters = meters;
    this.#losses = losses;
    this.#missingShare = spec.missingShare ?? 0;
  }

  /** Share of the samples that never arrive from now on; undefined: as configured. */
  loseSamples(share: number | undefined): void {
    this.#missingShare = share ?? this.#spec.missingShare ?? 0;
  }

  /** Takes a sample of everything, now. */
  scrape(nowMs: Ms): void {
    const { fleet, arrived, providers } = this.#meters;
    if (this.#isLost(this.#spec.failingShare ?? 0, "scrapesFailed")) return;
    const measured = fleet.existing.filter(
      ({ phase }) => (phase === "ready" || phase === "unready") && !this.#isLost(this.#missingShare, "samplesMissing"),
    );
    const { scrapeMs, windowMs, lagMs } = this.#spec;
    const neededMs = nowMs - lagMs - windowMs - scrapeMs;
    const firstNeeded = this.#scrapes.findLastIndex(({ atMs }) => atMs <= neededMs);
    this.#scrapes = [
      ...this.#scrapes.slice(Math.max(0, firstNeeded)),
      {
        atMs: nowMs,
        replicas: new Map(
          measured.map((replica) => {
            const { name, taken, inFlight } = replica;
            return [name, { busyMs: replica.busyMs(nowMs), taken, inFlight }];
          }),
        ),
        inFlight: fleet.inFlight,
        waiting: fleet.waiting,
        arrived: arrived(),
        tokens: providers.map(({ tokens }) => tokens),
      },
    ];
  }

  /** What can be read now, by the names of `metric-names.ts`. What has not been measured is absent. */
  read(nowMs: Ms): ReadonlyMap<string, MetricReading> {
    const { lagMs, windowMs } = this.#spec;
    const arrived = this.#scrapes.filter(({ atMs }) => atMs <= nowMs - lagMs);
    const latest = arrived.at(-1);
    if (latest === undefined) return new Map();
    const from = Math.max(
      0,
      arrived.findLastIndex(({ atMs }) => atMs <= latest.atMs - windowMs),
    );
    const window = arrived.slice(from);
    const readings = new Map<string, MetricReading>([
      ["concurrency", total(latest.inFlight + latest.waiting)],
      ["queue_depth", total(latest.waiting)],
    ]);
    const first = window[0];
    if (first === undefined || first === latest) return readings;
    for (const [name, reading] of this.#rates(first, latest)) readings.set(name, reading);
    for (const [name, reading] of replicaReadings(window, latest)) readings.set(name, reading);
    return readings;
  }

  /** Draws only where something may be lost. */
  #isLost(share: number, what: "scrapesFailed" | "samplesMissing"): boolean {
    if (share === 0 || this.#losses === undefined) return false;
    const isLost = this.#losses.random.uniform() < share;
    if (isLost) this.#losses.tally.count(what);
    return isLost;
  }

  #rates(first: Scrape, latest: Scrape): readonly (readonly [string, MetricReading])[] {
    const windowMs = latest.atMs - first.atMs;
    const perMs = (latest.arrived - first.arrived) / windowMs;
    const tokensPerMinute = latest.tokens.map((tokens, index) => {
      return ((tokens - (first.tokens[index] ?? 0)) / windowMs) * minuteMs;
    });
    const shares = this.#meters.providers.flatMap(({ limitPerMinute }, index) => {
      return limitPerMinute === undefined ? [] : [(tokensPerMinute[index] ?? 0) / limitPerMinute];
    });
    return [
      ["rps", total(perMs * secondMs)],
      ["requests_per_second", total(perMs * secondMs)],
      ["requests_per_minute", total(perMs * minuteMs)],
      ["tokens_per_minute", total(tokensPerMinute.reduce((sum, rate) => sum + rate, 0))],
      // With several providers the one nearest to its limit counts: it is the first to refuse.
      ...(shares.length === 0 ? [] : [["token_usage_rate", total(Math.max(...shares) * 100)] as const]),
    ];
  }
}

/** What each replica did since its first sample in the window: the share of its one core that it used, what it was given. */
function replicaReadings(window: readonly Scrape[], latest: Scrape): readonly (readonly [string, MetricReading])[] {
  const per = (valueOf: (first: Sampled, last: Sampled, windowMs: Ms) => number): MetricReading => ({
    kind: "per-replica",
    samples: [...latest.replicas].flatMap(([replica, last]): ReplicaSample[] => {
      const from = window.find((scrape) => scrape.replicas.has(replica));
      const first = from?.replicas.get(replica);
      if (from === undefined || first === undefined || from === latest) return [];
      const windowMs = latest.atMs - from.atMs;
      return [{ replica, value: valueOf(first, last, windowMs), takenAtMs: latest.atMs, windowMs }];
    }),
  });
  const rps = per((first, last, windowMs) => ((last.taken - first.taken) / windowMs) * secondMs);
  return [
    ["cpu", per((first, last, windowMs) => (last.busyMs - first.busyMs) / windowMs)],
    ["cpu_utilization", per((first, last, windowMs) => ((last.busyMs - first.busyMs) / windowMs) * 100)],
    [perReplicaMetric("rps"), rps],
    [perReplicaMetric("requests_per_second"), rps],
    [
      perReplicaMetric("requests_per_minute"),
      per((first, last, windowMs) => ((last.taken - first.taken) / windowMs) * minuteMs),
    ],
    [perReplicaMetric("concurrency"), per((_, { inFlight }) => inFlight)],
  ];
}

function total(value: number): MetricReading {
  return { kind: "total", values: [value] };
}
