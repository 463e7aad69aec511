import { describe, expect, it } from "vitest";
import { measure, namedMetrics } from "../../analyzers/metrics.ts";
import { metricExamples, metricUnit } from "../../core/scenario/metrics.ts";
import type { Run } from "../../core/run.ts";
import { tenUsersRun } from "../reports/synthetic-run.ts";
import { fleetRun, loadOf, wishes } from "./made-fleet.ts";
import { dayMs } from "../../core/time.ts";
import { madeRecord, madeRun, madeScenario, refused } from "./made-run.ts";

const availability = { name: "availability", target: 0.99, periodMs: 30 * dayMs, good: { kind: "answered" } } as const;

describe("metrics", () => {
  const live = tenUsersRun({ kind: "live", seed: 7 });
  const { replicas, scaling } = fleetRun(wishes([0, 2]), loadOf(1)).manifest;
  const run: Run = {
    ...live,
    records: live.records.map((record) => ({ ...record, spent: { instance: 5 } })),
    manifest: {
      ...live.manifest,
      ...(replicas === undefined ? {} : { replicas }),
      ...(scaling === undefined ? {} : { scaling }),
    },
  };

  it("are the same in the scenario schema and here, name by name", () => {
    expect(metricExamples.length).toBeGreaterThan(20);
    for (const name of namedMetrics) expect(metricUnit(name), name).toBeDefined();
  });

  it.each(metricExamples.map((metric) => ({ metric })))(
    "measure $metric in the unit in which its limit is written",
    ({ metric }) => {
      const measured = measure(metric, run, { ...madeScenario(), slo: [availability] });
      if (metric === "degradation.ttft.p99" || metric === "degradation.e2e.p99" || metric === "degradation.itl.p99") {
        // 250 pairs are there, and p99 needs 299.
        expect(measured).toMatchObject({ kind: "none", why: expect.stringContaining("299 pairs are needed") });
      } else {
        expect(measured).toMatchObject({ kind: "value", unit: metricUnit(metric) });
      }
    },
  );

  it("of a tenant, model or provider are measured on its requests alone", () => {
    const records = [
      madeRecord({ key: "a", tenant: "marketing", model: "big", provider: "azure", endMs: 4_000 }),
      madeRecord({ key: "b", tenant: "support", model: "small", provider: "openai", endMs: 1_000 }),
      refused("c", { tenant: "support", model: "small", provider: "openai" }),
    ];
    const measured = (metric: string): unknown => measure(metric, madeRun(records), madeScenario());
    expect(measured("e2e.max of tenant marketing")).toMatchObject({
      value: 4_000,
      title: "End to end max, tenant marketing",
    });
    expect(measured("e2e.max of model small")).toMatchObject({ value: 1_000 });
    expect(measured("errors of provider openai")).toMatchObject({ value: 0.5, samples: 2 });
    expect(measured("errors.rate-limited of tenant support")).toMatchObject({ value: 0.5 });
    expect(measured("errors of tenant nobody")).toMatchObject({ kind: "none" });
  });

  it("count the requests that waited for room at one instant", () => {
    const waited = [0, 40, 100].map((intendedMs, index) =>
      madeRecord({ key: `w${index}`, intendedMs, endMs: intendedMs + 500, spent: { instance: index === 2 ? 0 : 100 } }),
    );
    const depth = (records: typeof waited): unknown => measure("queue.depth.max", madeRun(records), madeScenario());
    expect(depth(waited)).toMatchObject({ value: 2 });
    expect(depth([madeRecord()])).toMatchObject({ kind: "none", why: expect.stringContaining("nobody counted") });
  });

  it("take the queue of a live fleet from its load balancer, and know no part of it", () => {
    const depthOf = (mostWaiting: readonly [number, number], metric = "queue.depth.max"): unknown => {
      const replicas = { hourly: 0, startupMs: 0, counts: [], demand: [], mostWaiting };
      const run = madeRun([madeRecord({ tenant: "marketing" })]);
      return measure(metric, { ...run, manifest: { ...run.manifest, replicas } }, madeScenario());
    };
    expect(depthOf([7, 7])).toMatchObject({ value: 7, interval: [7, 7], detail: "" });
    expect(depthOf([4, 9])).toMatchObject({ value: 9, interval: [4, 9], detail: expect.stringContaining("held 4") });
    expect(depthOf([7, 7], "queue.depth.max of tenant marketing")).toMatchObject({ kind: "none" });
  });
});
