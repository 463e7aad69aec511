/** What a scenario may ask of its gateway, and how mistakes in it are told. */
import { describe, expect, it } from "vitest";
import { SquallError } from "../../../core/errors.ts";
import type { NanoDollars } from "../../../core/money.ts";
import { parseScenario } from "../../../core/scenario/parse.ts";
import type { Scenario } from "../../../core/scenario/scenario.ts";
import { dayMs, hourMs } from "../../../core/time.ts";

function parsed(platform: string, clients = ""): Scenario {
  return parseScenario(
    `
scenario: s
traffic:
  arrivals: [{ for: 1m, rate: 1/s }]
  requests: [{ model: m, input: 10, output: 10 }]
  tenants: { marketing: 70%, support: 30% }
  ${clients}
providers:
  a: { dialect: openai, models: { m: {} }, latency: instant, region: eu-west }
platform: { ${platform} }
`,
    "s.yaml",
  );
}

function problems(platform: string, clients = ""): readonly string[] {
  try {
    parsed(platform, clients);
    return [];
  } catch (error) {
    if (!(error instanceof SquallError)) throw error;
    return error.problems.map(
      ({ path, message, hint }) => `${path} ${message}${hint === undefined ? "" : ` (${hint})`}`,
    );
  }
}

const dollars = (amount: number): NanoDollars => amount * 1e9;

describe("what a scenario asks of its gateway", () => {
  it("is nothing where nothing is written", () => {
    const { platform, traffic } = parsed("gateway: portkey, retries: { max: 2, on: [429, 5xx] }");
    expect(platform).not.toHaveProperty("resilience");
    expect(platform).not.toHaveProperty("tenants");
    expect(platform).not.toHaveProperty("budgets");
    expect(traffic.client).not.toHaveProperty("retries");
  });

  it.each([
    ["retries: { max: 1, honour: retry-after }", { retries: { backoff: undefined, honourRetryAfter: true } }],
    [
      "retries: { max: 1, backoff: { base: 1s } }",
      { retries: { backoff: { baseMs: 1_000, capMs: 8_000, jitter: "full" }, honourRetryAfter: false } },
    ],
    ["timeouts: { attempt: 20s }", { timeouts: { attemptMs: 20_000, totalMs: undefined } }],
    ["hedge: { after: 2s }", { hedge: { after: { kind: "delay", delayMs: 2_000 }, shareMax: 0.05 } }],
    ["hedge: { after: p95, at-most: 10% }", { hedge: { after: { kind: "quantile", quantile: 0.95 }, shareMax: 0.1 } }],
    [
      "breaker: { failures: 5 }",
      { breaker: { opens: { kind: "consecutive", failures: 5 }, openMs: 30_000, probes: 1 } },
    ],
    [
      "breaker: { errors: 50%, open: 10s, probes: 2 }",
      {
        breaker: { opens: { kind: "share", share: 0.5, callsMin: 20, windowMs: 30_000 }, openMs: 10_000, probes: 2 },
      },
    ],
    ["cooldown: {}", { cooldown: { allowedFails: 3, cooldownMs: 5_000 } }],
    ["routing: { by: weighted, weights: { a: 100% } }", { routing: { by: "weighted", weights: { a: 1 } } }],
    ["routing: { by: near, region: eu-west }", { routing: { by: "near", region: "eu-west" } }],
    [
      "cache: { repeats: 30% }",
      { cache: { ttlMs: 600_000, entriesMax: 10_000, repeats: 0.3, questions: 1_000, semantic: 0 } },
    ],
  ])("is written as %s", (written, meant) => {
    expect(parsed(written).platform.resilience).toEqual(meant);
  });

  it("takes the gateway's own time limit for the 408 that it answers with", () => {
    expect(parsed("retries: { max: 1, on: [timeout, 503] }").platform.retries.on).toEqual([408, 503]);
  });

  it("has budgets by tenant and for all, with the period that they hold for", () => {
    const { budgets } = parsed("budgets: { marketing: $40/h, total: $1k/day, on-breach: queue }").platform;
    expect(budgets).toEqual({
      budgets: [
        { tenant: "marketing", limit: dollars(40), periodMs: hourMs },
        { tenant: undefined, limit: dollars(1_000), periodMs: dayMs },
      ],
      onBreach: "queue",
      degradeFrom: 0.8,
    });
  });

  it("has tenants with limits", () => {
    expect(parsed("tenants: { support: { rpm: 600, concurrency: 4 } }").platform.tenants).toEqual([
      { tenant: "support", requestsPerMinute: 600, tokensPerMinute: undefined, concurrency: 4 },
    ]);
  });

  it("lets clients try again as the vendors' SDKs do, or in another way", () => {
    const sdk = { max: 2, backoff: { baseMs: 500, capMs: 8_000, jitter: "sdk" }, honourRetryAfter: true };
    expect(parsed("", "clients: { retries: 2 }").traffic.client.retries).toEqual(sdk);
    expect(parsed("", "clients: { retries: { max: 4, base: 1s, honour: nothing } }").traffic.client.retries).toEqual({
      max: 4,
      backoff: { baseMs: 1_000, capMs: 8_000, jitter: "sdk" },
      honourRetryAfter: false,
    });
  });

  it("lets people send again by hand what failed or took too long", () => {
    const brief = "clients: { resend: { share: 60% } }";
    expect(parsed("", brief).traffic.client.resend).toEqual({
      share: 0.6,
      pause: { kind: "constant", value: 2_000 },
      max: 5,
    });
    const whole = "clients: { resend: { share: 60%, patience: 10s, pause: { low: 1s, high: 3s }, at-most: 2 } }";
    expect(parsed("", whole).traffic.client.resend).toEqual({
      share: 0.6,
      patience: { kind: "constant", value: 10_000 },
      pause: { kind: "uniform", low: 1_000, high: 3_000 },
      max: 2,
    });
    expect(parsed("", "clients: { timeout: 60s }").traffic.client).not.toHaveProperty("resend");
    expect(problems("", "clients: { resend: { share: 2, at-most: 0 } }")).toHaveLength(2);
  });

  it.each([
    ["budgets: { marketing: 40 }", "platform.budgets.marketing is 40; allowed is dollars per hour"],
    [
      "budgets: { marketting: $40/h }",
      "platform.budgets.marketting is no tenant of the traffic; known are marketing, support",
    ],
    ["tenants: { sales: { rpm: 1 } }", "platform.tenants.sales is no tenant of the traffic"],
    ["breaker: { failures: 5, errors: 50% }", "platform.breaker has both failures and errors; needed is one of them"],
    ["breaker: { open: 5s }", "platform.breaker has neither failures nor errors; needed is one of them"],
    ["routing: { by: near }", "platform.routing is by near; needed is region beside it"],
    ["routing: { by: weighted, weights: { b: 1 } }", 'platform.routing.weights.b is "b", which is no provider'],
    ["hedge: { after: soon }", 'platform.hedge.after is "soon"; allowed is a duration'],
    ["timeouts: { atempt: 5s }", "platform.timeouts.atempt"],
  ])("is refused as %s", (written, message) => {
    expect(problems(written)).toEqual([expect.stringContaining(message)]);
  });
});
