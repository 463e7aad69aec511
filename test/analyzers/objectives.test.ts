import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { measure, namedMetrics } from "../../analyzers/metrics.ts";
import { judgeInterval, objectiveFindings } from "../../analyzers/objectives.ts";
import { fromDollars } from "../../core/money.ts";
import type { RequestRecord } from "../../core/record.ts";
import type { Objective } from "../../core/scenario/scenario.ts";
import { answeredIn, madeLedger, madeRecord, madeRun, madeScenario, objective, refused } from "./made-run.ts";

/** 1 to 100 ms end to end; type 7 gives p95 = 1 + 99 x 0.95 = 95.05. */
const hundred = answeredIn(Array.from({ length: 100 }, (_, index) => index + 1));

describe("objectives", () => {
  it.each([
    { metric: "e2e.p95", comparison: "<", limit: 96, judgement: "pass", measured: 95.05 },
    { metric: "e2e.p95", comparison: "<", limit: 95, judgement: "fail", measured: 95.05 },
    { metric: "e2e.max", comparison: "<=", limit: 100, judgement: "pass", measured: 100 },
    { metric: "e2e.max", comparison: "<", limit: 100, judgement: "fail", measured: 100 },
    { metric: "e2e.mean", comparison: ">=", limit: 50.5, judgement: "pass", measured: 50.5 },
    { metric: "ttft.p50", comparison: "<", limit: 6, judgement: "pass", measured: 5.05 },
    { metric: "errors", comparison: "==", limit: 0, judgement: "pass", measured: 0 },
    { metric: "goodput", comparison: ">", limit: 0.99, judgement: "pass", measured: 1 },
  ] as const)("$metric $comparison $limit is a $judgement", ({ metric, comparison, limit, judgement, measured }) => {
    const [finding] = objectiveFindings(madeRun(hundred), madeScenario([objective(metric, comparison, limit)]));
    expect(finding).toMatchObject({ analyzer: "objectives", id: metric, judgement, samples: 100, line: 1 });
    expect(finding?.measured).toBeCloseTo(measured, 9);
  });

  it("never passes a metric that does not exist, and names those that do", () => {
    const [finding] = objectiveFindings(madeRun(hundred), madeScenario([objective("tftt.p95", "<", 1e9)]));
    expect(finding).toMatchObject({ judgement: "inconclusive", title: "tftt.p95" });
    expect(finding?.measured).toBeUndefined();
    for (const name of namedMetrics) expect(finding?.detail).toContain(name);
  });

  it.each(["toString", "constructor", "", "degradation.", "degradation.ttft.max", "ttft", "ttft.p0", "p95"])(
    "knows no metric called %j",
    (metric) => {
      expect(measure(metric, madeRun(hundred), madeScenario())).toBeUndefined();
    },
  );

  it("never passes an empty sample, whatever the metric and however generous the limit", () => {
    const metrics = [...namedMetrics, "ttft.p95", "itl.mean", "e2e.max", "degradation.ttft.p95"];
    const objectives = metrics.flatMap((metric) => [objective(metric, "<", 1e18), objective(metric, ">=", 0)]);
    const onlyWarmup = [madeRecord({ phase: "warmup" }), madeRecord({ phase: "baseline" })];
    const run = madeRun(onlyWarmup, { providers: [madeLedger()] });
    const findings = objectiveFindings(run, madeScenario(objectives));
    expect(findings.map((finding) => finding.judgement)).toEqual(findings.map(() => "inconclusive"));
    for (const finding of findings) expect(finding.detail).not.toBe("");
  });

  it("has no inter-token latency for answers that were not streamed, and says how many requests there were", () => {
    const run = madeRun([madeRecord({ stream: false }), madeRecord({ stream: false })]);
    const [finding] = objectiveFindings(run, madeScenario([objective("itl.p95", "<", 50)]));
    expect(finding).toMatchObject({ judgement: "inconclusive", samples: 0 });
    expect(finding?.detail).toContain("none of 2 requests");
  });

  it("keeps failed requests out of latency and says so", () => {
    const run = madeRun([...hundred, refused("r100"), refused("r101")]);
    const [finding] = objectiveFindings(run, madeScenario([objective("e2e.p95", "<", 96)]));
    expect(finding).toMatchObject({
      judgement: "pass",
      samples: 100,
      detail: "2 failed requests are not in this sample",
    });
  });

  it("says when a percentile is hardly more than the slowest of a few requests, and judges it all the same", () => {
    const few = objectiveFindings(madeRun(hundred.slice(0, 19)), madeScenario([objective("e2e.p95", "<", 100)]));
    expect(few[0]).toMatchObject({ judgement: "pass", detail: "of 19 requests this is hardly more than the slowest" });
    const enough = objectiveFindings(madeRun(hundred.slice(0, 20)), madeScenario([objective("e2e.p95", "<", 100)]));
    expect(enough[0]?.detail).toBeUndefined();
  });

  it("judges only the load phase", () => {
    const slow: readonly Partial<RequestRecord>[] = [{ phase: "warmup" }, { phase: "baseline" }];
    const run = madeRun([...hundred, ...slow.map((overrides) => madeRecord({ endMs: 1e6, ...overrides }))]);
    const [finding] = objectiveFindings(run, madeScenario([objective("e2e.max", "<=", 100)]));
    expect(finding?.judgement).toBe("pass");
  });

  describe("on cost", () => {
    const paid = madeRecord({ cost: fromDollars(0.5) });
    const under = madeScenario([objective("cost.total", "<", fromDollars(1))]);
    const over = madeScenario([objective("cost.total", "<", fromDollars(0.25))]);

    it("are inconclusive when nobody kept a ledger, though every record says zero", () => {
      expect(objectiveFindings(madeRun([madeRecord()]), under)[0]?.judgement).toBe("inconclusive");
    });

    it("cannot pass while a model has no price, but can fail on what is priced", () => {
      const run = madeRun([paid], { providers: [madeLedger({ unpricedModels: ["in-house-7b"] })] });
      const [held] = objectiveFindings(run, under);
      expect(held).toMatchObject({ judgement: "inconclusive", measured: fromDollars(0.5) });
      expect(held?.detail).toContain("in-house-7b");
      expect(held?.interval).toBeUndefined();
      expect(objectiveFindings(run, over)[0]?.judgement).toBe("fail");
    });

    it("are scaled to an hour by the length of the load phase", () => {
      const run = madeRun([paid], { providers: [madeLedger()] });
      const [finding] = objectiveFindings(run, madeScenario([objective("cost.per-hour", "<", fromDollars(31))]));
      expect(finding).toMatchObject({ judgement: "pass", measured: fromDollars(30), unit: "money" });
    });
  });
});

describe("judgeInterval", () => {
  it.each([
    { interval: [1, 2], comparison: "<=", limit: 2, expected: "pass" },
    { interval: [1, 2], comparison: "<", limit: 2, expected: "inconclusive" },
    { interval: [2, 3], comparison: "<", limit: 2, expected: "fail" },
    { interval: [2, 3], comparison: "<=", limit: 2, expected: "inconclusive" },
    { interval: [2, 3], comparison: ">=", limit: 2, expected: "pass" },
    { interval: [1, 2], comparison: ">", limit: 2, expected: "fail" },
    { interval: [1, 3], comparison: "==", limit: 2, expected: "inconclusive" },
    { interval: [2, 2], comparison: "==", limit: 2, expected: "pass" },
    { interval: [3, 4], comparison: "==", limit: 2, expected: "fail" },
  ] as const)("$interval $comparison $limit is $expected", ({ interval, comparison, limit, expected }) => {
    expect(judgeInterval(interval, { comparison, limit })).toBe(expected);
  });

  it("agrees with the plain comparison whenever the value is known exactly", () => {
    const compare: Readonly<Record<Objective["comparison"], (left: number, right: number) => boolean>> = {
      "<": (left, right) => left < right,
      "<=": (left, right) => left <= right,
      ">": (left, right) => left > right,
      ">=": (left, right) => left >= right,
      "==": (left, right) => left === right,
    };
    const comparisons = fc.constantFrom<Objective["comparison"]>("<", "<=", ">", ">=", "==");
    fc.assert(
      fc.property(
        fc.integer({ min: -3, max: 3 }),
        fc.integer({ min: -3, max: 3 }),
        comparisons,
        (value, limit, comparison) => {
          const judgement = judgeInterval([value, value], { comparison, limit });
          return judgement === (compare[comparison](value, limit) ? "pass" : "fail");
        },
      ),
      { seed: 5 },
    );
  });
});
