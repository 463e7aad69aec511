/** Counts ended requests into the families of a run and says, at any instant, what a scrape would find. */
import { invariant } from "../../core/invariant.ts";
import type { RequestRecord } from "../../core/record.ts";
import type { ReplicaCounts } from "../../core/run.ts";
import type { Scenario } from "../../core/scenario/scenario.ts";
import {
  type Bounds,
  boundsFor,
  type HistogramName,
  type KnownLabels,
  knownCounters,
  knownLatencies,
  type Observation,
  observationsOf,
} from "./families.ts";
import { type Labels, labelsKey, type Sample } from "./promql/series-store.ts";

/** What no request tells; what is absent is not exposed. */
export interface Gauges {
  readonly queueDepth?: number | undefined;
  readonly replicas?: Omit<ReplicaCounts, "atMs"> | undefined;
  /** By provider: tokens charged in the past minute as a share of the limit. */
  readonly tokenLimitUse?: ReadonlyMap<string, number> | undefined;
}

interface Histogram {
  readonly labels: Labels;
  /** Those of each bucket, `le` among them. */
  readonly bucketLabels: readonly Labels[];
  /** Not cumulative; one more than there are bounds. */
  readonly counts: number[];
  sum: number;
}

export class RequestMeter {
  readonly #bounds: Bounds;
  readonly #counters = new Map<string, { readonly name: string; readonly labels: Labels; value: number }>();
  readonly #histograms: Readonly<Record<HistogramName, Map<string, Histogram>>> = {
    squall_ttft_seconds: new Map(),
    squall_itl_seconds: new Map(),
    squall_e2e_seconds: new Map(),
  };

  constructor(known: KnownLabels, bounds: Bounds) {
    this.#bounds = bounds;
    for (const zero of knownCounters(known)) this.#add(zero.name, zero.labels, 0);
    for (const labels of knownLatencies(known)) for (const name of histogramNames) this.#histogram(name, labels);
  }

  /** A request has ended. */
  count(record: RequestRecord): void {
    for (const observation of observationsOf(record)) this.#observe(observation);
  }

  /** Everything that a scrape finds now. */
  samples(gauges: Gauges = {}): readonly Sample[] {
    return [
      ...[...this.#counters.values()].map(({ name, labels, value }) => ({ name, labels, value })),
      ...histogramNames.flatMap((name) =>
        [...this.#histograms[name].values()].flatMap((histogram) => bucketsOf(name, histogram)),
      ),
      ...gaugeSamples(gauges),
    ];
  }

  #observe({ name, labels, value }: Observation): void {
    if (!isHistogram(name)) {
      this.#add(name, labels, value);
      return;
    }
    const histogram = this.#histogram(name, labels);
    const bounds = this.#bounds[name];
    const found = bounds.findIndex((bound) => value <= bound);
    const index = found === -1 ? bounds.length : found;
    histogram.counts[index] = (histogram.counts[index] ?? 0) + 1;
    histogram.sum += value;
  }

  #add(name: string, labels: Labels, value: number): void {
    const key = `${name}${labelsKey(labels)}`;
    const counter = this.#counters.get(key);
    if (counter === undefined) this.#counters.set(key, { name, labels, value });
    else counter.value += value;
  }

  #histogram(name: HistogramName, labels: Labels): Histogram {
    const key = labelsKey(labels);
    const known = this.#histograms[name].get(key);
    if (known !== undefined) return known;
    const bucketLabels = [...this.#bounds[name].map(String), "+Inf"].map((le) => ({ ...labels, le }));
    const fresh = { labels, bucketLabels, counts: bucketLabels.map(() => 0), sum: 0 };
    this.#histograms[name].set(key, fresh);
    return fresh;
  }
}

/** A meter that knows who will ask whom, and at which latencies service levels are measured. */
export function requestMeterOf(scenario: Pick<Scenario, "traffic" | "platform" | "slo">): RequestMeter {
  return new RequestMeter(knownLabelsOf(scenario), boundsFor(scenario.slo ?? []));
}

export function knownLabelsOf({ traffic, platform }: Pick<Scenario, "traffic" | "platform">): KnownLabels {
  return {
    models: platform.routes.map(({ model, providers }) => ({ model, providers })),
    tenants: traffic.tenants.map(({ name }) => name),
  };
}

const histogramNames: readonly HistogramName[] = ["squall_ttft_seconds", "squall_itl_seconds", "squall_e2e_seconds"];

function isHistogram(name: Observation["name"]): name is HistogramName {
  return name === "squall_ttft_seconds" || name === "squall_itl_seconds" || name === "squall_e2e_seconds";
}

function bucketsOf(name: string, { labels, bucketLabels, counts, sum }: Histogram): readonly Sample[] {
  let below = 0;
  const buckets = bucketLabels.map((each, index): Sample => {
    below += counts[index] ?? 0;
    return { name: `${name}_bucket`, labels: each, value: below };
  });
  return [...buckets, { name: `${name}_sum`, labels, value: sum }, { name: `${name}_count`, labels, value: below }];
}

function gaugeSamples({ queueDepth, replicas, tokenLimitUse }: Gauges): readonly Sample[] {
  const states = replicas === undefined ? [] : Object.entries(replicas).filter(([state]) => state !== "atMs");
  return [
    ...(queueDepth === undefined ? [] : [{ name: "squall_queue_depth", labels: {}, value: queueDepth }]),
    ...states.map(([state, value]) => ({ name: "squall_replicas", labels: { state }, value })),
    ...[...(tokenLimitUse ?? [])].map(([provider, value]) => {
      invariant(value >= 0, `a share of a limit is not negative: ${value}`);
      return { name: "squall_token_limit_utilization", labels: { provider }, value };
    }),
  ];
}
