import { describe, expect, it } from "vitest";
import { measure, namedMetrics } from "../../analyzers/metrics.ts";
import { metricExamples, metricUnit } from "../../core/scenario/metrics.ts";
import type { Run } from "../../core/run.ts";
import { tenUsersRun } from "../reports/synthetic-run.ts";
import { fleetRun, loadOf, wishes } from "./made-fleet.ts";
import { madeScenario } from "./made-run.ts";

describe("metrics", () => {
  const live = tenUsersRun({ kind: "live", seed: 7 });
  const { replicas, scaling } = fleetRun(wishes([0, 2]), loadOf(1)).manifest;
  const run: Run = {
    ...live,
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
      const measured = measure(metric, run, madeScenario());
      if (metric === "degradation.ttft.p99" || metric === "degradation.e2e.p99" || metric === "degradation.itl.p99") {
        // 250 pairs are there, and p99 needs 299.
        expect(measured).toMatchObject({ kind: "none", why: expect.stringContaining("299 pairs are needed") });
      } else {
        expect(measured).toMatchObject({ kind: "value", unit: metricUnit(metric) });
      }
    },
  );
});
