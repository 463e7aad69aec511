import { describe, expect, it } from "vitest";
import { parseScenario } from "../../../core/scenario/parse.ts";
import { dialectNames } from "../../../core/scenario/provider-schema.ts";
import { parseWith, problemsOf } from "./written-scenarios.ts";

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
      `7 traffic.requests[1].steam is not known here; known are share, model, input, output, stream, max-tokens, cached, growth (did you mean stream?)`,
      `8 traffic.clients.timeout is 60; allowed is a duration above 0 with its unit, such as 30s, 250ms or 1h30m`,
      `10 providers.openai.dialect is "opnai"; allowed is one of ${dialectNames.join(", ")} (did you mean openai?)`,
      `10 providers.openai.models.gpt-4o-mini.tpm is "2X"; allowed is a whole number, 1 or more, such as 20 or 20k`,
      `12 timeline[0].at is 10 m, when the traffic has ended: it lasts 5 m`,
      `12 timeline[0].fault.provider is "azure", which is no provider; known are openai`,
      `14 objectives.ttft.p59x is no metric; known are ttft, itl and e2e with .p95, .mean or .max, degradation.ttft.p95, errors, errors.timeout and other outcomes, rate-limited, goodput, tokens.of-limit.max, calls.per-request, queue.depth.max, scaling.reversals, .replicas.max, .under and .over, and cost.total, .per-hour, .per-request, .per-success, .wasted or .replicas.per-hour; most of them also of tenant, model or provider NAME (did you mean ttft.p50?)`,
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
      "not one provider",
      { "openai: { dialect: openai, models: { gpt-4o-mini: {} }, latency: instant }": "{}" },
      "providers",
      /^is empty; needed is at least one name with a provider/,
    ],
    [
      "a provider of nothing",
      { "{ gpt-4o-mini: {} }": "{}" },
      "providers.openai.models",
      /^is empty; needed is at least one name with limits/,
    ],
    [
      "a provider that cannot stand in a URL",
      { "openai: {": "open ai: {" },
      "providers.open ai",
      /^cannot be a name here; allowed are 1 to 64 letters/,
    ],
    [
      "half of a single kind",
      { "model: gpt-4o-mini, input": "share: 50%, model: gpt-4o-mini, input" },
      "traffic.requests",
      /^has shares that add up to 50 %; needed is 100 %/,
    ],
    [
      "a name without end",
      { "  requests:": `  tenants: { ${"a".repeat(200)}: 100% }\n  requests:` },
      `traffic.tenants."${"a".repeat(56)}..."`,
      /^cannot be a name here; allowed are 1 to 128 characters/,
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
      /^is "outge"; allowed is one of outage, region-down, error-rate/,
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
    expect(problemsOf(() => parseWith(platform("{ gateway: 'http://' }"), known))).toHaveLength(1);
    expect(parseWith(platform("{ gateway: 'http://127.0.0.1:8080' }"), known).platform.gateway).toBe(
      "http://127.0.0.1:8080",
    );
  });

  it("cannot colour a terminal, turn its writing round or fill it", () => {
    const hostile = "\u001b[31mred\u202e";
    const written = [JSON.stringify(hostile), `"${"m".repeat(1_000)}"`].map((name) => ({
      "model: gpt-4o-mini": `model: ${name}`,
    }));
    const [first, second] = written.map((changes) => problemsOf(() => parseWith(changes))[0]?.message);
    expect(first).toMatch(/^is "\\u001b\[31mred\\u202e", which no provider serves/);
    expect(second).toMatch(/^is "m{56}\.\.\.", which no provider serves/);
    const [key] = problemsOf(() => parseWith({ "scenario:": `${JSON.stringify(hostile)}: 1\nscenario:` }));
    expect(key?.path).toBe(String.raw`"\u001b[31mred\u202e"`);
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
