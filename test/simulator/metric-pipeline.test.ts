import { describe, expect, it } from "vitest";
import type { MetricReading } from "../../behavior/scaling/policy.ts";
import { scalingMetrics } from "../../behavior/scaling/metric-names.ts";
import type { MetricPipelineSpec } from "../../core/scenario/platform-spec.ts";
import { MetricPipeline } from "../../simulator/metric-pipeline.ts";
import { Replica, type ReplicaPhase } from "../../simulator/replica.ts";
import { evenWork } from "../../simulator/station.ts";

/** Every 10 s, over 20 s, at once. */
const spec: MetricPipelineSpec = { scrapeMs: 10_000, windowMs: 20_000, lagMs: 0 };

/** A platform whose meters a test turns by hand. */
class Bench {
  readonly replicas: Replica[] = [];
  arrived = 0;
  inFlight = 0;
  waiting = 0;
  readonly providers: { tokens: number; limitPerMinute: number | undefined }[] = [];
  readonly pipeline: MetricPipeline;

  constructor(changes: Partial<MetricPipelineSpec> = {}) {
    const fleet = {
      existing: this.replicas,
      get inFlight() {
        return bench.inFlight;
      },
      get waiting() {
        return bench.waiting;
      },
    };
    // oxlint-disable-next-line typescript/no-this-alias
    const bench = this;
    this.pipeline = new MetricPipeline(
      { ...spec, ...changes },
      { fleet, arrived: () => this.arrived, providers: this.providers },
    );
  }

  add(phase: ReplicaPhase): Replica {
    const replica = new Replica(this.replicas.length, 0);
    replica.enter(phase, 0);
    this.replicas.push(replica);
    return replica;
  }

  total(name: string, nowMs: number): number | undefined {
    const reading = this.pipeline.read(nowMs).get(name);
    return reading?.kind === "total" ? reading.values[0] : undefined;
  }
}

function samplesOf(reading: MetricReading | undefined): readonly (readonly [string, number, number, number])[] {
  if (reading?.kind !== "per-replica") return [];
  return reading.samples.map(({ replica, value, takenAtMs, windowMs }) => [replica, value, takenAtMs, windowMs]);
}

describe("the metric pipeline", () => {
  it("offers what it can measure under the names that configs are translated to", () => {
    const bench = new Bench();
    bench.providers.push({ tokens: 0, limitPerMinute: 1_000 });
    bench.pipeline.scrape(0);
    bench.pipeline.scrape(10_000);
    const read = [...bench.pipeline.read(10_000).keys()];
    const offered = read.filter((name) => !name.startsWith("pods/")); // the same, measured on each replica
    expect(offered.filter((name) => !(name in scalingMetrics))).toEqual([]);
    const known = Object.keys(scalingMetrics).filter((name) => !name.startsWith("memory"));
    expect(offered.toSorted()).toEqual(known.toSorted());
  });

  it("shows nothing before the first sample, and no rate before the second", () => {
    const bench = new Bench();
    bench.waiting = 3;
    expect(bench.pipeline.read(0).size).toBe(0);
    bench.pipeline.scrape(0);
    expect([...bench.pipeline.read(0).keys()]).toEqual(["concurrency", "queue_depth"]);
    expect(bench.total("queue_depth", 0)).toBe(3);
  });

  it("reads counters as rates over the window, and gauges as they were at the last sample", () => {
    const bench = new Bench();
    for (const [atMs, arrived, inFlight] of [
      [0, 0, 1],
      [10_000, 100, 2],
      [20_000, 300, 3],
      [30_000, 600, 4],
    ] as const) {
      Object.assign(bench, { arrived, inFlight, waiting: 10 });
      bench.pipeline.scrape(atMs);
    }
    // Between 10 s and 30 s: 500 requests.
    expect(bench.total("requests_per_second", 30_000)).toBeCloseTo(25, 12);
    expect(bench.total("rps", 34_000)).toBeCloseTo(25, 12);
    expect(bench.total("requests_per_minute", 30_000)).toBeCloseTo(1_500, 12);
    expect(bench.total("concurrency", 30_000)).toBe(14);
  });

  it("takes whole scrapes for a window between two", () => {
    const bench = new Bench({ windowMs: 15_000 });
    for (const atMs of [0, 10_000, 20_000, 30_000]) {
      bench.arrived = atMs === 30_000 ? 60 : 0;
      bench.pipeline.scrape(atMs);
    }
    expect(bench.total("rps", 30_000)).toBe(3);
  });

  it("shows a sample when its lag is over and not before", () => {
    const bench = new Bench({ lagMs: 4_000 });
    for (const atMs of [0, 10_000, 20_000]) {
      bench.waiting = atMs;
      bench.pipeline.scrape(atMs);
    }
    expect(bench.total("queue_depth", 13_999)).toBe(0);
    expect(bench.total("queue_depth", 14_000)).toBe(10_000);
    expect(bench.total("queue_depth", 23_999)).toBe(10_000);
    expect(bench.total("queue_depth", 24_000)).toBe(20_000);
  });

  it("keeps what a lag and a window reach back to, however long it runs", () => {
    const bench = new Bench({ lagMs: 25_000 });
    for (let atMs = 0; atMs <= 200_000; atMs += 10_000) {
      bench.arrived = atMs / 1_000; // one a second
      bench.pipeline.scrape(atMs);
      if (atMs >= 50_000) expect(bench.total("rps", atMs)).toBeCloseTo(1, 12);
    }
  });

  it("measures the computing time of each replica in cores and in percent, as far as it was served", () => {
    const bench = new Bench();
    const [busy, idle] = [bench.add("ready"), bench.add("unready")];
    bench.pipeline.scrape(0);
    busy.cpu.offer(2_000, evenWork(4_000));
    bench.pipeline.scrape(10_000);
    busy.cpu.offer(15_000, evenWork(20_000)); // of this, 5 s are served by 20 s
    bench.pipeline.scrape(20_000);
    const readings = bench.pipeline.read(20_000);
    expect(samplesOf(readings.get("cpu"))).toEqual([
      ["gateway-0", 0.45, 20_000, 20_000],
      ["gateway-1", 0, 20_000, 20_000],
    ]);
    expect(samplesOf(readings.get("cpu_utilization"))[0]?.[1]).toBe(45);
    expect([busy.cpu.jobs, idle.cpu.jobs]).toEqual([2, 0]); // looking is no work
  });

  it("misses a replica until its second sample, and then measures it since its first", () => {
    const bench = new Bench();
    bench.add("ready");
    bench.pipeline.scrape(0);
    const late = bench.add("unready");
    bench.pipeline.scrape(10_000);
    expect(samplesOf(bench.pipeline.read(10_000).get("cpu")).map(([name]) => name)).toEqual(["gateway-0"]);
    late.enter("ready", 12_000);
    late.cpu.offer(12_000, evenWork(2_000));
    bench.pipeline.scrape(20_000);
    expect(samplesOf(bench.pipeline.read(20_000).get("cpu"))[1]).toEqual(["gateway-1", 0.2, 20_000, 10_000]);
  });

  it("measures requests on each replica, for policies that ask for a metric of its pods", () => {
    const bench = new Bench();
    const [one, two] = [bench.add("ready"), bench.add("ready")];
    bench.pipeline.scrape(0);
    one.taken = 50;
    two.taken = 20;
    two.inFlight = 3;
    bench.pipeline.scrape(10_000);
    const read = (name: string): unknown => samplesOf(bench.pipeline.read(10_000).get(name)).map(([, value]) => value);
    expect(read("pods/requests_per_second")).toEqual([5, 2]);
    expect(read("pods/requests_per_minute")).toEqual([300, 120]);
    expect(read("pods/concurrency")).toEqual([0, 3]);
  });

  it.each(["starting", "draining"] as const)("does not sample a replica that is %s", (phase) => {
    const bench = new Bench();
    bench.add(phase);
    bench.pipeline.scrape(0);
    bench.pipeline.scrape(10_000);
    expect(samplesOf(bench.pipeline.read(10_000).get("cpu"))).toEqual([]);
  });

  it("adds up the tokens of all providers, and takes the share of the one nearest to its limit", () => {
    const bench = new Bench();
    const large = { tokens: 0, limitPerMinute: 60_000 };
    const small = { tokens: 0, limitPerMinute: 1_200 };
    const free = { tokens: 0, limitPerMinute: undefined };
    bench.providers.push(large, small, free);
    bench.pipeline.scrape(0);
    Object.assign(large, { tokens: 1_000 });
    Object.assign(small, { tokens: 100 });
    Object.assign(free, { tokens: 5_000 });
    bench.pipeline.scrape(10_000);
    expect(bench.total("tokens_per_minute", 10_000)).toBeCloseTo(6 * 6_100, 9);
    expect(bench.total("token_usage_rate", 10_000)).toBeCloseTo(50, 9); // 600 a minute of 1,200
  });

  it("has no share of a limit where no provider has one", () => {
    const bench = new Bench();
    bench.providers.push({ tokens: 0, limitPerMinute: undefined });
    bench.pipeline.scrape(0);
    bench.pipeline.scrape(10_000);
    expect(bench.pipeline.read(10_000).has("token_usage_rate")).toBe(false);
  });
});
