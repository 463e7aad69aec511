/**
 * Whole simulations against the closed forms of queueing theory: functions that lose calls (Erlang B), people who call again when
 * they were lost (the M/M/1 retrial queue), tenants with priority (Cobham), stations in tandem (Burke). Independent replications, warm-up removed; the theory must lie in the 99 % interval of
 * their mean (Student's t), and the interval must be narrow enough to notice a wrong model.
 */
import { mean, sampleStandardDeviation } from "simple-statistics";
import { describe, expect, it } from "vitest";
import type { ClientHabits } from "../../behavior/routing/next-try.ts";
import { resendsOf } from "../../behavior/routing/resends.ts";
import type { PlannedRequest } from "../../behavior/workload.ts";
import { type RandomStream, randomStream } from "../../core/random.ts";
import type { FleetSpec } from "../../core/scenario/platform-spec.ts";
import { Kernel } from "../../simulator/kernel.ts";
import { evenWork, Station } from "../../simulator/station.ts";
import { gatewayOf, openPhase, type Play, play, request, scriptedProvider } from "./scripted-platform.ts";
import { fleetOf } from "./scripted-scaling.ts";

const replications = 20;
/** 99.5th percentile of Student's t with 19 degrees of freedom (Pearson and Hartley, table 12). */
const t99 = 2.861;
const customers = 8_000;
const warmup = 500;

/** Mean service in milliseconds: long beside the microsecond to which records are rounded. */
const serviceMs = 1_000;

function replicate(measure: (random: RandomStream) => number): readonly number[] {
  return Array.from({ length: replications }, (_, replication) => measure(randomStream(7).split(replication)));
}

function expectTheory(means: readonly number[], theory: number, precisionMax: number): void {
  const halfWidth = (t99 * sampleStandardDeviation([...means])) / Math.sqrt(means.length);
  expect(halfWidth / theory).toBeLessThan(precisionMax);
  expect(Math.abs(mean([...means]) - theory)).toBeLessThan(halfWidth);
}

/** Poisson arrivals at `load` servers' worth of work, each served by a provider for an exponential time. */
function simulated(
  random: RandomStream,
  load: number,
  fleet: Partial<FleetSpec>,
  tenantOf = (): string => "t",
  habits: ClientHabits = {},
): Play {
  const arrivals = random.split("arrivals");
  const services = random.split("services");
  let atMs = 0;
  const requests = Array.from({ length: warmup + customers }, (_, index): PlannedRequest => {
    atMs += (arrivals.exponential() * serviceMs) / load;
    return request(`r${index}`, { atMs, stream: false, tenant: tenantOf() });
  });
  const scripts = requests.map(() => ({ kind: "answer", chunksAtMs: [services.exponential() * serviceMs] }) as const);
  return play([openPhase(requests)], [scriptedProvider("p", scripts)], gatewayOf(), {
    platform: { fleet: fleetOf(fleet) },
    timeoutMs: 1e9,
    ...habits,
  });
}

/** Functions that refuse at once whoever finds none of them free. */
function functions(servers: number): Partial<FleetSpec> {
  const deployment = {
    kind: "serverless",
    coldStart: { kind: "constant", value: 0 },
    concurrency: 1,
    instancesMax: servers,
    limitMs: 1e9,
    idleMs: 1e9,
    memoryGb: 1,
    gbHourly: 0,
    perMillion: 0,
  } as const;
  return { deployment };
}

/** Records that count. */
const counted = ({ records }: Play): Play["records"] => records.filter(({ key }) => Number(key.slice(1)) >= warmup);

describe("functions with a limit on instances", () => {
  it("lose the share of requests that Erlang B gives", () => {
    const [servers, load] = [5, 3];
    const lost = replicate((random) => {
      const records = counted(simulated(random, load, functions(servers)));
      return records.filter(({ status }) => status === 429).length / records.length;
    });
    expectTheory(lost, erlangB(servers, load), 0.05);
  });
});

describe("people who send again what was refused, until it is served", () => {
  it("wait as long as in the M/M/1 retrial queue: longer than in a line, by how long they stay away", () => {
    const [load, pauseMs] = [0.5, 2 * serviceMs];
    const spec = { share: 1, pause: { kind: "exponential", mean: pauseMs }, max: 1e6 } as const;
    const waits = replicate((random) => {
      const resends = resendsOf(spec, random.split("people"));
      const records = counted(simulated(random, load, functions(1), undefined, { resends }));
      expect(records.every(({ outcome }) => outcome === "ok")).toBe(true);
      return mean(records.map(({ intendedMs, endMs }) => endMs - intendedMs)) - serviceMs;
    });
    // Falin and Templeton, "Retrial Queues", section 1.2: with arrivals at rate a and each who stays away calling at rate c,
    // load / (1 - load) x (load + a / c) stay away on average; by Little's law each does so for 1 / a of that.
    expectTheory(waits, (load * (serviceMs + pauseMs)) / (1 - load), 0.08);
  });
});

describe("tenants with priority", () => {
  it("wait as Cobham's formula says: the important ones less, the others more, and nobody is interrupted", () => {
    const [load, share] = [0.8, 0.5];
    const waits = { chat: [] as number[], batch: [] as number[] };
    for (let replication = 0; replication < replications; replication++) {
      const random = randomStream(7).split(replication);
      const tenants = random.split("tenants");
      const tenantOf = (): string => (tenants.uniform() < share ? "chat" : "batch");
      const told = simulated(random, load, { concurrency: 1, priorities: ["chat"] }, tenantOf);
      for (const tenant of ["chat", "batch"] as const) {
        const own = counted(told).filter((record) => record.tenant === tenant);
        waits[tenant].push(mean(own.map(({ intendedMs, endMs }) => endMs - intendedMs)) - serviceMs);
      }
    }
    // What is left of the service under way: load x E(S^2) / (2 E(S)) = load x mean, of exponential services.
    const leftMs = load * serviceMs;
    const important = load * share;
    expectTheory(waits.chat, leftMs / (1 - important), 0.05);
    expectTheory(waits.batch, leftMs / ((1 - important) * (1 - load)), 0.12);
  });
});

describe("two stations in tandem", () => {
  it("are each as if it stood alone: what leaves an M/M/1 station comes as it came", () => {
    const load = 0.7;
    const seen = replicate((random) => sojournOfTandem(random, load));
    expectTheory(seen, 2 / (1 - load), 0.05);
  });
});

/** Mean time through two stations with exponential services of mean 1. */
function sojournOfTandem(random: RandomStream, load: number): number {
  const [arrivals, first, second] = [random.split("arrivals"), random.split("first"), random.split("second")];
  const kernel = new Kernel({ pendingMax: 100_000, eventsMax: 1_000_000 });
  const stations = [new Station(1), new Station(1)] as const;
  const cameMs: number[] = [];
  let sumMs = 0;
  let index = 0;
  kernel.schedule(0, 0, 0, 0);
  kernel.run([
    () => {
      const customer = index++;
      cameMs.push(kernel.nowMs);
      kernel.schedule(stations[0].offer(kernel.nowMs, evenWork(first.exponential())), 0, 1, customer);
      if (index < warmup + customers) kernel.schedule(kernel.nowMs + arrivals.exponential() / load, 0, 0, 0);
    },
    (customer) => {
      const leftMs = stations[1].offer(kernel.nowMs, evenWork(second.exponential()));
      if (customer >= warmup) sumMs += leftMs - (cameMs[customer] ?? 0);
    },
  ]);
  return sumMs / customers;
}

/** B(0) = 1, 1 / B(k) = 1 + k / (load B(k - 1)). */
function erlangB(servers: number, load: number): number {
  let inverse = 1;
  for (let server = 1; server <= servers; server++) inverse = 1 + (server / load) * inverse;
  return 1 / inverse;
}
