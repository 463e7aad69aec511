import { describe, expect, it } from "vitest";
import { whatChanged } from "../../analyzers/what-changed.ts";
import { madeRun } from "./made-run.ts";

describe("what changed between two sets of runs", () => {
  it("is the gateway, the prices, and fields of the scenario", () => {
    const before = madeRun([], { gateway: "portkey 1.15.2", scenarioText: "seed: 1\n" });
    const after = madeRun([], {
      gateway: "portkey 1.16.0",
      prices: "genai-prices 2026-12-01",
      scenarioText: "seed: 2\n",
    });
    expect(whatChanged([before], [after, before])).toEqual([
      { what: "gateway", before: "portkey 1.15.2", after: "portkey 1.16.0" },
      { what: "prices", before: "genai-prices 2026-11-02", after: "genai-prices 2026-12-01" },
      { what: "scenario seed", before: "1", after: "2" },
    ]);
  });

  it("is nothing between runs of the same thing, and without a baseline", () => {
    expect(whatChanged([madeRun([])], [madeRun([])])).toEqual([]);
    expect(whatChanged([], [madeRun([])])).toEqual([]);
  });

  it("says none where there was nothing", () => {
    const now = madeRun([], { scenarioText: "scenario: made\nseed: 3\n" });
    expect(whatChanged([madeRun([])], [now])).toEqual([{ what: "scenario seed", before: "none", after: "3" }]);
  });
});
