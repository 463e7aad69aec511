import { expect, it } from "vitest";
import type { Objective } from "../../../core/scenario/scenario.ts";
import { thresholdsOf } from "../../../load/k6/thresholds.ts";

function objective(metric: string, comparison: Objective["comparison"], limit: number, text: string): Objective {
  return { metric, comparison, limit, text, line: 1 };
}

it("turns objectives into thresholds of the load phase, each by its own metric and tags", () => {
  const { thresholds, lost } = thresholdsOf([
    objective("errors", "==", 0, "0"),
    objective("rate-limited", "<", 0.01, "< 1%"),
    objective("ttft.p95", "<", 1_000, "< 1s"),
    objective("ttft.mean", "<", 500, "< 500ms"),
    objective("e2e.p99.9", "<=", 4_000, "<= 4s"),
    objective("e2e.max of tenant web", "<", 9_000, "< 9s"),
  ]);
  expect(thresholds).toEqual({
    "squall_errors{phase:load}": ["rate==0"],
    "squall_rate_limited{phase:load}": ["rate<0.01"],
    "squall_ttft{phase:load}": ["p(95)<1000", "avg<500"],
    "squall_e2e{phase:load}": ["p(99.9)<=4000"],
    "squall_e2e{phase:load,tenant:web}": ["max<9000"],
  });
  expect(lost).toEqual([]);
});

it("says which objectives only Squall can check", () => {
  const objectives = [
    objective("degradation.ttft.p95", "<=", 0.1, "<= 10%"),
    objective("cost.per-hour", "<", 1, "< $1"),
    objective("itl.p50", "<", 20, "< 20ms"),
    objective("errors of provider openai", "==", 0, "0"),
  ];
  const { thresholds, lost } = thresholdsOf(objectives);
  expect(thresholds).toEqual({});
  expect(lost).toEqual([
    "degradation.ttft.p95: <= 10%",
    "cost.per-hour: < $1",
    "itl.p50: < 20ms",
    "errors of provider openai: 0",
  ]);
});
