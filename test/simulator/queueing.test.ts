/**
 * The kernel and the station against the closed forms of queueing theory.
 *
 * Customers arrive by a Poisson process at the station that gateway replicas are made of, and leave by kernel events. Waits are
 * asked of the station, the number in the system is integrated over kernel time: two different measurements. Each model
 * is run in independent replications, warm-up removed; the mean over them must have the theory in its 99 % interval
 * (Student's t), and the interval must be narrow enough to notice a wrong model.
 */
import { mean, sampleStandardDeviation } from "simple-statistics";
import { describe, expect, it } from "vitest";
import { distribution, type DistributionSpec } from "../../core/distributions.ts";
import { invariant } from "../../core/invariant.ts";
import { randomStream } from "../../core/random.ts";
import { Kernel } from "../../simulator/kernel.ts";
import { evenWork, Station } from "../../simulator/station.ts";

const seed = 7;
const replications = 20;
/** 99.5th percentile of Student's t with 19 degrees of freedom (Pearson and Hartley, table 12). */
const t99 = 2.861;

/** Customers of one replication that count, and those before them that do not. */
const customers = 40_000;
const warmup = 2_000;

/** Half width of the interval, as a share of the theory, beyond which a test would prove nothing. */
const precisionMax = 0.06;

/** Mean service is 1 ms in all models, so that arrivals per millisecond are the load in servers. */
interface Model {
  readonly name: string;
  readonly load: number;
  readonly servers: number;
  readonly service: DistributionSpec;
  /** What a customer needs who finds a server idle, if that is not the same; constant. */
  readonly idleServiceMs?: number;
  /** Mean wait before service, from theory. */
  readonly waitMs: number;
  /** Customers in service on average, from theory; `load` unless given. */
  readonly inService?: number;
}

const exponential: DistributionSpec = { kind: "exponential", mean: 1 };
const sigma = 0.7;
const lognormal: DistributionSpec = { kind: "lognormal", median: Math.exp(-(sigma * sigma) / 2), sigma };

const models: readonly Model[] = [
  { name: "M/M/1 at 50 %", load: 0.5, servers: 1, service: exponential, waitMs: 0.5 / (1 - 0.5) },
  { name: "M/M/1 at 80 %", load: 0.8, servers: 1, service: exponential, waitMs: 0.8 / (1 - 0.8) },
  {
    name: "M/D/1 at 80 %",
    load: 0.8,
    servers: 1,
    service: { kind: "constant", value: 1 },
    waitMs: 0.8 / (2 * (1 - 0.8)),
  },
  {
    name: "M/D/1 at 60 % whose busy periods begin with three times the service",
    load: 0.6,
    servers: 1,
    service: { kind: "constant", value: 1 },
    idleServiceMs: 3,
    ...exceptionalFirst(0.6, 1, 3),
  },
  { name: "M/G/1 at 70 %", load: 0.7, servers: 1, service: lognormal, waitMs: pollaczekKhinchine(0.7, lognormal) },
  { name: "M/M/3 at 70 %", load: 2.1, servers: 3, service: exponential, waitMs: erlangC(3, 2.1) / (3 - 2.1) },
  { name: "M/M/10 at 80 %", load: 8, servers: 10, service: exponential, waitMs: erlangC(10, 8) / (10 - 8) },
];

describe("a station on the kernel", () => {
  describe.each(models)("$name", (model) => {
    const seen = Array.from({ length: replications }, (_, replication) => play(model, replication));

    it("makes customers wait as long as theory says", () => {
      expectTheory(
        seen.map((each) => each.meanWaitMs),
        model.waitMs,
      );
    });

    it("holds as many customers as theory says", () => {
      expectTheory(
        seen.map((each) => each.meanInSystem),
        model.load * model.waitMs + (model.inService ?? model.load),
      );
    });
  });

  it("serves by hand: two servers, five jobs", () => {
    const station = new Station(2);
    const departures = [
      [0, 10],
      [1, 4],
      [2, 1],
      [3, 9],
      [20, 2],
    ].map(([arrivalMs = 0, serviceMs = 0]) => station.offer(arrivalMs, evenWork(serviceMs)));
    // The third waits for the second until 5, the fourth for the third until 6, the fifth finds both free.
    expect(departures).toEqual([10, 5, 6, 15, 22]);
    expect([station.jobs, station.busyMs, station.waitedMs]).toEqual([5, 26, 3 + 3]);
  });

  it("serves by hand: jobs that need less of a server at work", () => {
    const station = new Station(1);
    // The second finds the first there until 10; the third finds nobody at 12, and the fourth the third.
    expect([0, 3, 12, 14].map((arrivalMs) => station.offer(arrivalMs, { idleMs: 10, busyMs: 2, warmMs: 0 }))).toEqual([
      10, 12, 22, 24,
    ]);
    expect([station.jobs, station.busyMs, station.waitedMs]).toEqual([4, 10 + 2 + 10 + 2, 7 + 8]);
    expect([20, 24, 30].map((nowMs) => station.waitMs(nowMs))).toEqual([4, 0, 0]);
  });

  it("serves by hand: a server that ran out of work just now is warm", () => {
    const station = new Station(1);
    expect([0, 12, 17, 22].map((arrivalMs) => station.offer(arrivalMs, { idleMs: 10, busyMs: 2, warmMs: 3 }))).toEqual([
      10, 14, 27, 29,
    ]);
  });

  it("serves by hand: chunks that flow slow the queue down, and leave it idle less often", () => {
    const station = new Station(1);
    const read = { idleMs: 1, busyMs: 1, warmMs: 0, furtherMs: 1 };
    // 10 of work wait at 0. Half a read of 1 comes per millisecond, each of a stream with long gaps: 6 are left at 8.
    station.offer(0, evenWork(10));
    for (let stream = 0; stream < 100; stream++) station.changeFlow(0, 1, 0.005, read);
    expect(station.offer(8, evenWork(1))).toBeCloseTo(8 + 6 + 1, 10);
    // 7 at 8, so nothing at 22, and nothing at 50; a job then finds a read under way in half of all cases.
    expect(station.offer(50, { idleMs: 4, busyMs: 2, warmMs: 0 })).toBeCloseTo(50 + 3, 10);
    expect(station.busyMs).toBeCloseTo(10 + 1 + 3 + 0.5 * 50, 10);
    // 3 at 50, nothing from 56 on; no flow from 60 on.
    for (let stream = 0; stream < 100; stream++) station.changeFlow(60, -1, 0.005, read);
    expect(station.offer(100, { idleMs: 4, busyMs: 2, warmMs: 0 })).toBe(104);
    expect(station.busyMs).toBeCloseTo(10 + 1 + 3 + 4 + 0.5 * 60, 10);
  });
});

/** The theory lies within the confidence interval of the mean, and the interval is narrow. */
function expectTheory(means: readonly number[], theory: number): void {
  const center = mean([...means]);
  const halfWidth = (t99 * sampleStandardDeviation([...means])) / Math.sqrt(means.length);
  expect(halfWidth / theory).toBeLessThan(precisionMax);
  expect(Math.abs(center - theory)).toBeLessThan(halfWidth);
}

interface Replication {
  readonly meanWaitMs: number;
  readonly meanInSystem: number;
}

function play(model: Model, replication: number): Replication {
  const random = randomStream(seed).split(model.name).split(replication);
  const arrivals = random.split("arrivals");
  const services = random.split("services");
  const service = distribution(model.service);
  const kernel = new Kernel({ pendingMax: 100_000, eventsMax: 1_000_000 });
  const station = new Station(model.servers);
  const [arrival, departure] = [0, 1];
  let arrived = 0;
  let inSystem = 0;
  let sinceMs = 0;
  let areaMs = 0;
  let counting = { startMs: 0, waitedMs: 0 };
  let seen: Replication | undefined;

  const changeBy = (change: number): void => {
    areaMs += inSystem * (kernel.nowMs - sinceMs);
    sinceMs = kernel.nowMs;
    inSystem += change;
  };
  kernel.schedule(arrivals.exponential() / model.load, 0, arrival, 0);
  const handlers = [
    () => {
      if (arrived === warmup) {
        changeBy(0);
        areaMs = 0;
        counting = { startMs: kernel.nowMs, waitedMs: station.waitedMs };
      }
      if (arrived === warmup + customers) {
        changeBy(0);
        seen = {
          meanWaitMs: (station.waitedMs - counting.waitedMs) / customers,
          meanInSystem: areaMs / (kernel.nowMs - counting.startMs),
        };
        return;
      }
      arrived += 1;
      changeBy(1);
      const serviceMs = service.draw(services);
      const cost = { idleMs: model.idleServiceMs ?? serviceMs, busyMs: serviceMs, warmMs: 0 };
      kernel.schedule(station.offer(kernel.nowMs, cost), 0, departure, 0);
      kernel.schedule(kernel.nowMs + arrivals.exponential() / model.load, 0, arrival, 0);
    },
    () => changeBy(-1),
  ];
  kernel.run(handlers);
  invariant(seen !== undefined, "the last customer came");
  return seen;
}

/** Mean wait of M/G/1 with mean service 1: load (1 + squared coefficient of variation) / (2 (1 - load)). */
function pollaczekKhinchine(load: number, service: DistributionSpec): number {
  return (load * (1 + distribution(service).variance)) / (2 * (1 - load));
}

/**
 * M/G/1 with an exceptional first service in each busy period (Welch 1964), both services constant. The server is idle for
 * p = (1 - load b) / (1 - load b + load a) of all customers, and E(wait) = load ((1 - p) b^2 + p a^2) / (2 (1 - load b)).
 */
function exceptionalFirst(load: number, busyMs: number, idleMs: number): Pick<Model, "waitMs" | "inService"> {
  const left = 1 - load * busyMs;
  const idle = left / (left + load * idleMs);
  const squaresMs = (1 - idle) * busyMs * busyMs + idle * idleMs * idleMs;
  return { waitMs: (load * squaresMs) / (2 * left), inService: 1 - idle };
}

/** Probability that a customer of M/M/c has to wait, through Erlang B: B(0) = 1, 1 / B(k) = 1 + k / (load B(k - 1)). */
function erlangC(servers: number, load: number): number {
  let inverse = 1;
  for (let server = 1; server <= servers; server++) inverse = 1 + (server / load) * inverse;
  const blocked = 1 / inverse;
  return blocked / (1 - (load / servers) * (1 - blocked));
}
