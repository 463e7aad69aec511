import { describe, expect, it } from "vitest";
import { type Problem, SquallError } from "../../../core/errors.ts";
import { type KnownNames, parseScenario } from "../../../core/scenario/parse.ts";
import type { Scenario } from "../../../core/scenario/scenario.ts";

const smallest = `
scenario: smallest
traffic:
  arrivals: [{ for: 1m, rate: 2/s }]
  requests: [{ model: gpt-4o-mini, input: 100, output: 20 }]
providers:
  openai: { dialect: openai, models: { gpt-4o-mini: {} }, latency: instant }
`;

/** The smallest scenario with some of its lines changed. */
function parseWith(changes: Readonly<Record<string, string>>, known?: KnownNames): Scenario {
  const text = Object.entries(changes).reduce((changed, [from, to]) => {
    expect(changed, "the line to change is there").toContain(from);
    return changed.replace(from, to);
  }, smallest);
  return parseScenario(text, "made.yaml", known);
}

function problemsOf(attempt: () => unknown): readonly Problem[] {
  try {
    attempt();
  } catch (error) {
    if (!(error instanceof SquallError)) throw error;
    expect([error.code, error.exitCode]).toEqual(["scenario-invalid", 3]);
    expect(error.problems.length).toBeGreaterThan(0);
    return error.problems;
  }
  return [];
}

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

const tenMistakes = `scenario: launch day
traffic:
  arrivals:
    - { for: 5m, rate: fast }
  requests:
    - { share: 60%, model: gpt-4o-mni, input: { median: 600, p95: 300 }, output: 180 }
    - { share: 30%, model: gpt-4o-mini, input: 500, output: 100, steam: true }
  clients: { timeout: 60 }
providers:
  openai: { dialect: opnai, models: { gpt-4o-mini: { tpm: 2X } }, latency: instant }
timeline:
  - { at: 10m, fault: { provider: azure, kind: outage } }
objectives:
  ttft.p59x: < 2s
  errors: < 2s
`;

describe("a scenario with many mistakes", () => {
  it("is told all of them at once, in the order of its lines, each with what is allowed and the nearest name", () => {
    const problems = problemsOf(() => parseScenario(tenMistakes, "bad.yaml"));
    expect(
      problems.map(
        ({ line, path, message, hint }) => `${line} ${path} ${message}${hint === undefined ? "" : ` (${hint})`}`,
      ),
    ).toEqual([
      `1 scenario is "launch day"; allowed is a name of lowercase letters, digits and hyphens`,
      `4 traffic.arrivals[0].rate is "fast"; allowed is a rate such as 20/s, 600/m or 36k/h`,
      `5 traffic.requests has shares that add up to 90 %; needed is 100 %`,
      `6 traffic.requests[0].input has a p95 of 300, below its median of 600`,
      `6 traffic.requests[0].model is "gpt-4o-mni", which no provider serves; served are gpt-4o-mini (did you mean gpt-4o-mini?)`,
      `7 traffic.requests[1].steam is not known here; known are share, model, input, output, stream, max-tokens, cached (did you mean stream?)`,
      `8 traffic.clients.timeout is 60; allowed is a duration above 0 with its unit, such as 30s, 250ms or 1h30m`,
      `10 providers.openai.dialect is "opnai"; allowed is openai`,
      `10 providers.openai.models.gpt-4o-mini.tpm is "2X"; allowed is a whole number 1 or more, such as 20 or 20k`,
      `12 timeline[0].at is 10 m, when the traffic has ended: it lasts 5 m`,
      `12 timeline[0].fault.provider is "azure", which is no provider; known are openai`,
      `14 objectives.ttft.p59x is no metric; known are ttft, itl and e2e with .p95, .mean or .max, degradation.ttft.p95, errors, rate-limited, goodput, tokens.of-limit.max, and cost.total, .per-hour, .per-request, .per-success or .wasted (did you mean ttft.p50?)`,
      `15 objectives.errors is "< 2s"; allowed is a comparison with a share, such as < 1% or <= 0.01, or 0`,
    ]);
  });
});

const users = (written: string): Readonly<Record<string, string>> => ({
  "arrivals: [{ for: 1m, rate: 2/s }]": `users: ${written}`,
});
const replay = { "arrivals: [{ for: 1m, rate: 2/s }]": "trace: { format: azure }" };
const objectives = (written: string): Readonly<Record<string, string>> => ({
  "providers:": `objectives: ${written}\nproviders:`,
});
const platform = (written: string): Readonly<Record<string, string>> => ({
  "providers:": `platform: ${written}\nproviders:`,
});
const timeline = (written: string): Readonly<Record<string, string>> => ({
  "providers:": `timeline: ${written}\nproviders:`,
});

describe("a mistake", () => {
  it.each([
    [
      "no load at all",
      { "arrivals: [{ for: 1m, rate: 2/s }]": "warmup: 3" },
      "traffic",
      /^has no arrivals, users or trace/,
    ],
    [
      "two loads",
      { "  requests:": "  users: { count: 1, for: 1m }\n  requests:" },
      "traffic",
      /^has arrivals and users; needed is exactly one/,
    ],
    ["neither rate nor ramp", { "rate: 2/s": "jitter: none" }, "traffic.arrivals[0]", /^has neither rate nor ramp/],
    ["rate and ramp", { "rate: 2/s": "rate: 2/s, ramp: 1/s .. 2/s" }, "traffic.arrivals[0]", /^has both rate and ramp/],
    [
      "half a ramp",
      { "rate: 2/s": "ramp: 1/s .. " },
      "traffic.arrivals[0].ramp",
      /^is "1\/s \.\."; allowed is two rates/,
    ],
    [
      "a stretch of no time",
      { "for: 1m": "for: 0s" },
      "traffic.arrivals[0].for",
      /^is "0s"; allowed is a duration above 0/,
    ],
    ["no stretches", { "[{ for: 1m, rate: 2/s }]": "[]" }, "traffic.arrivals", /^is an empty list/],
    ["a load that never ends", users("{ count: 3 }"), "traffic.users", /^never ends; needed is sessions, or for/],
    [
      "a baseline as large as the load",
      users("{ count: 3, baseline: 3, sessions: 1 }"),
      "traffic.users.baseline",
      /^is 3; allowed is fewer than the 3/,
    ],
    [
      "people in fractions",
      users("{ count: 2.5, sessions: 1 }"),
      "traffic.users.count",
      /^is 2.5; allowed is a whole number/,
    ],
    ["a missing count", users("{ sessions: 1 }"), "traffic.users.count", /^is missing; needed is a whole number/],
    ["a missing length", { ", output: 20": "" }, "traffic.requests[0]", /^has no output/],
    ["lengths beside a trace", replay, "traffic.requests[0].input", /^is not used: the trace has its own/],
    [
      "a share too many",
      { "model: gpt-4o-mini, input": "share: 90, model: gpt-4o-mini, input" },
      "traffic.requests[0].share",
      /^is 90; allowed is a share such as 90%/,
    ],
    ["an empty place", { "input: 100": "input: " }, "traffic.requests[0].input", /^is empty; needed is a quantity/],
    [
      "a list for a number",
      { "input: 100": "input: [100]" },
      "traffic.requests[0].input",
      /^is a list; allowed is a quantity/,
    ],
    [
      "a spread that makes no sense",
      { "input: 100": "input: { median: 5, high: 9 }" },
      "traffic.requests[0].input",
      /^has median and high; allowed is/,
    ],
    [
      "words for yes",
      { "output: 20": "output: 20, stream: yes" },
      "traffic.requests[0].stream",
      /^is "yes"; allowed is true or false/,
    ],
    [
      "an odd max-tokens",
      { "output: 20": "output: 20, max-tokens: most" },
      "traffic.requests[0].max-tokens",
      /^is "most"; allowed is output, or/,
    ],
    [
      "no providers",
      { "openai: { dialect": "openai: 3\nother: { dialect" },
      "providers.openai",
      /^is 3; allowed is a mapping of dialect, models/,
    ],
    [
      "no latency",
      { ", latency: instant": "" },
      "providers.openai.latency",
      /^is missing; needed is a latency profile/,
    ],
    [
      "a route to nowhere",
      platform("{ routes: { gpt-4o-mini: [opneai] } }"),
      "platform.routes.gpt-4o-mini[0]",
      /^is "opneai", which is no provider/,
    ],
    [
      "a route to a provider without the model",
      platform("{ routes: { gpt-4o: openai } }"),
      "platform.routes.gpt-4o",
      /^is openai, which does not serve gpt-4o/,
    ],
    [
      "a status of success",
      platform("{ retries: { max: 1, on: [200] } }"),
      "platform.retries.on[0]",
      /^is 200; allowed is an HTTP status/,
    ],
    [
      "an unknown fault",
      timeline("[{ at: 1s, fault: { provider: openai, kind: outge } }]"),
      "timeline[0].fault.kind",
      /^is "outge"; allowed is one of outage, error-rate, latency/,
    ],
    [
      "a fault without a kind",
      timeline("[{ at: 1s, fault: { provider: openai } }]"),
      "timeline[0].fault.kind",
      /^is missing; needed is one of outage/,
    ],
    [
      "a setting of another fault",
      timeline("[{ at: 1s, fault: { provider: openai, kind: outage, factor: 2 } }]"),
      "timeline[0].fault.factor",
      /^is not known here/,
    ],
    [
      "a fault at an unknown model",
      timeline("[{ at: 1s, fault: { provider: openai, kind: outage, model: gpt-5 } }]"),
      "timeline[0].fault.model",
      /^is "gpt-5", which is no model of openai/,
    ],
    [
      "a limit without a comparison",
      objectives("{ goodput: 97% }"),
      "objectives.goodput",
      /^is "97%"; allowed is a comparison/,
    ],
    [
      "a latency without a unit",
      objectives("{ ttft.p95: < 2 }"),
      "objectives.ttft.p95",
      /^is "< 2"; allowed is a comparison with a duration/,
    ],
    [
      "a degradation without a baseline",
      objectives("{ degradation.ttft.p95: <= 10% }"),
      "objectives.degradation.ttft.p95",
      /^compares with a baseline, and there is none/,
    ],
  ] satisfies [string, Readonly<Record<string, string>>, string, RegExp][])(
    "is told with its place: %s",
    (_, changes, path, message) => {
      const problems = problemsOf(() => parseWith(changes));
      expect(problems).toContainEqual(
        expect.objectContaining({ path, message: expect.stringMatching(message), line: expect.any(Number) }),
      );
    },
  );

  it("in the name of a gateway or a profile is found where the names are known", () => {
    const known = { latencyProfiles: ["openai-gpt-4o", "instant"], gateways: ["portkey", "direct"] };
    const changes = { ...platform("{ gateway: portky }"), "latency: instant": "latency: openai-gpt4o" };
    expect(problemsOf(() => parseWith(changes, known))).toEqual([
      expect.objectContaining({ path: "platform.gateway", hint: "did you mean portkey?" }),
      expect.objectContaining({ path: "providers.openai.latency", hint: "did you mean openai-gpt-4o?" }),
    ]);
    expect(problemsOf(() => parseWith(changes))).toEqual([]);
    expect(parseWith(platform("{ gateway: 'http://127.0.0.1:8080' }"), known).platform.gateway).toBe(
      "http://127.0.0.1:8080",
    );
  });

  it("does not hide behind names that every object has", () => {
    const changes = {
      "model: gpt-4o-mini": "model: toString",
      ...platform("{ routes: { gpt-4o-mini: constructor } }"),
    };
    expect(problemsOf(() => parseWith(changes)).map((problem) => problem.path)).toEqual([
      "traffic.requests[0].model",
      "platform.routes.gpt-4o-mini",
    ]);
  });
});

describe("a text that is no YAML of ours", () => {
  const bomb = [
    "a: &a [x, x, x, x, x, x, x, x, x]",
    ..."bcdefghi".split("").map((name, index) => {
      const before = "abcdefgh"[index] ?? "a";
      return `${name}: &${name} [${Array<string>(9).fill(`*${before}`).join(", ")}]`;
    }),
  ].join("\n");

  it.each([
    ["a key that is there twice", `${smallest}scenario: again\n`, 8, /^names a key that is already there/],
    ["a tab", "scenario: x\ntraffic:\n\tarrivals: []\n", 3, /tab/],
    ["a bracket that never closes", "scenario: [x\n", 2, /must be sufficiently indented and end with a \]/],
    [
      "an unquoted limit that starts with >",
      `${smallest}objectives:\n  goodput: > 97%\n`,
      9,
      /^has a value that starts with >/,
    ],
    ["two documents", `${smallest}---\n${smallest}`, 8, /document/],
  ])("is told with its line: %s", (_, text, line, message) => {
    const problems = problemsOf(() => parseScenario(text, "made.yaml"));
    expect(problems[0]).toMatchObject({ line, message: expect.stringMatching(message) });
  });

  it.each([
    ["an alias of nothing", "scenario: *nobody", /nobody/],
    ["a bomb of aliases", bomb, /repeats anchors too often/],
    ["brackets without end", "[".repeat(200_000), /nested too deeply/],
    ["a text beyond all measure", `# ${"x".repeat(1_048_576)}`, /has 1048578 characters; allowed are 1048576/],
  ])("is refused before it does harm: %s", (_, text, message) => {
    expect(problemsOf(() => parseScenario(text, "made.yaml"))[0]?.message).toMatch(message);
  });

  it.each([
    ["nothing", ""],
    ["a comment", "# later\n"],
    ["a list", "- scenario: x\n"],
    ["a word", "scenario"],
  ])("is asked for a scenario: %s", (_, text) => {
    const [problem] = problemsOf(() => parseScenario(text, "made.yaml"));
    expect(problem).toMatchObject({
      path: "the scenario",
      message: expect.stringContaining("a mapping of scenario, about"),
    });
  });

  it("may use an anchor to say a thing once", () => {
    const text = smallest.replace("input: 100, output: 20", "input: &some { median: 50, p95: 90 }, output: *some");
    const [request] = parseScenario(text, "made.yaml").traffic.requests;
    expect(request?.output).toEqual(request?.input);
  });
});
