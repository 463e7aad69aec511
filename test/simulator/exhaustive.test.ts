/**
 * Every small case of limiter and autoscaler, in virtual time: all patterns of arrivals over a few windows, under every pair of
 * a tiny limiter and a tiny scaling config. What random tests may miss at an edge (an empty window, a burst at the
 * very start, silence before the end), this one has seen. The simulation's own conservation checkers run in each case.
 */
import { describe, expect, it } from "vitest";
import { flappingOf } from "../../analyzers/flapping.ts";
import { scalingWarnings } from "../../behavior/scaling/formats/warnings.ts";
import { scalingFrom, type ScalingInput } from "../../cli/scaling-input.ts";
import { simulateScenario } from "../../cli/simulated-run.ts";
import type { Run } from "../../core/run.ts";
import { parseScenario } from "../../core/scenario/parse.ts";
import type { Scenario } from "../../core/scenario/scenario.ts";

const windows = 5;
const windowMs = 15_000;
const mostPerWindow = 2;

/** Requests a minute that the provider admits; its bucket holds as many at once. */
const limiters = [1, 3] as const;

const bounds = { min: 1, max: 3 } as const;

/** On requests in flight, which is a gauge: it jumps between 0 and 2 at a load that does not move. */
function tinyHpa(stabilizationWindowSeconds: number): ScalingInput {
  const metric = { name: "concurrency" };
  const target = { type: "AverageValue", averageValue: "1" };
  return scalingFrom(
    JSON.stringify({
      apiVersion: "autoscaling/v2",
      kind: "HorizontalPodAutoscaler",
      metadata: { name: "tiny" },
      spec: {
        minReplicas: bounds.min,
        maxReplicas: bounds.max,
        metrics: [{ type: "External", external: { metric, target } }],
        behavior: { scaleDown: { stabilizationWindowSeconds } },
      },
    }),
    `hpa-${stabilizationWindowSeconds}.yaml`,
  );
}

const scalers: readonly ScalingInput[] = [
  tinyHpa(300),
  tinyHpa(0),
  scalingFrom(
    JSON.stringify({
      apiVersion: "keda.sh/v1alpha1",
      kind: "ScaledObject",
      metadata: { name: "tiny" },
      spec: {
        minReplicaCount: bounds.min,
        maxReplicaCount: bounds.max,
        pollingInterval: 5,
        triggers: [
          {
            type: "prometheus",
            name: "requests_per_minute",
            metadata: { query: "q", serverAddress: "s", threshold: "4" },
          },
        ],
      },
    }),
    "keda.yaml",
  ),
  scalingFrom(
    JSON.stringify({
      auto_scaling: {
        min_instances: bounds.min,
        max_instances: bounds.max,
        scale_up_threshold: { requests_per_second: 0.05 },
        scale_down_delay_seconds: 15,
        scale_up_cooldown_seconds: 15,
      },
    }),
    "thresholds.json",
  ),
];

function scenarioWith(requestsPerMinute: number): Scenario {
  return parseScenario(
    `
scenario: tiny
traffic: { trace: { format: azure }, requests: [{ model: gpt-4o-mini, max-tokens: output }], clients: { timeout: 10s } }
providers: { p: { dialect: openai, models: { gpt-4o-mini: { rpm: ${requestsPerMinute} } }, latency: openai-gpt-4o-mini } }
platform:
  gateway: portkey
  replicas: { start: 1, startup: 5s, readiness: 0, concurrency: 1, hourly: $1 }
  metrics: { scrape: 5s, window: 15s, lag: 0 }
`,
    "tiny.yaml",
  );
}

function played(scenario: Scenario, scaling: ScalingInput, atMs: readonly number[]): Run {
  const tokens = new Uint32Array(atMs.length).fill(20);
  const rows = {
    count: atMs.length,
    atMs: Float64Array.from(atMs),
    inputTokens: tokens,
    outputTokens: tokens,
    prefixBlocks: new Uint32Array(atMs.length),
  };
  return simulateScenario({ scenario, text: "", trace: { name: "pattern", rows } }, { timeScale: 1, scaling });
}

/** Every pattern of 0 to `mostPerWindow` requests in each window, but for silence throughout. */
function patterns(): readonly (readonly number[])[] {
  const count = (mostPerWindow + 1) ** windows;
  return Array.from({ length: count - 1 }, (_, index) =>
    Array.from(
      { length: windows },
      (_each, window) => Math.floor((index + 1) / (mostPerWindow + 1) ** window) % (mostPerWindow + 1),
    ),
  );
}

/** Requests of a window come at its start, a millisecond apart. */
function instantsOf(pattern: readonly number[]): readonly number[] {
  return pattern.flatMap((requests, window) =>
    Array.from({ length: requests }, (_, index) => window * windowMs + index),
  );
}

/** No more was admitted between two instants than the bucket held, and what flowed in meanwhile. */
function expectAdmittedWithin(run: Run, requestsPerMinute: number): void {
  const admittedMs = run.records
    .filter(({ outcome }) => outcome !== "rate-limited")
    .map(({ intendedMs }) => intendedMs);
  for (const [first, fromMs] of admittedMs.entries()) {
    for (let last = first; last < admittedMs.length; last++) {
      // Between arrival and admission lies the gateway, at most the time a client waits.
      const lengthMs = (admittedMs[last] ?? 0) - fromMs + 10_000;
      expect(last - first + 1).toBeLessThanOrEqual(Math.floor(requestsPerMinute * (1 + lengthMs / 60_000)) + 1e-9);
    }
  }
}

describe("every small case of limiter and autoscaler", () => {
  it("stays within the bounds of the fleet, loses no request, and admits no more than the limit", () => {
    let cases = 0;
    let states = 0;
    for (const requestsPerMinute of limiters) {
      const scenario = scenarioWith(requestsPerMinute);
      for (const scaling of scalers) {
        for (const pattern of patterns()) {
          const instants = instantsOf(pattern);
          const run = played(scenario, scaling, instants);
          const where = `${scaling.file}, ${requestsPerMinute} a minute, ${pattern.join("")}`;
          expect(run.records.length, where).toBe(instants.length);
          expect(new Set(run.records.map(({ key }) => key)).size, where).toBe(instants.length);
          const [ledger] = run.manifest.providers;
          expect((ledger?.served ?? 0) + (ledger?.refused ?? 0) + (ledger?.failed ?? 0), where).toBe(ledger?.calls);
          for (const { wished, ready, starting } of run.manifest.replicas?.counts ?? []) {
            expect(wished, where).toBeGreaterThanOrEqual(bounds.min);
            expect(wished, where).toBeLessThanOrEqual(bounds.max);
            expect(ready + starting, where).toBeLessThanOrEqual(bounds.max);
            states++;
          }
          expectAdmittedWithin(run, requestsPerMinute);
          cases++;
        }
      }
    }
    console.log(`exhaustive: ${cases} cases played, ${states} states of the fleet checked`);
    expect(cases).toBe(limiters.length * scalers.length * (3 ** windows - 1));
    expect(states).toBeGreaterThan(cases);
  });

  it("swings by itself under a constant load only where theory says so: no dead band, or a gauge without a window", () => {
    const cycles = new Map<string, number>(scalers.map(({ file }) => [file, 0]));
    let cases = 0;
    for (const requestsPerMinute of [...limiters, 1_000]) {
      const scenario = scenarioWith(requestsPerMinute);
      for (const scaling of scalers) {
        for (let everyMs = 1_000; everyMs <= 15_000; everyMs += 1_000) {
          const instants = Array.from({ length: Math.floor(600_000 / everyMs) }, (_, index) => index * everyMs);
          const reversals = flappingOf(played(scenario, scaling, instants))?.reversals ?? [];
          const found = reversals.filter(({ isLimitCycle }) => isLimitCycle).length;
          cycles.set(scaling.file, (cycles.get(scaling.file) ?? 0) + found);
          cases++;
        }
      }
    }
    console.log(`exhaustive: ${cases} constant loads of ten minutes; limit cycles ${JSON.stringify([...cycles])}`);
    const found = (file: string): number => cycles.get(file) ?? Number.NaN;
    expect(found("keda.yaml"), "a rate, and a stabilization window").toBe(0);
    // A gauge that is sampled every few seconds may alias; a window makes that rare, and without one it is the rule.
    expect(found("hpa-0.yaml")).toBeGreaterThan(5 * found("hpa-300.yaml"));
    // The same threshold in both directions: n replicas are too many, n - 1 too few. The static check says so beforehand.
    expect(found("thresholds.json")).toBeGreaterThan(0);
    const [thresholds] = scalers
      .filter(({ file }) => file === "thresholds.json")
      .map(({ loaded }) => scalingWarnings(loaded));
    expect(thresholds?.map(({ code }) => code)).toContain("may-flap");
  });
});
