/**
 * What lies between the truth and a scaling policy: samples every `scrapeMs`, rates over `windowMs`, and readings that are
 * `lagMs` old. A policy that is asked at an instant sees the latest sample that has arrived by then, and nothing younger.
 *
 * Counters (computing time, requests, tokens) are read as rates between two samples, so a replica that has been sampled
 * only once is missing, as it is in Kubernetes' metrics server; gauges (in flight, waiting) as they were at the sample. Requests
 * are counted as they reach the balancer, tokens as the gateway learns of them.
 */
import type { MetricReading, ReplicaSample } from "../behavior/scaling/policy.ts";
import type { RandomStream } from "../core/random.ts";
import type { MetricPipelineSpec } from "../core/scenario/platform-spec.ts";
import { minuteMs, type Ms, secondMs } from "../core/time.ts";
import type { Fleet } from "./fleet.ts";
import type { Tally } from "./tally.ts";
import type { TokenMeter } from "./token-meter.ts";

export interface Meters {
  readonly fleet: Pick<Fleet, "existing" | "inFlight" | "waiting">;
  /** Requests that have reached the balancer so far. */
  readonly arrived: () => number;
  readonly providers: readonly Pick<TokenMeter, "tokens" | "limitPerMinute">[];
}

/** Which samples are lost, and who counts them. */
export interface Losses {
  readonly random: RandomStream;
  readonly tally: Tally;
}

/** Everything that was measured at one instant. */
interface Scrape {
  readonly atMs: Ms;
  /** By name, of those whose process runs and that are not draining. */
  readonly busyMs: ReadonlyMap<string, Ms>;
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
        busyMs: new Map(measured.map((replica) => [replica.name, replica.busyMs(nowMs)])),
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
    for (const [name, reading] of cpuReadings(window, latest)) readings.set(name, reading);
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

/** Share of its one core that each replica used, since its first sample in the window. */
function cpuReadings(window: readonly Scrape[], latest: Scrape): readonly (readonly [string, MetricReading])[] {
  const samples = [...latest.busyMs].flatMap(([replica, busyMs]): ReplicaSample[] => {
    const first = window.find((scrape) => scrape.busyMs.has(replica));
    if (first === undefined || first === latest) return [];
    const windowMs = latest.atMs - first.atMs;
    const value = (busyMs - (first.busyMs.get(replica) ?? 0)) / windowMs;
    return [{ replica, value, takenAtMs: latest.atMs, windowMs }];
  });
  const percent = samples.map((sample) => ({ ...sample, value: sample.value * 100 }));
  return [
    ["cpu", { kind: "per-replica", samples }],
    ["cpu_utilization", { kind: "per-replica", samples: percent }],
  ];
}

function total(value: number): MetricReading {
  return { kind: "total", values: [value] };
}
