import { expect, it } from "vitest";
import { summaryFindings } from "../../../cli/analyze/k6-summary.ts";
import type { Objective } from "../../../core/scenario/scenario.ts";
import { readK6Summary } from "../../../load/k6/summary.ts";

function objective(metric: string, comparison: Objective["comparison"], limit: number, text: string): Objective {
  return { metric, comparison, limit, text, line: 7 };
}

const old = {
  metrics: {
    "squall_errors{phase:load}": { passes: 1, fails: 99, value: 0.01, thresholds: { "rate<0.02": false } },
    "squall_ttft{phase:load}": { avg: 5, med: 4, max: 6, "p(95)": 6 },
    http_reqs: { count: 2, thresholds: { "count>100": true } },
  },
};

function judgements(objectives: readonly Objective[], summary: object = old): readonly unknown[] {
  const findings = summaryFindings(readK6Summary(JSON.stringify(summary), "summary.json"), objectives);
  return findings.map(({ id, judgement, measured }) => [id, judgement, measured]);
}

it("judges the objectives that a summary knows, and the thresholds that k6 judged", () => {
  const objectives = [
    objective("errors", "<", 0.02, "< 2%"),
    objective("ttft.p95", "<", 5, "< 5ms"),
    objective("ttft.p50", "<", 5, "< 5ms"),
  ];
  expect(judgements(objectives)).toEqual([
    ["errors", "pass", 0.01],
    ["ttft.p95", "fail", 6],
    ["ttft.p50", "pass", 4],
    ["squall_errors{phase:load}: rate<0.02", "pass", undefined],
    ["http_reqs: count>100", "fail", undefined],
  ]);
});

it("reads the same from the new form", () => {
  const metrics = [{ name: "squall_errors{phase:load}", type: "rate", values: { matches: 1, rate: 0.01, total: 100 } }];
  const summary = { version: "1.0.0", metadata: { k6_version: "2.2.0" }, results: { metrics } };
  expect(judgements([objective("errors", "==", 0, "0")], summary)).toEqual([["errors", "fail", 0.01]]);
});

it("leaves open what a summary does not know, and says what would", () => {
  const objectives = [
    objective("cost.per-hour", "<", 1, "< $1"),
    objective("e2e.p95", "<", 1, "< 1ms"),
    objective("ttft.p99", "<", 9, "< 9ms"),
  ];
  const findings = summaryFindings(readK6Summary(JSON.stringify(old), "summary.json"), objectives).slice(0, 3);
  expect(findings.map(({ judgement }) => judgement)).toEqual(["inconclusive", "inconclusive", "inconclusive"]);
  expect(findings.map(({ detail }) => detail)).toEqual([
    "k6 does not measure it: squall import k6 does, from its log",
    "the summary has no squall_e2e{phase:load}: was it a program of squall export k6?",
    'the summary has no p(99): add --summary-trend-stats "avg,max,p(99)"',
  ]);
});
