import { describe, expect, it } from "vitest";
import type { ProviderLedger, Run, RunManifest } from "../../core/run.ts";
import { mergeRuns } from "../../runs/merge-runs.ts";
import { plainRecord } from "../made-record.ts";

const ledger: ProviderLedger = {
  provider: "openai",
  dialect: "openai",
  calls: 3,
  served: 2,
  refused: 1,
  failed: 0,
  inputTokens: 10,
  cachedTokens: 0,
  outputTokens: 5,
  wastedTokens: 0,
  cost: 100,
  unpricedModels: ["m"],
  usage: [
    {
      startMs: 0,
      widthMs: 1_000,
      calls: 3,
      refused: 1,
      chargedTokens: 15,
      inputTokens: 10,
      outputTokens: 5,
      cost: 100,
    },
  ],
  limits: [{ model: "m", requestsPerMinute: 60, tokensPerMinute: null }],
};

function run(facts: Partial<RunManifest>, keys: readonly (readonly [string, number])[]): Run {
  return {
    manifest: {
      formatVersion: "1.1",
      kind: "live",
      scenario: "s",
      scenarioText: "scenario: s",
      seed: 1,
      squallVersion: "0",
      engine: "k6",
      gateway: "g",
      timeScale: 1,
      durationMs: 1_000,
      status: "complete",
      phases: [{ name: "load", startMs: 0, endMs: 1_000, users: 5 }],
      providers: [ledger],
      prices: "p",
      profiles: [],
      ...facts,
    },
    records: keys.map(([key, intendedMs]) =>
      plainRecord({ key, intendedMs, sentMs: intendedMs, endMs: intendedMs + 1 }),
    ),
    events: [],
  };
}

describe("runs that were played beside each other", () => {
  it("become one: records in order of time, and what was counted added up", () => {
    const merged = mergeRuns([
      run({}, [
        ["a", 0],
        ["b", 20],
      ]),
      run({ durationMs: 1_500, phases: [{ name: "load", startMs: 100, endMs: 1_500, users: 7 }] }, [["c", 10]]),
    ]);
    expect(merged.records.map(({ key }) => key)).toEqual(["a", "c", "b"]);
    expect(merged.manifest).toMatchObject({
      durationMs: 1_500,
      status: "complete",
      phases: [{ name: "load", startMs: 0, endMs: 1_500, users: 12 }],
      providers: [
        {
          calls: 6,
          refused: 2,
          cost: 200,
          unpricedModels: ["m"],
          usage: [{ startMs: 0, calls: 6, chargedTokens: 30, cost: 200 }],
          limits: [{ model: "m", requestsPerMinute: 120, tokensPerMinute: null }],
        },
      ],
    });
  });

  it("keep every record when two parts gave the same key, each with the number of its part", () => {
    const merged = mergeRuns([run({}, [["a", 0]]), run({}, [["a", 5]])]);
    expect(merged.records.map(({ key }) => key)).toEqual(["1/a", "2/a"]);
  });

  it("have at each instant the replicas of all parts together", () => {
    const replicas = (atMs: number, ready: number): Partial<RunManifest> => ({
      replicas: {
        hourly: 5,
        startupMs: 9,
        counts: [
          { atMs: 0, wished: 1, starting: 0, ready: 1, draining: 0 },
          { atMs, wished: ready, starting: 0, ready, draining: 0 },
        ],
        demand: [{ startMs: 0, widthMs: 1_000, arrived: 4, replicas: 0.5 }],
      },
    });
    const merged = mergeRuns([run(replicas(100, 3), [["a", 0]]), run(replicas(200, 2), [["b", 0]])]).manifest.replicas;
    expect(merged?.counts.map(({ atMs, ready }) => [atMs, ready])).toEqual([
      [0, 2],
      [100, 4],
      [200, 5],
    ]);
    expect(merged?.demand).toEqual([{ startMs: 0, widthMs: 1_000, arrived: 8, replicas: 1 }]);
  });

  it("are as bad as the worst of them", () => {
    const health = { latenessP50Ms: 1, latenessP99Ms: 2, latenessMaxMs: 3, loopUtilization: 0.5, overload: "" };
    const merged = mergeRuns([
      run({ generator: health }, [["a", 0]]),
      run({ status: "interrupted", generator: { ...health, latenessP99Ms: 90, overload: "late" } }, [["b", 0]]),
    ]).manifest;
    expect(merged).toMatchObject({
      status: "interrupted",
      generator: { latenessP50Ms: 1, latenessP99Ms: 90, overload: "late" },
    });
  });

  it.each<[Partial<RunManifest>, string]>([
    [{ kind: "simulated" }, "one run is live, another simulated"],
    [{ scenarioText: "scenario: t", scenario: "t" }, "their scenarios differ (s, t)"],
    [{ timeScale: 4 }, "their time scales differ (1, 4)"],
  ])("are refused when they do not belong together: %j", (facts, why) => {
    expect(() => mergeRuns([run({}, [["a", 0]]), run(facts, [["b", 0]])])).toThrow(why);
  });
});
