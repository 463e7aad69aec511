import { describe, expect, it } from "vitest";
import { measure } from "../../../analyzers/metrics.ts";
import { badMinutes } from "../../../analyzers/slo/bad-minutes.ts";
import { errorBudget, errorBudgetFindings } from "../../../analyzers/slo/error-budget.ts";
import { dayMs, minuteMs } from "../../../core/time.ts";
import { madeRecord, madeRun, madeScenario, objective, refused } from "../made-run.ts";

const availability = { name: "availability", target: 0.9, periodMs: 30 * dayMs, good: { kind: "answered" } } as const;
const quick = { ...availability, name: "quick", good: { kind: "within", latency: "ttft", limitMs: 100 } } as const;

describe("the error budget of a run", () => {
  const records = [madeRecord(), madeRecord(), madeRecord({ firstTokenMs: 101 }), refused("r")];

  it("burns as the share of bad requests over that which is allowed", () => {
    const budget = errorBudget(availability, records, 0.01 * 30 * dayMs);
    expect(budget).toMatchObject({ bad: 1, all: 4 });
    expect(budget?.burn).toBeCloseTo(2.5, 9);
    expect(budget?.consumed).toBeCloseTo(0.025, 9);
  });

  it("counts a request that took longer than the service level allows as bad, and one at the limit as good", () => {
    expect(errorBudget(quick, records, minuteMs)).toMatchObject({ bad: 2, all: 4 });
  });

  it("counts a request without the latency in question as bad", () => {
    expect(errorBudget(quick, [madeRecord({ firstTokenMs: null })], minuteMs)).toMatchObject({ bad: 1, all: 1 });
  });

  it("does not count a client that left on purpose, and is nothing where nobody else came", () => {
    const left = madeRecord({ outcome: "aborted" });
    expect(errorBudget(availability, [left, madeRecord()], minuteMs)).toMatchObject({ bad: 0, all: 1 });
    expect(errorBudget(availability, [left], minuteMs)).toBeUndefined();
  });

  it("is told for each service level, and can be an objective", () => {
    const run = madeRun(records);
    const scenario = { ...madeScenario(), slo: [availability] };
    expect(errorBudgetFindings(run, scenario)).toMatchObject([
      {
        id: "slo.availability.consumed",
        unit: "share",
        samples: 4,
        detail: expect.stringContaining("burns 2.5 times"),
      },
    ]);
    expect(measure("slo.availability.burn", run, scenario)).toMatchObject({ kind: "value", unit: "count", samples: 4 });
    expect(measure("slo.availability.consumed", run, scenario)).toMatchObject({ kind: "value", unit: "share" });
    expect(measure("slo.other.burn", run, scenario)).toBeUndefined();
  });
});

describe("a bad minute", () => {
  const scenario = madeScenario([objective("errors", "<", 0.1), objective("ttft.max", "<", 1)]);
  const minute = (at: number, failed: number, of = 20) =>
    Array.from({ length: of }, (_, index) => {
      const endMs = at * minuteMs + index;
      return index < failed ? refused(`${at}-${index}`, { endMs }) : madeRecord({ key: `${at}-${index}`, endMs });
    });

  it("is one that misses an objective by itself", () => {
    const run = madeRun([...minute(0, 1), ...minute(1, 3), ...minute(2, 0), ...minute(3, 20)]);
    expect(badMinutes(run, scenario)).toEqual([minuteMs, 3 * minuteMs]);
  });

  it("needs twenty requests to be called so", () => {
    expect(badMinutes(madeRun(minute(0, 19, 19)), scenario)).toEqual([]);
  });
});
