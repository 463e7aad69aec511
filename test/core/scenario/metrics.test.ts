import { describe, expect, it } from "vitest";
import { measure, namedMetrics } from "../../../analyzers/metrics.ts";
import { metricExamples, metricUnit, parseLimit } from "../../../core/scenario/metrics.ts";
import { parseScenario } from "../../../core/scenario/parse.ts";
import type { Run } from "../../../core/run.ts";

describe("metricUnit", () => {
  it.each([
    ["ttft.p95", "ms"],
    ["e2e.p99.9", "ms"],
    ["itl.mean", "ms"],
    ["e2e.max", "ms"],
    ["degradation.itl.p50", "share"],
    ["errors", "share"],
    ["tokens.of-limit.max", "share"],
    ["cost.per-hour", "money"],
    ["errors.timeout", "share"],
    ["queue.depth.max", "count"],
    ["ttft.p95 of tenant marketing", "ms"],
    ["cost.per-hour of model gpt-4o", "money"],
    ["tokens.of-limit.max of provider azure", "share"],
  ])("knows %s", (metric, unit) => {
    expect(metricUnit(metric)).toBe(unit);
  });

  it.each([
    "ttft",
    "ttft.p0",
    "ttft.p00",
    "ttft.p0.0",
    "ttft.p100",
    "ttft.p",
    "ttft.min",
    "degradation.ttft.mean",
    "degradation.errors",
    "cost",
    "costXtotal",
    "Errors",
    " errors",
    "errors.ok",
    "errors of customer acme",
    "scaling.reversals of tenant marketing",
    "tokens.of-limit.max of tenant marketing",
    "cost.replicas.per-hour of provider azure",
  ])("does not know %j", (metric) => {
    expect(metricUnit(metric)).toBeUndefined();
  });
});

describe("what a scenario may name and what analyzers can measure", () => {
  const nothing: Run = {
    manifest: {
      formatVersion: "1.0",
      kind: "simulated",
      scenario: "made",
      scenarioText: "",
      seed: 1,
      squallVersion: "0",
      engine: "simulator",
      gateway: "direct",
      timeScale: 1,
      durationMs: 0,
      status: "complete",
      phases: [],
      providers: [],
      prices: "",
      profiles: [],
    },
    records: [],
    events: [],
  };
  const scenario = parseScenario(
    "{ scenario: made, traffic: { arrivals: [{ for: 1m, rate: 1/s }], requests: [{ model: m, input: 1, output: 1 }] }, providers: { p: { dialect: openai, models: { m: {} }, latency: instant } }, slo: { availability: { target: 99%, good: answered } } }",
    "made.yaml",
  );

  it("are the same metrics", () => {
    expect(namedMetrics.filter((metric) => metricUnit(metric) === undefined)).toEqual([]);
    expect(metricExamples.filter((metric) => measure(metric, nothing, scenario) === undefined)).toEqual([]);
    const unknown = ["ttft.p0", "ttft.p100", "degradation.ttft.mean", "cost"];
    expect(unknown.filter((metric) => measure(metric, nothing, scenario) !== undefined)).toEqual([]);
  });
});

describe("parseLimit", () => {
  it.each([
    ["< 2s", "ms", { comparison: "<", limit: 2_000 }],
    ["<=250ms", "ms", { comparison: "<=", limit: 250 }],
    ["> 97%", "share", { comparison: ">", limit: 0.97 }],
    [">= 0.97", "share", { comparison: ">=", limit: 0.97 }],
    ["== 5%", "share", { comparison: "==", limit: 0.05 }],
    ["<= 0.7%", "share", { comparison: "<=", limit: 7 / 1000 }],
    [0, "share", { comparison: "==", limit: 0 }],
    ["0", "ms", { comparison: "==", limit: 0 }],
    ["< $120", "money", { comparison: "<", limit: 120_000_000_000 }],
    [0, "money", { comparison: "==", limit: 0 }],
  ] as const)("reads %j for %s", (written, unit, expected) => {
    expect(parseLimit(written, unit)).toEqual(expected);
  });

  it.each([
    ["2s", "ms"],
    ["< 2", "ms"],
    ["< 2s", "share"],
    ["97%", "share"],
    [0.97, "share"],
    ["< 120", "money"],
    ["=> 5%", "share"],
    ["<", "share"],
    ["", "ms"],
  ] as const)("makes nothing of %j for %s", (written, unit) => {
    expect(parseLimit(written, unit)).toBeUndefined();
  });
});
