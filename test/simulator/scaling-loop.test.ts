import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type MetricReading, readingTotal } from "../../behavior/scaling/policy.ts";
import { thresholdsPolicy } from "../../behavior/scaling/thresholds/policy.ts";
import type { DistributionSpec } from "../../core/distributions.ts";
import type { ReplicaCounts } from "../../core/run.ts";
import type { MetricPipelineSpec } from "../../core/scenario/platform-spec.ts";
import { answerAt10, gatewayOf, openPhase, type Play, play, scriptedProvider } from "./scripted-platform.ts";
import { everyMs, fleetOf, scriptedPolicy } from "./scripted-scaling.ts";

const seed = 7;

describe("what a policy is shown", () => {
  const policy = scriptedPolicy(10_000, [3, 3, 3, 2]);
  const metrics: MetricPipelineSpec = { scrapeMs: 4_000, windowMs: 8_000, lagMs: 3_000 };
  // Two requests a second until 20 s, then four: each takes 100 ms of CPU.
  const requests = [
    ...everyMs(500, 20_000),
    ...everyMs(250, 30_000).map((each) => ({ ...each, key: `later ${each.key}`, atMs: 20_000 + each.atMs })),
  ];
  play([openPhase(requests)], [scriptedProvider("p", [answerAt10])], gatewayOf({ requestCpuMs: 100 }), {
    platform: { fleet: fleetOf({ metrics }) },
    scaling: policy,
  });

  it("is asked every interval, the first time after one", () => {
    expect(policy.seen.map(({ nowMs }) => nowMs)).toEqual([10_000, 20_000, 30_000, 40_000]);
  });

  it("is the load as it was some seconds ago", () => {
    const rates = policy.seen.map(({ metrics: readings }) => readingTotal(readings.get("rps")));
    // At 10 s the latest sample to have come is that of 4 s, at 20 s that of 16 s, at 30 s that of 24 s, at 40 s that of 36 s.
    expect(rates).toEqual([9 / 4, 2, 3, 4]); // a sample comes last in its instant: by 4 s nine have arrived
  });

  it("is the computing time of replicas that had been sampled twice by then", () => {
    const busy = policy.seen.map(({ metrics: readings }) => namesAndPercent(readings.get("cpu_utilization")));
    // From 28 s to 36 s: gateway-0 computes 28 requests alone, then one of five, of which the last is not begun by then. The
    // others run since 30 s, were sampled first at 32 s, and get their first requests at 35 s.
    expect(busy).toEqual([
      ["gateway-0 20"],
      ["gateway-0 20"],
      ["gateway-0 30"],
      ["gateway-0 36.25", "gateway-1 5", "gateway-2 2.5"],
    ]);
  });

  it("is every replica as an orchestrator knows it, without delay", () => {
    expect(policy.seen.map(({ replicas, ready }) => [replicas, ready])).toEqual([
      [1, 1],
      [3, 1],
      [3, 1],
      [3, 3],
    ]);
    const described = policy.seen.map(({ fleet }) =>
      fleet.map(({ phase, readiness }) => `${phase} ${readiness?.state} ${readiness?.sinceMs}`),
    );
    expect(described).toEqual([
      ["running ready 0"],
      ["running ready 0", "pending unready 10000", "pending unready 10000"],
      ["running ready 0", "running unready 10000", "running unready 10000"],
      ["running ready 0", "running ready 35000", "running ready 35000"],
    ]);
    expect(policy.seen[3]?.fleet[2]).toMatchObject({
      name: "gateway-2",
      startedAtMs: 10_000,
      deleting: false,
      requestsMilli: { cpu: 1_000 },
    });
  });
});

function namesAndPercent(reading: MetricReading | undefined): readonly string[] {
  if (reading?.kind !== "per-replica") return [];
  return reading.samples.map(({ replica, value }) => `${replica} ${Number(value.toFixed(6))}`);
}

describe("the platform's own bounds", () => {
  it("hold against whatever a policy wishes, and say so", () => {
    const told = play([openPhase(everyMs(1_000, 40_000))], [scriptedProvider("p", [answerAt10])], gatewayOf(), {
      platform: { replicas: 2, fleet: fleetOf({ minReplicas: 2, maxReplicas: 3 }) },
      scaling: scriptedPolicy(10_000, [9, 0]),
    });
    const scaled = told.events.filter(({ kind }) => kind === "scale").map(({ text }) => text);
    expect(scaled).toEqual(["script: 2 -> 9, held at 3 by the platform", "script: 3 -> 0, held at 2 by the platform"]);
  });
});

describe("a fleet that is scaled at random", () => {
  it("conserves requests, calls, tokens and money, and gives the same bytes again", () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat(5), { maxLength: 8 }),
        fc.record({
          concurrency: fc.option(fc.integer({ min: 1, max: 4 }), { nil: undefined }),
          balance: fc.constantFrom("round-robin" as const, "least-connections" as const),
          readinessMs: fc.constantFrom(0, 300),
          startup: fc.constantFrom<DistributionSpec>(
            { kind: "constant", value: 0 },
            { kind: "exponential", mean: 700 },
          ),
        }),
        fc.integer({ min: 20, max: 3_000 }),
        fc.boolean(),
        (wishes, fleet, timeoutMs, cancelsUpstream) => {
          const run = (): Play =>
            play(
              [openPhase(everyMs(40, 4_000))],
              [
                scriptedProvider("p", [
                  answerAt10,
                  { kind: "answer", chunksAtMs: [50, 200, 700] },
                  { kind: "hang" },
                  answerAt10,
                ]),
              ],
              gatewayOf({ requestCpuMs: 15, chunkCpuMs: 2, cancelsUpstream }),
              { timeoutMs, platform: { replicas: 1, fleet: fleetOf(fleet) }, scaling: scriptedPolicy(500, wishes) },
            );
          const told = run();
          // The checkers of the simulator itself throw when anything is lost.
          expect(told.records).toHaveLength(100);
          expect(told.statistics.conservation).toMatchObject({ arrived: 100, inFlight: 0 });
          for (const counts of told.replicas?.counts ?? []) expect(isSound(counts)).toBe(true);
          expect(JSON.stringify(run())).toBe(JSON.stringify(told));
        },
      ),
      { seed, numRuns: 200 },
    );
  });
});

/** Whoever is wished for serves or starts; what drains is beside that. */
function isSound({ wished, starting, ready, draining }: ReplicaCounts): boolean {
  return starting + ready === wished && draining >= 0;
}

/**
 * A constant load of eight busy replicas and thresholds so close together that eleven replicas are right and no other number
 * is. How far the wished number swings once the fleet had time to settle.
 */
function swing(changes: { readonly startupMs?: number; readonly metrics?: Partial<MetricPipelineSpec> }): number {
  const metrics: MetricPipelineSpec = { scrapeMs: 10_000, windowMs: 10_000, lagMs: 10_000, ...changes.metrics };
  const startup = { kind: "constant", value: changes.startupMs ?? 10_000 } as const;
  const signal = { kind: "single", signal: { metric: "cpu_utilization", statistic: "average" } } as const;
  const told = play(
    [openPhase(everyMs(20, 600_000))],
    [scriptedProvider("p", [answerAt10])],
    gatewayOf({ requestCpuMs: 160 }),
    {
      platform: { replicas: 11, fleet: fleetOf({ startup, readinessMs: 0, metrics }) },
      scaling: thresholdsPolicy({
        name: "too close",
        minReplicas: 1,
        maxReplicas: 100,
        syncMs: 5_000,
        up: [{ signal, steps: [{ threshold: 74, adjustment: 1 }], breachMs: 0 }],
        down: [{ signal, steps: [{ threshold: 73.5, adjustment: -1 }], breachMs: 0 }],
        upCooldownMs: 0,
        downCooldownMs: 0,
      }),
    },
  );
  const settled = (told.replicas?.counts ?? []).filter(({ atMs }) => atMs > 120_000).map(({ wished }) => wished);
  return Math.max(...settled) - Math.min(...settled);
}

describe("flapping", () => {
  const base = swing({});

  it("is there where thresholds are too close together and the platform is slow", () => {
    expect(base).toBeGreaterThanOrEqual(4);
  });

  it.each([
    { what: "start-up takes", twice: () => swing({ startupMs: 20_000 }) },
    { what: "the lag of metrics is", twice: () => swing({ metrics: { lagMs: 20_000 } }) },
    { what: "the scrape interval is", twice: () => swing({ metrics: { scrapeMs: 20_000, windowMs: 20_000 } }) },
  ])("swings wider when $what twice as long: a policy cannot see what it has already changed", ({ twice }) => {
    expect(twice()).toBeGreaterThan(base);
  });

  it("is gone where the platform is quick: the same thresholds settle", () => {
    expect(swing({ startupMs: 0, metrics: { scrapeMs: 5_000, windowMs: 5_000, lagMs: 0 } })).toBeLessThanOrEqual(2);
  });
});
