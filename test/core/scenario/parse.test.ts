import { describe, expect, it } from "vitest";
import { parseScenario } from "../../../core/scenario/parse.ts";
import { parseWith, smallest } from "./written-scenarios.ts";

describe("parseScenario", () => {
  it("fills in everything that a small scenario leaves out", () => {
    expect(parseScenario(smallest, "made.yaml")).toEqual({
      name: "smallest",
      about: "",
      seed: 1,
      traffic: {
        load: { kind: "open", segments: [{ forMs: 60_000, fromPerMs: 0.002, toPerMs: 0.002, process: "poisson" }] },
        requests: [
          {
            share: 1,
            model: "gpt-4o-mini",
            input: { kind: "constant", value: 100 },
            output: { kind: "constant", value: 20 },
            stream: false,
            maxTokens: undefined,
            cachedShare: 0,
          },
        ],
        tenants: [{ name: "default", share: 1 }],
        client: { timeoutMs: 600_000 },
        warmupRequests: 0,
      },
      providers: [
        {
          name: "openai",
          dialect: "openai",
          sliceMs: 0,
          models: [
            {
              model: "gpt-4o-mini",
              requestsPerMinute: undefined,
              tokensPerMinute: undefined,
              requestsPerDay: undefined,
              tokensPerDay: undefined,
              latencyProfile: "instant",
              latencyScale: 1,
            },
          ],
        },
      ],
      platform: {
        gateway: "direct",
        replicas: 1,
        routes: [{ model: "gpt-4o-mini", providers: ["openai"] }],
        retries: { max: 0, on: [] },
      },
      timeline: [],
      objectives: [],
    });
  });

  it("reads all that people can say about a load of people", () => {
    const { load } = parseWith({
      "arrivals: [{ for: 1m, rate: 2/s }]":
        "users: { count: 10, baseline: 1, sessions: 2, turns: 4, think: { median: 1s, p95: 3s }, ramp: 2s, for: 5m }",
    }).traffic;
    expect(load).toEqual({
      kind: "closed",
      users: 10,
      baselineUsers: 1,
      sessionsPerUser: 2,
      turns: { kind: "constant", value: 4 },
      think: { kind: "lognormal", median: 1_000, sigma: expect.closeTo(Math.log(3) / 1.6448536, 6) },
      rampMs: 2_000,
      forMs: 300_000,
    });
  });

  it("reads ramps, steady stretches and the absence of chance", () => {
    const { load } = parseWith({
      "[{ for: 1m, rate: 2/s }]": "[{ for: 5m, rate: 20/s, jitter: none }, { for: 2m, ramp: 20/s .. 200/s }]",
    }).traffic;
    expect(load).toEqual({
      kind: "open",
      segments: [
        { forMs: 300_000, fromPerMs: 0.02, toPerMs: 0.02, process: "constant" },
        { forMs: 120_000, fromPerMs: 0.02, toPerMs: 0.2, process: "poisson" },
      ],
    });
  });

  it("reads how long clients wait, and how many leave sooner", () => {
    const { client } = parseWith({
      "  requests:": "  clients: { timeout: 30s, leave: { share: 5%, after: { mean: 3s } } }\n  requests:",
    }).traffic;
    expect(client).toEqual({
      timeoutMs: 30_000,
      leave: { share: 0.05, after: { kind: "exponential", mean: 3_000 } },
    });
  });

  it("takes lengths from the trace that it replays", () => {
    const { traffic } = parseWith({
      "arrivals: [{ for: 1m, rate: 2/s }]": "trace: { format: azure, file: ./trace.csv }",
      "{ model: gpt-4o-mini, input: 100, output: 20 }": "{ model: gpt-4o-mini, stream: true, max-tokens: output }",
    });
    expect(traffic.load).toEqual({ kind: "trace", format: "azure", file: "./trace.csv" });
    expect(traffic.requests[0]).toMatchObject({ stream: true, maxTokens: "output" });
  });

  it.each([
    ["600", { kind: "constant", value: 600 }],
    ["3k", { kind: "constant", value: 3_000 }],
    ["{ median: 600, p95: 600 }", { kind: "lognormal", median: 600, sigma: 0 }],
    ["{ median: 100 }", { kind: "geometric", mean: expect.closeTo(100 / Math.LN2, 9) }],
    ["{ mean: 4 }", { kind: "geometric", mean: 4 }],
    ["{ mean: 600, sigma: 100 }", { kind: "normal", mean: 600, sigma: 100, min: 1 }],
    ["{ low: 2, high: 4 }", { kind: "uniform", low: 1.5, high: 4.5 }],
    ["{ values: [100, 2k] }", { kind: "empirical", values: [100, 2_000] }],
  ])("reads %s tokens", (written, expected) => {
    expect(parseWith({ "input: 100": `input: ${written}` }).traffic.requests[0]?.input).toEqual(expected);
  });

  it.each([
    ["8s", { kind: "constant", value: 8_000 }],
    ["{ median: 8s }", { kind: "exponential", mean: expect.closeTo(8_000 / Math.LN2, 6) }],
    ["{ mean: 8s }", { kind: "exponential", mean: 8_000 }],
    ["{ low: 1s, high: 3s }", { kind: "uniform", low: 1_000, high: 3_000 }],
    ["{ mean: 2s, sigma: 500ms }", { kind: "normal", mean: 2_000, sigma: 500, min: 0 }],
  ])("reads a thinking time of %s", (written, expected) => {
    const { load } = parseWith({
      "arrivals: [{ for: 1m, rate: 2/s }]": `users: { count: 1, sessions: 1, think: ${written} }`,
    }).traffic;
    expect(load.kind === "closed" ? load.think : undefined).toEqual(expected);
  });

  it("gives a model its own latency where it has one, and the provider's where it has none", () => {
    const { providers } = parseWith({
      "models: { gpt-4o-mini: {} }, latency: instant":
        "models: { gpt-4o-mini: { tpm: 2M, rpm: 8.2k, tpd: 1B, rpd: 10k, latency: fast }, gpt-4o: {} }, latency: { profile: slow, scale: 0.4 }, slice: 1s",
    });
    expect(providers[0]).toMatchObject({
      sliceMs: 1_000,
      models: [
        {
          tokensPerMinute: 2_000_000,
          requestsPerMinute: 8_200,
          tokensPerDay: 1e9,
          requestsPerDay: 10_000,
          latencyProfile: "fast",
          latencyScale: 1,
        },
        { model: "gpt-4o", latencyProfile: "slow", latencyScale: 0.4 },
      ],
    });
  });

  it("routes a model without a route to every provider that serves it, in order", () => {
    const { platform } = parseWith({
      "  openai: {": `  first: { dialect: openai, models: { gpt-4o-mini: {}, other: {} }, latency: instant }
  second: { dialect: openai, models: { other: {} }, latency: instant }
  openai: {`,
      "providers:": "platform: { gateway: portkey, routes: { other: second }, retries: { max: 2 } }\nproviders:",
    });
    expect(platform.routes).toEqual([
      { model: "other", providers: ["second"] },
      { model: "gpt-4o-mini", providers: ["first", "openai"] },
    ]);
    expect(platform.retries).toEqual({ max: 2, on: [429, 500, 502, 503, 504] });
  });

  it("leaves a route that is written as it is, however many providers serve the model", () => {
    const { platform } = parseWith({
      "  openai: {": "  spare: { dialect: openai, models: { gpt-4o-mini: {} }, latency: instant }\n  openai: {",
      "providers:": "platform: { routes: { gpt-4o-mini: [openai, spare] } }\nproviders:",
    });
    expect(platform.routes).toEqual([{ model: "gpt-4o-mini", providers: ["openai", "spare"] }]);
  });

  it("knows 5xx, and keeps a status that is named twice once", () => {
    const { platform } = parseWith({
      "providers:": "platform: { retries: { max: 1, on: [5xx, 503, 408] } }\nproviders:",
    });
    expect(platform.retries.on).toEqual([500, 502, 503, 504, 408]);
  });

  it("reads faults of every kind", () => {
    const { timeline } = parseWith({
      "providers:": `timeline:
  - { at: 0, fault: { provider: openai, kind: outage } }
  - { at: 10s, for: 5s, fault: { provider: openai, model: gpt-4o-mini, kind: outage, how: reset, share: 50% } }
  - { at: 20s, fault: { provider: openai, kind: error-rate, share: 5%, status: 529, retry-after: 2s } }
  - { at: 30s, fault: { provider: openai, kind: latency, factor: 3 } }
providers:`,
    });
    const everywhere = { provider: "openai", model: undefined, share: 1 };
    expect(timeline).toEqual([
      { atMs: 0, forMs: undefined, fault: { ...everywhere, kind: "outage", how: "status", status: 503 } },
      {
        atMs: 10_000,
        forMs: 5_000,
        fault: { provider: "openai", model: "gpt-4o-mini", share: 0.5, kind: "outage", how: "reset", status: 503 },
      },
      {
        atMs: 20_000,
        forMs: undefined,
        fault: { ...everywhere, kind: "error-rate", share: 0.05, status: 529, retryAfterMs: 2_000 },
      },
      { atMs: 30_000, forMs: undefined, fault: { ...everywhere, kind: "latency", factor: 3 } },
    ]);
  });

  it("reads objectives with their line, in the unit of their metric, as they were written", () => {
    const text = `${smallest}objectives:\n  errors: 0\n  ttft.p95: < 2s\n  goodput: ">= 97.5%"\n  cost.per-hour: <= $120\n`;
    expect(parseScenario(text, "made.yaml").objectives).toEqual([
      { metric: "errors", comparison: "==", limit: 0, text: "0", line: 9 },
      { metric: "ttft.p95", comparison: "<", limit: 2_000, text: "< 2s", line: 10 },
      { metric: "goodput", comparison: ">=", limit: 0.975, text: ">= 97.5%", line: 11 },
      { metric: "cost.per-hour", comparison: "<=", limit: 120e9, text: "<= $120", line: 12 },
    ]);
  });

  it("takes tenants with shares that come near to the whole", () => {
    const tenants = (shares: string) =>
      parseWith({ "  requests:": `  tenants: { ${shares} }\n  requests:` }).traffic.tenants;
    expect(tenants("a: 33.3%, b: 33.3%, c: 33.4%")).toHaveLength(3);
    expect(tenants("a: 33.3%, b: 33.3%, c: 33.3%")).toHaveLength(3);
  });
});
