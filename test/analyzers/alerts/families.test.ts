/** One definition of what a run exposes: a simulated scrape and the page that a real Prometheus reads have to agree. */
import { describe, expect, it } from "vitest";
import { boundsFor, families } from "../../../analyzers/alerts/families.ts";
import { RequestMeter, requestMeterOf } from "../../../analyzers/alerts/request-meter.ts";
import { seriesName } from "../../../analyzers/alerts/export/series-notation.ts";
import { runMetrics } from "../../../cli/run-metrics.ts";
import { madeRecord, madeScenario, refused } from "../made-run.ts";

const platform = { ...madeScenario().platform, routes: [{ model: "gpt-4o-mini", providers: ["openai", "azure"] }] };
const traffic = { ...madeScenario().traffic, tenants: [{ name: "default", share: 1 }] };
const slo = [
  { name: "quick", target: 0.9, periodMs: 1, good: { kind: "within", latency: "ttft", limitMs: 130 } },
] as const;
const scenario = { ...madeScenario(), platform, traffic, slo };

const records = [
  madeRecord({ cost: 2_000_000, upstreamCalls: 2 }),
  madeRecord({ provider: "azure", firstTokenMs: 130, endMs: 61_000, outputTokens: 20 }),
  refused("r", { provider: "" }),
  madeRecord({ model: "unrouted", outcome: "timeout", firstTokenMs: null }),
];

describe("what a run exposes", () => {
  it("is the same to a simulated scrape and to a real one, zero by zero", async () => {
    const meter = requestMeterOf(scenario);
    const use = { tokenLimitUse: new Map([["openai", 0.25]]) };
    const live = runMetrics(scenario, () => Promise.resolve(use));
    for (const record of records) {
      meter.count(record);
      live.count(record);
    }
    const simulated = meter.samples(use).map(({ name, labels, value }) => `${seriesName(name, labels)} ${value}`);
    const lines = (await live.text()).split("\n").filter((line) => line !== "" && !line.startsWith("#"));
    expect(lines.map(inOrder).toSorted()).toEqual(simulated.toSorted());
    expect(simulated.length).toBeGreaterThan(100);
  });

  it("counts each request once, under its outcome and its last provider", () => {
    const meter = requestMeterOf(scenario);
    for (const record of records) meter.count(record);
    const counted = meter.samples().filter(({ name, value }) => name === "squall_requests_total" && value > 0);
    expect(counted.map(({ labels, value }) => [labels["outcome"], labels["provider"], value])).toEqual([
      ["rate-limited", "", 1],
      ["ok", "openai", 1],
      ["ok", "azure", 1],
      ["timeout", "openai", 1],
    ]);
  });

  it("has latencies of answered requests only, a limit counting as within it", () => {
    const meter = new RequestMeter({ models: [], tenants: [] }, boundsFor(slo));
    for (const record of records) meter.count(record);
    const bucket = (le: string) =>
      meter
        .samples()
        .filter(({ name, labels }) => name === "squall_ttft_seconds_bucket" && labels["le"] === le)
        .reduce((sum, { value }) => sum + value, 0);
    expect([bucket("0.1"), bucket("0.13"), bucket("+Inf")]).toEqual([1, 2, 2]);
  });

  it("has no label in the name of a family that another family does not explain", () => {
    for (const [name, { kind }] of Object.entries(families)) {
      expect(name).toMatch(kind === "counter" ? /_total$/ : kind === "histogram" ? /_seconds$/ : /^squall_(?!mock)/);
    }
  });
});

/** Labels in alphabetical order, empty ones left out, as in a store. */
function inOrder(line: string): string {
  const [, name = "", labels = "", value = ""] = /^(\w+)(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
  const pairs = [...labels.matchAll(/(\w+)="([^"]*)"/g)].map((match) => [match[1] ?? "", match[2] ?? ""] as const);
  return `${seriesName(name, Object.fromEntries(pairs))} ${value}`;
}
