import { describe, expect, it } from "vitest";
import { flowOf } from "../../analyzers/littles-law.ts";
import { madeRecord, madeRun, refused } from "./made-run.ts";

/** `count` requests, one every 100 ms, each of which takes as long as `takesMs` says. */
function steady(count: number, takesMs: (index: number) => number) {
  return Array.from({ length: count }, (_, index) =>
    madeRecord({ key: `a${index}`, intendedMs: index * 100, sentMs: index * 100, endMs: index * 100 + takesMs(index) }),
  );
}

describe("Little's law on a run", () => {
  it("holds of a steady load: ten a second of 500 ms are five in flight", () => {
    const flow = flowOf(madeRun(steady(600, () => 500)));
    expect(flow?.completionsPerS).toBeCloseTo(10, 0);
    expect(flow?.responseMs).toBe(500);
    expect(flow?.inFlight).toBeCloseTo(5, 1);
    expect(flow?.holds).toBe(true);
  });

  it("does not hold of a run that fills up: each request takes longer than the one before", () => {
    const flow = flowOf(madeRun(steady(600, (index) => 100 + index * 60)));
    expect(flow?.holds).toBe(false);
    expect(flow?.difference).toBeGreaterThan(0);
    expect(flow?.interval[0]).toBeGreaterThan(0);
  });

  it("counts what was refused as ended and not as answered", () => {
    const records = steady(200, () => 200).map((record, index) =>
      index % 2 === 0 ? record : refused(record.key, { intendedMs: index * 100, endMs: index * 100 + 20 }),
    );
    const flow = flowOf(madeRun(records));
    expect((flow?.answeredPerS ?? 0) / (flow?.completionsPerS ?? 1)).toBeCloseTo(0.5, 1);
  });

  it("says nothing of too few requests, or of requests that are all due at once", () => {
    expect(flowOf(madeRun(steady(19, () => 500)))).toBeUndefined();
    expect(flowOf(madeRun(steady(40, () => 500).map((record) => ({ ...record, intendedMs: 0 }))))).toBeUndefined();
  });
});
