import { describe, expect, it } from "vitest";
import { type Comparison, compareSides, regressionFindings } from "../../../analyzers/regression/regression.ts";
import { verdictOf } from "../../../core/finding.ts";
import { randomStream } from "../../../core/random.ts";
import type { RequestRecord } from "../../../core/record.ts";
import type { Run } from "../../../core/run.ts";
import { madeRecord, madeRun, refused } from "../made-run.ts";

interface Planted {
  readonly runs: number;
  /** Latency of this side over that of the other. */
  readonly factor?: number;
  /** Standard deviation of the logarithm of what each run adds to all of its requests: a slower machine, a busier minute. */
  readonly runNoise?: number;
  readonly noise?: number;
  readonly conversations?: number;
  readonly seed: number;
  readonly kind?: "live" | "simulated";
}

/** Runs of the same 40 conversations of 4 turns, whose latencies differ by a known factor and by chance. */
function plantedRuns(planted: Planted): Run[] {
  const { runs, factor = 1, runNoise = 0, noise = 0.02, conversations = 40, seed, kind = "live" } = planted;
  const asked = randomStream(5);
  const plan = Array.from({ length: conversations * 4 }, (_, index) => ({
    key: `u${index % conversations}.s0.t${Math.floor(index / conversations)}`,
    e2eMs: 2_000 * Math.exp(0.4 * asked.normal()),
  }));
  const random = randomStream(seed);
  return Array.from({ length: runs }, () => {
    const run = factor * Math.exp(runNoise * random.normal());
    const records = plan.map(({ key, e2eMs }): RequestRecord => {
      const endMs = e2eMs * run * Math.exp(noise * random.normal());
      return madeRecord({ key, endMs, firstTokenMs: endMs / 4, cost: 1_000, upstreamCalls: 1 });
    });
    return madeRun(records, { kind });
  });
}

function compare(baseline: readonly Run[], candidate: readonly Run[]): ReadonlyMap<string, Comparison> {
  return new Map(compareSides(baseline, candidate, { seed: 3 }).map((each) => [each.metric, each]));
}

function verdict(baseline: readonly Run[], candidate: readonly Run[]): string {
  return verdictOf(regressionFindings(compareSides(baseline, candidate, { seed: 3 })));
}

describe("a comparison of live runs before and after a change", () => {
  it("passes runs that differ by chance alone", () => {
    expect(verdict(plantedRuns({ runs: 5, seed: 1 }), plantedRuns({ runs: 5, seed: 2 }))).toBe("pass");
  });

  it("fails runs that are a quarter slower, and says by how much", () => {
    const found = compare(plantedRuns({ runs: 5, seed: 1 }), plantedRuns({ runs: 5, seed: 2, factor: 1.25 }));
    const slower = found.get("e2e.p95");
    expect(slower?.judgement).toBe("fail");
    expect((slower?.candidate ?? 0) / (slower?.baseline ?? 1)).toBeCloseTo(1.25, 1);
    expect(slower?.shiftP).toBeCloseTo(2 / 252, 6);
    expect(found.get("cost.per-success")?.judgement).toBe("pass");
  });

  it("lets a change within the tolerance pass, however certain it is", () => {
    const found = compare(plantedRuns({ runs: 5, seed: 1 }), plantedRuns({ runs: 5, seed: 2, factor: 1.04 }));
    expect(found.get("e2e.p50")?.interval?.[0]).toBeGreaterThan(0);
    expect(found.get("e2e.p50")?.judgement).toBe("pass");
  });

  it("does not take one slow run for a slow version: with one run a side nothing is decided", () => {
    const found = compare(plantedRuns({ runs: 1, seed: 1 }), plantedRuns({ runs: 1, seed: 2, factor: 2 }));
    expect(found.get("e2e.p95")).toMatchObject({ judgement: "inconclusive", runsNeeded: 5 });
  });

  it("widens the interval by what whole runs differ, and says how many runs would decide", () => {
    const quiet = compare(plantedRuns({ runs: 5, seed: 1 }), plantedRuns({ runs: 5, seed: 2, factor: 1.06 }));
    const noisy = compare(
      plantedRuns({ runs: 5, seed: 1, runNoise: 0.1 }),
      plantedRuns({ runs: 5, seed: 2, runNoise: 0.1, factor: 1.06 }),
    );
    const width = (found: ReadonlyMap<string, Comparison>): number => {
      const [low, high] = found.get("e2e.p50")?.interval ?? [0, 0];
      return high - low;
    };
    expect(width(noisy)).toBeGreaterThan(4 * width(quiet));
    expect(noisy.get("e2e.p50")?.judgement).toBe("inconclusive");
    expect(noisy.get("e2e.p50")?.runsNeeded).toBeGreaterThan(5);
  });

  it("raises a false alarm in at most one of twenty comparisons of equal versions", () => {
    const alarms = Array.from({ length: 20 }, (_, index) =>
      verdict(
        plantedRuns({ runs: 5, seed: 100 + index, runNoise: 0.03, conversations: 20 }),
        plantedRuns({ runs: 5, seed: 200 + index, runNoise: 0.03, conversations: 20 }),
      ),
    ).filter((each) => each === "fail").length;
    expect(alarms).toBeLessThanOrEqual(1);
  });

  it("fails a share of failed requests that grew by five points", () => {
    const before = plantedRuns({ runs: 5, seed: 1 });
    const after = before.map((run) => ({
      ...run,
      records: run.records.map((record, index) => (index % 19 === 0 ? refused(record.key) : record)),
    }));
    const found = compare(before, after);
    expect(found.get("errors")).toMatchObject({ judgement: "fail", baseline: 0, candidate: 9 / 160 });
    expect(found.get("rate-limited")?.judgement).toBe("fail");
  });

  it("cannot judge a percentile of which the sample knows nothing", () => {
    const few = { runs: 5, conversations: 1 } as const;
    const found = compare(plantedRuns({ ...few, seed: 1 }), plantedRuns({ ...few, seed: 2 }));
    expect(found.get("e2e.p95")).toMatchObject({ judgement: "inconclusive" });
    expect(found.get("e2e.p95")?.why).toContain("59 answered requests");
  });

  it("does not pass over a metric that only one side has", () => {
    const answered = plantedRuns({ runs: 5, seed: 1 });
    const silent = answered.map((run) => ({ ...run, records: run.records.map(({ key }) => refused(key)) }));
    expect(compare(answered, silent).get("ttft.p50")).toMatchObject({ judgement: "inconclusive" });
    expect(verdict(answered, silent)).toBe("fail");
  });

  it("gives the same answer every time", () => {
    const sides = [plantedRuns({ runs: 5, seed: 1 }), plantedRuns({ runs: 5, seed: 2, factor: 1.1 })] as const;
    expect(compareSides(sides[0], sides[1], { seed: 3 })).toEqual(compareSides(sides[0], sides[1], { seed: 3 }));
  });
});

describe("a comparison of simulations", () => {
  const simulated = { runs: 1, kind: "simulated", noise: 0 } as const;

  it("needs one run a side, since it is exact", () => {
    const before = plantedRuns({ ...simulated, seed: 1 });
    expect(verdict(before, before)).toBe("pass");
    const found = compare(before, plantedRuns({ ...simulated, seed: 1, factor: 1.2 }));
    expect(found.get("e2e.p95")).toMatchObject({ judgement: "fail", interval: undefined, p: undefined });
  });

  it("takes a tolerance in place of its own", () => {
    const tolerances = [{ metric: "e2e.p95", tolerated: 0.3 }] as const;
    const after = plantedRuns({ ...simulated, seed: 1, factor: 1.2 });
    const found = compareSides(plantedRuns({ ...simulated, seed: 1 }), after, { seed: 3, tolerances });
    expect(found.find(({ metric }) => metric === "e2e.p95")?.judgement).toBe("pass");
  });
});
