import { describe, expect, it } from "vitest";
import { costByModel, costFindings, costOf, replicaCostOf } from "../../analyzers/cost.ts";
import { fleetRun, loadOf } from "./made-fleet.ts";
import { madeLedger, madeRecord, madeRun, refused } from "./made-run.ts";

describe("cost", () => {
  const records = [
    madeRecord({ key: "a", cost: 100 }),
    madeRecord({ key: "b", cost: 50, outcome: "cut-stream" }),
    madeRecord({ key: "c", cost: 10, model: "gpt-4o" }),
    madeRecord({ key: "w", phase: "warmup", cost: 1_000 }),
  ];
  const ledger = madeLedger({ cost: 1_160, unpricedModels: ["in-house-7b"] });

  it("adds up the load phase and divides it by hours, requests and answers", () => {
    expect(costOf(madeRun(records, { providers: [ledger] }))).toMatchObject({
      total: 160,
      wasted: 50,
      perHour: 9_600,
      perRequest: 53,
      perSuccess: 80,
    });
  });

  it("does not divide by nothing", () => {
    const cost = costOf(madeRun([refused("r")], { providers: [ledger], phases: [] }));
    expect(cost).toMatchObject({ perHour: undefined, perSuccess: undefined, perRequest: 0 });
  });

  it("is told by model, dearest first", () => {
    expect(
      costByModel(madeRun(records)).map((model) => [model.model, model.cost, model.wasted, model.requests]),
    ).toEqual([
      ["gpt-4o-mini", 150, 50, 2],
      ["gpt-4o", 10, 0, 1],
    ]);
  });

  it("names what the whole run was billed and every model without a price", () => {
    const findings = costFindings(madeRun(records, { providers: [ledger] }));
    expect(findings.find((finding) => finding.id === "cost.billed")?.measured).toBe(1_160);
    expect(findings.find((finding) => finding.id === "cost.unpriced.in-house-7b")?.detail).toContain("lower bound");
  });
});

describe("the cost of the gateway's replicas", () => {
  // 6 dollars an hour: 10 cents a minute.
  const counts = [
    { atMs: 0, wished: 2, starting: 0, ready: 2, draining: 0 },
    { atMs: 60_000, wished: 3, starting: 1, ready: 2, draining: 0 },
    { atMs: 120_000, wished: 1, starting: 0, ready: 1, draining: 2 },
    { atMs: 180_000, wished: 1, starting: 0, ready: 1, draining: 0 },
  ];
  const run = fleetRun(counts, loadOf(1, 1, 1, 1));

  it("counts each replica from the wish for it until it is gone, apart from what providers charge", () => {
    expect(replicaCostOf(run)).toMatchObject({ replicaMs: 9 * 60_000, total: 900_000_000, perHour: 13_500_000_000 });
    expect(costFindings(run)).toMatchObject([
      { id: "cost.replicas", measured: 900_000_000 },
      { id: "cost.replicas.per-hour", measured: 13_500_000_000 },
    ]);
  });

  it("is that of functions for what they did, where that is how they are paid", () => {
    const { manifest } = run;
    const usage = { gbSeconds: 7_200, requests: 40_000, cost: 128_000_000 };
    const functions = { hourly: 0, startupMs: 0, counts, demand: [], usage };
    const paid = { ...run, manifest: { ...manifest, replicas: functions } };
    // Four minutes: fifteen times as much in an hour.
    expect(replicaCostOf(paid)).toMatchObject({ total: 128_000_000, perHour: 1_920_000_000 });
    expect(costFindings(paid)[0]?.detail).toBe(
      "functions ran 7200 GB-seconds for 40,000 requests; not in the providers' cost",
    );
  });

  it("is not told where a replica has no price", () => {
    const { manifest } = run;
    const free = { hourly: 0, startupMs: 0, counts, demand: [] };
    expect(replicaCostOf({ ...run, manifest: { ...manifest, replicas: free } })).toBeUndefined();
  });
});
