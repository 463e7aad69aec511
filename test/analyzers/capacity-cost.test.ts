import { describe, expect, it } from "vitest";
import { capacityCostOf, capacityFindings } from "../../analyzers/capacity-cost.ts";
import { costOf } from "../../analyzers/cost.ts";
import { fromDollars } from "../../core/money.ts";
import type { CapacityCharge, Run } from "../../core/run.ts";
import { minuteMs } from "../../core/time.ts";
import { madeLedger, madeRecord, madeRun } from "./made-run.ts";

const ptus: CapacityCharge = { what: "gpt-4.1", unit: "PTU", units: 50, unitHourly: fromDollars(1), source: "Azure" };
const nodes: CapacityCharge = {
  what: "p5.48xlarge",
  unit: "node",
  units: 2,
  unitHourly: fromDollars(55.04),
  source: "AWS",
};
const unknown: CapacityCharge = {
  what: "my-node",
  unit: "node",
  units: 3,
  unitHourly: null,
  source: "no published price",
};

function runWith(...capacity: readonly CapacityCharge[]): Run {
  const run = madeRun([madeRecord({ key: "a", cost: 100 })], { providers: [madeLedger({ cost: 100, capacity })] });
  return { ...run, manifest: { ...run.manifest, durationMs: 6 * minuteMs } };
}

describe("capacity that is paid by the hour", () => {
  it("costs what its units cost for as long as the run lasts, used or not", () => {
    expect(capacityCostOf(runWith(ptus, nodes))).toMatchObject({
      total: fromDollars(5 + 11.008),
      perHour: fromDollars(50 + 110.08),
    });
  });

  it("is told apart from what calls cost", () => {
    expect(costOf(runWith(ptus))?.total).toBe(100);
    expect(capacityFindings(runWith(ptus)).map(({ id, measured }) => [id, measured])).toEqual([
      ["cost.capacity", fromDollars(5)],
      ["cost.capacity.per-hour", fromDollars(50)],
    ]);
  });

  it("is listed when no price is known, and never silently nothing", () => {
    const [finding, ...others] = capacityFindings(runWith(unknown));
    expect(others).toEqual([]);
    expect(finding).toMatchObject({ id: "cost.unpriced.3 nodes my-node" });
    expect(capacityFindings(runWith(ptus, unknown)).map(({ id }) => id)).toContain("cost.unpriced.3 nodes my-node");
  });

  it("is not spoken of where all is paid as it is used", () => {
    expect(capacityCostOf(madeRun([], { providers: [madeLedger()] }))).toBeUndefined();
  });
});
