/** Whole simulations with the real workload and the real provider behavior. */
import { describe, expect, it } from "vitest";
import { createFaultSchedule } from "../../behavior/faults/schedule.ts";
import { directProfile } from "../../behavior/gateway-profile.ts";
import { portkeyProfile } from "../../behavior/gateway-profiles/portkey.ts";
import { genaiPrices } from "../../behavior/price/genai-prices.ts";
import { createProvider } from "../../behavior/provider-model.ts";
import { buildWorkload } from "../../behavior/traffic/workload-builder.ts";
import { SquallError } from "../../core/errors.ts";
import { randomStream } from "../../core/random.ts";
import { e2eMs, type RequestRecord, ttftMs } from "../../core/record.ts";
import type { Scenario } from "../../core/scenario/scenario.ts";
import { type SimulateOptions, type SimulationResult, simulate } from "../../simulator/simulate.ts";

describe("simulate", () => {
  it("gives the same bytes for the same seed, and others for another", () => {
    const bytes = (seed: number): string => JSON.stringify(run({ seed }));
    expect(bytes(7)).toBe(bytes(7));
    expect(bytes(7)).not.toBe(bytes(8));
  });

  it("plays the same request for one user and for ten: what differs is the platform, not luck", () => {
    const { records } = run({ seed: 7, gateway: directProfile });
    const byPhase = (phase: RequestRecord["phase"]): ReadonlyMap<string, RequestRecord> =>
      new Map(records.filter((record) => record.phase === phase).map((record) => [record.key, record]));
    const baseline = byPhase("baseline");
    const load = byPhase("load");
    expect(load.size).toBeGreaterThan(30);
    expect([...load.keys()].toSorted()).toEqual([...baseline.keys()].toSorted());
    for (const [key, record] of load) {
      const alone = baseline.get(key);
      expect(alone && ttftMs(alone)).toBeCloseTo(ttftMs(record) ?? 0, 2);
      expect(alone && e2eMs(alone)).toBeCloseTo(e2eMs(record), 2);
    }
  });

  it("adds to a request alone what the gateway's profile says", () => {
    const latencies = (gateway: SimulateOptions["gateway"]): readonly (number | undefined)[] =>
      run({ seed: 7, gateway })
        .records.filter((record) => record.phase === "baseline")
        .map(ttftMs);
    const gateway = { ...portkeyProfile, coalescedChunkCpuMs: 0, warmMs: 0 };
    const { requestCpuMs, chunkCpuMs, firstChunkDelayMs, networkMs } = gateway;
    const addedMs = requestCpuMs + chunkCpuMs + firstChunkDelayMs + chunkCpuMs + networkMs;
    const direct = latencies(directProfile);
    for (const [index, ttft] of latencies(gateway).entries()) {
      expect(ttft).toBeCloseTo((direct[index] ?? 0) + addedMs, 2);
    }
  });

  it("lets the scenario's outage hit the calls of its time, and the route fall back", () => {
    const { records, events } = run({ seed: 7, outage: true });
    const load = records.filter((record) => record.phase === "load");
    const during = load.filter((record) => record.provider === "backup");
    expect(during.length).toBeGreaterThan(5);
    expect(during.length).toBeLessThan(load.length);
    expect(during.every((record) => record.outcome === "ok" && record.upstreamCalls === 2)).toBe(true);
    expect(events.map((event) => event.kind)).toEqual(["fault-on", "fault-off"]);
  });

  it("gives up on a scenario that is too large", () => {
    expect(() => run({ seed: 7, limits: { eventsMax: 100 } })).toThrow(SquallError);
  });
});

interface Choices {
  readonly seed: number;
  readonly gateway?: SimulateOptions["gateway"];
  readonly outage?: boolean;
  readonly limits?: NonNullable<SimulateOptions["limits"]>;
}

function run(choices: Choices): SimulationResult & { readonly records: readonly RequestRecord[] } {
  const scenario = scenarioOf(choices);
  const faults = createFaultSchedule();
  const providers = scenario.providers.map((spec) =>
    createProvider({
      spec,
      accounts: [{ apiKey: `key of ${spec.name}`, organization: "org", state: "active" }],
      random: randomStream(scenario.seed),
      prices: genaiPrices(spec.dialect),
      faults,
      latencyScale: 1,
    }),
  );
  const records: RequestRecord[] = [];
  const result = simulate({
    scenario,
    workload: buildWorkload(scenario),
    gateway: choices.gateway ?? portkeyProfile,
    providers,
    apiKeys: new Map(scenario.providers.map(({ name }) => [name, `key of ${name}`])),
    faults,
    timeScale: 1,
    onRecord: (record) => records.push(record),
    ...(choices.limits === undefined ? {} : { limits: choices.limits }),
  });
  return { ...result, records };
}

/** Ten people in chats of four turns, after one person alone with the same requests. No limits. */
function scenarioOf({ seed, outage }: Choices): Scenario {
  const model = {
    model: "gpt-4o-mini",
    requestsPerMinute: undefined,
    tokensPerMinute: undefined,
    requestsPerDay: undefined,
    tokensPerDay: undefined,
    latencyProfile: "openai-gpt-4o-mini",
    latencyScale: 1,
  };
  return {
    name: "ten people",
    about: "",
    seed,
    traffic: {
      load: {
        kind: "closed",
        users: 10,
        baselineUsers: 1,
        sessionsPerUser: 1,
        turns: { kind: "constant", value: 4 },
        think: { kind: "exponential", mean: 2_000 },
        rampMs: 1_000,
        forMs: undefined,
      },
      requests: [
        {
          share: 1,
          model: "gpt-4o-mini",
          input: { kind: "lognormal", median: 300, sigma: 0.5 },
          output: { kind: "lognormal", median: 100, sigma: 0.5 },
          stream: true,
          maxTokens: undefined,
          cachedShare: 0,
        },
      ],
      tenants: [{ name: "default", share: 1 }],
      client: { timeoutMs: 60_000 },
      warmupRequests: 2,
    },
    providers: ["openai", "backup"].map((name) => ({ name, dialect: "openai", models: [model], sliceMs: 0 })),
    platform: {
      gateway: "portkey",
      replicas: 1,
      routes: [{ model: "gpt-4o-mini", providers: ["openai", "backup"] }],
      retries: { max: 0, on: [429, 500, 502, 503, 504] },
    },
    timeline:
      outage === true
        ? [
            {
              atMs: 2_000,
              forMs: 6_000,
              fault: { provider: "openai", model: undefined, share: 1, kind: "outage", how: "status", status: 503 },
            },
          ]
        : [],
    objectives: [],
  };
}
