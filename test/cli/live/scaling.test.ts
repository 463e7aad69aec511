import { afterEach, describe, expect, it, vi } from "vitest";
import { startProber } from "../../../cli/live/fleet-prober.ts";
import { LiveScaling, type LiveScalingOptions } from "../../../cli/live/fleet-scaling.ts";
import { LiveReplicaSet } from "../../../cli/live/replica-set.ts";
import type { ScalingObservation } from "../../../behavior/scaling/policy.ts";
import { readingTotal } from "../../../behavior/scaling/policy.ts";
import { randomStream } from "../../../core/random.ts";
import type { ProviderLedger } from "../../../core/run.ts";
import { FleetLog } from "../../../simulator/fleet-log.ts";
import { Tally } from "../../../simulator/tally.ts";
import { madeFleet, type MadeFleet } from "./made-fleet.ts";

afterEach(() => vi.useRealTimers());

interface Scaled extends MadeFleet {
  readonly scaling: LiveScaling;
  readonly set: LiveReplicaSet;
  readonly log: FleetLog;
  readonly tally: Tally;
  readonly asked: ScalingObservation[];
  /** What the policy answers. */
  wish: number;
  tokens: number;
}

const spec = { minReplicas: 1, maxReplicas: 5, metrics: { scrapeMs: 1_000, windowMs: 2_000, lagMs: 500 } };

function scaled(watch?: LiveScalingOptions["watch"]): Scaled {
  const made = madeFleet(2);
  const { fleet, clock } = made;
  const [log, tally] = [new FleetLog(), new Tally()];
  const set = new LiveReplicaSet({ fleet, clock, log, tally, start: 2, errorShares: new Map() });
  made.onChange = () => set.changed();
  const all = Object.assign(made, { wish: 2, tokens: 0 });
  const asked: ScalingObservation[] = [];
  const policy = {
    describe: "made",
    syncMs: 5_000,
    decide: (observation: ScalingObservation) => {
      asked.push(observation);
      return { replicas: all.wish, reason: `${observation.replicas} -> ${all.wish}` };
    },
  };
  const ledger = (): Promise<readonly ProviderLedger[]> => Promise.resolve([ledgerOf(all.tokens)]);
  const random = randomStream(1);
  const scaling = new LiveScaling({ policy, spec, fleet, replicas: set, ledger, clock, log, tally, random, watch });
  return Object.assign(all, { scaling, set, log, tally, asked });
}

function ledgerOf(tokens: number): ProviderLedger {
  const counts = { calls: 0, served: 0, refused: 0, failed: 0, cachedTokens: 0, wastedTokens: 0, cost: 0 };
  const limits = [{ model: "m", requestsPerMinute: null, tokensPerMinute: 60_000 }];
  const named = { provider: "openai", dialect: "openai", unpricedModels: [], usage: [], limits };
  return { ...named, ...counts, inputTokens: tokens / 2, outputTokens: tokens / 2 };
}

const total = ({ metrics }: ScalingObservation, name: string): number | undefined => readingTotal(metrics.get(name));

describe("scaling a live fleet", () => {
  it("asks the policy at its instants, with rates over the window, as old as the lag makes them", async () => {
    const made = scaled();
    made.scaling.begin();
    for (let second = 1; second <= 10; second++) {
      await vi.advanceTimersByTimeAsync(100);
      made.sampled.arrived += 4;
      made.sampled.waiting = second;
      made.tokens += 100;
      made.replica(0).cpuSeconds += 0.05; // of the 0.1 s that went by on the wall
      made.replica(0).inFlight = 3;
    }
    made.scaling.stop();
    expect(made.asked.map(({ nowMs }) => nowMs)).toEqual([5_000, 10_000]);
    const [, last] = made.asked;
    if (last === undefined) throw new Error("it was asked twice");
    expect(total(last, "requests_per_second")).toBe(4);
    expect(total(last, "tokens_per_minute")).toBe(6_000);
    expect(total(last, "token_usage_rate")).toBe(10);
    expect(total(last, "queue_depth")).toBe(8); // of the sample at 9 s: that of 10 s is not to be read yet
    const cpu = last.metrics.get("cpu_utilization");
    expect(cpu?.kind === "per-replica" ? cpu.samples.map(({ value }) => Math.round(value)) : cpu).toEqual([50, 0]);
    expect(last).toMatchObject({ replicas: 2, ready: 2, fleet: [{ name: "gateway-0", phase: "running" }, {}] });
    await vi.advanceTimersByTimeAsync(5_000);
    expect(made.asked).toHaveLength(2);
  });

  it("tells the policy the instant at which it was to be asked, however long a sample takes", async () => {
    const made = scaled();
    const { sample } = made.fleet;
    const slowSample = async (): ReturnType<typeof sample> => {
      vi.setSystemTime(Date.now() + 3);
      return await sample();
    };
    Object.assign(made.fleet, { sample: slowSample });
    made.scaling.begin();
    await vi.advanceTimersByTimeAsync(1_050);
    made.scaling.stop();
    expect(made.asked.map(({ nowMs }) => nowMs)).toEqual([5_000, 10_000]);
  });

  it("does what the policy says within the platform's bounds, and says why", async () => {
    const made = scaled();
    made.wish = 9;
    made.scaling.begin();
    await vi.advanceTimersByTimeAsync(500);
    expect(made.set.wished).toBe(5);
    expect(made.log.events).toMatchObject([{ atMs: 5_000, kind: "scale", text: "2 -> 9, held at 5 by the platform" }]);
    expect(made.calls).toEqual(["add v1", "add v1", "add v1"]);
    await vi.advanceTimersByTimeAsync(500);
    expect(made.log.events).toHaveLength(1);
    made.scaling.stop();
  });

  it("asks and does not listen while it is paused", async () => {
    const made = scaled();
    made.wish = 3;
    made.scaling.paused = true;
    made.scaling.begin();
    await vi.advanceTimersByTimeAsync(500);
    expect([made.asked.length, made.set.wished]).toEqual([1, 2]);
    made.scaling.paused = false;
    await vi.advanceTimersByTimeAsync(500);
    expect(made.set.wished).toBe(3);
    made.scaling.stop();
  });

  it("asks whoever measures in its place, takes no samples of its own then, and waits for the answer", async () => {
    const asked: number[] = [];
    const metrics = new Map([["requests_per_second", { kind: "total" as const, values: [42] }]]);
    const answer = Promise.withResolvers<typeof metrics>();
    const lost: number[] = [];
    const made = scaled({
      readMetrics: (atMs) => {
        asked.push(atMs);
        return asked.length === 1 ? answer.promise : Promise.resolve(metrics);
      },
      loseSamples: (share) => void lost.push(share),
    });
    Object.assign(made.fleet, { sample: () => Promise.reject(new Error("nobody is to ask")) });
    made.scaling.begin();
    await vi.advanceTimersByTimeAsync(700);
    expect([asked, made.asked.length]).toEqual([[5_000], 0]);
    answer.resolve(metrics);
    await vi.advanceTimersByTimeAsync(500);
    expect(asked).toEqual([5_000, 10_000]);
    expect(
      made.asked.map(({ nowMs, metrics: seen }) => [nowMs, readingTotal(seen.get("requests_per_second"))]),
    ).toEqual([
      [5_000, 42],
      [10_000, 42],
    ]);
    expect(made.tally.counts.scrapesFailed).toBe(0);
    made.scaling.loseSamples(0.5);
    made.scaling.loseSamples(undefined);
    expect(lost).toEqual([0.5, 0]);
    made.scaling.stop();
  });

  it("counts samples that could not be taken, and goes on with older ones", async () => {
    const made = scaled();
    const { sample } = made.fleet;
    made.scaling.begin();
    await vi.advanceTimersByTimeAsync(300);
    Object.assign(made.fleet, { sample: () => Promise.reject(new Error("silent")) });
    await vi.advanceTimersByTimeAsync(200);
    expect(made.tally.counts.scrapesFailed).toBe(2);
    expect(made.asked).toHaveLength(1);
    Object.assign(made.fleet, { sample });
    made.scaling.stop();
  });
});

describe("health checks of a live fleet", () => {
  it("take a replica out after so many failures in a row, and in again after so many successes", async () => {
    const { fleet, clock, calls } = madeFleet(1);
    const [log, tally] = [new FleetLog(), new Tally()];
    const answers = [false, true, false, false, true, false, true, true];
    Object.assign(fleet, { probe: () => Promise.resolve(answers.shift() ?? true) });
    const health = { probe: "http", everyMs: 1_000, timeoutMs: 100, unhealthy: 2, healthy: 2 } as const;
    const stop = startProber({ spec: health, fleet, clock, log, tally });
    for (let round = 0; round < 8; round++) await vi.advanceTimersByTimeAsync(100);
    expect(calls).toEqual(["judge 0 false", "judge 0 true"]);
    expect(log.events.map(({ atMs, kind, text }) => `${atMs} ${kind} ${text}`)).toEqual([
      "4000 replica-sick has failed 2 health checks in a row",
      "8000 replica-well passes its health check again",
    ]);
    expect(tally.counts).toMatchObject({ probes: 8, probesFailed: 4, ejected: 1 });
    stop();
    await vi.advanceTimersByTimeAsync(1_000);
    expect(tally.counts.probes).toBe(8);
  });
});
