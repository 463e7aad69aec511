import { describe, expect, it } from "vitest";
import { scrapesOf } from "../../../analyzers/alerts/run-scrapes.ts";
import { madeLedger, madeRecord, madeRun, madeScenario } from "../made-run.ts";

function valuesOf(run: Parameters<typeof scrapesOf>[0], name: string, labels: Readonly<Record<string, string>> = {}) {
  return [...scrapesOf(run, madeScenario(), 15_000)].map(({ samples }) =>
    samples
      .filter(
        (each) => each.name === name && Object.entries(labels).every(([key, value]) => each.labels[key] === value),
      )
      .map(({ value }) => value),
  );
}

describe("the scrapes of a run", () => {
  it("count what has ended by then, in the order of its end", () => {
    const records = [29_999, 15_000, 30_001].map((endMs, index) => madeRecord({ key: String(index), endMs }));
    expect(valuesOf(madeRun(records), "squall_requests_total", { outcome: "ok" })).toEqual([[], [1], [2], [3], [3]]);
  });

  it("find the requests that wait for an instance, where the run says what time went into", () => {
    const records = [
      madeRecord({ key: "a", sentMs: 10_000, endMs: 50_000, spent: { instance: 25_000 } }),
      madeRecord({ key: "b", sentMs: 29_000, endMs: 50_000, spent: { instance: 2_000 } }),
    ];
    expect(valuesOf(madeRun(records), "squall_queue_depth")).toEqual([[0], [1], [2], [0], [0]]);
    expect(valuesOf(madeRun([madeRecord()]), "squall_queue_depth").flat()).toEqual([]);
  });

  it("find the share of a token limit that was used in the minute before", () => {
    const bin = { widthMs: 15_000, calls: 1, refused: 0, inputTokens: 0, outputTokens: 0, cost: 0 };
    const usage = [600, 0, 300].map((chargedTokens, index) => ({ ...bin, startMs: index * 15_000, chargedTokens }));
    const limits = [{ model: "m", requestsPerMinute: null, tokensPerMinute: 1_000 }];
    const providers = [madeLedger({ usage, limits }), madeLedger({ provider: "free" })];
    const found = valuesOf(madeRun([], { providers }), "squall_token_limit_utilization");
    expect(found).toEqual([[0], [0.6], [0.6], [0.9], [0.9]]);
  });

  it("find the replicas of the latest change", () => {
    const counts = [
      { atMs: 0, wished: 2, starting: 0, ready: 2, draining: 0 },
      { atMs: 20_000, wished: 3, starting: 1, ready: 2, draining: 0 },
    ];
    const replicas = { hourly: 0, startupMs: 0, counts, demand: [] };
    expect(valuesOf(madeRun([], { replicas }), "squall_replicas", { state: "wished" })).toEqual([
      [2],
      [2],
      [3],
      [3],
      [3],
    ]);
  });
});
