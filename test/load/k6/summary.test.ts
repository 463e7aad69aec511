/** Summaries as k6 2.2.0 wrote them in both forms, shortened. */
import { expect, it } from "vitest";
import { readK6Summary } from "../../../load/k6/summary.ts";

const trend = { avg: 5, min: 4, med: 5, max: 6 };

const oldForm = {
  root_group: { name: "", groups: {}, checks: {} },
  metrics: {
    http_reqs: { count: 2, rate: 577.7, thresholds: { "count>100": true } },
    "squall_ttft{phase:load}": { ...trend, "p(95)": 6, thresholds: { "p(95)<1000": false } },
    checks: { passes: 2, fails: 0, value: 1 },
  },
};

const newForm = {
  version: "1.0.0",
  metadata: { generated_at: "2026-11-21T06:02:31Z", k6_version: "2.2.0" },
  config: { duration: 0.7, execution: "local" },
  results: {
    checks: { metrics: [{ name: "checks_total", type: "counter", values: { count: 2 } }], results: [] },
    metrics: [
      { contains: "default", name: "http_reqs", type: "counter", values: { count: 2 } },
      { contains: "time", name: "squall_ttft{phase:load}", type: "trend", values: { ...trend, p95: 6, "p99.9": 6 } },
      { contains: "default", name: "http_req_failed", type: "rate", values: { matches: 1, rate: 0.25, total: 4 } },
    ],
  },
};

it("reads the old form: numbers beside each other, thresholds that were missed", () => {
  expect(readK6Summary(JSON.stringify(oldForm), "old.json")).toEqual({
    version: undefined,
    metrics: [
      {
        name: "http_reqs",
        values: { count: 2, rate: 577.7 },
        thresholds: [{ condition: "count>100", held: false }],
      },
      {
        name: "squall_ttft{phase:load}",
        values: { ...trend, "p(95)": 6 },
        thresholds: [{ condition: "p(95)<1000", held: true }],
      },
      { name: "checks", values: { passes: 2, fails: 0, value: 1 }, thresholds: [] },
    ],
  });
});

it("reads the new form under the old names", () => {
  expect(readK6Summary(JSON.stringify(newForm), "new.json")).toEqual({
    version: "v2.2.0",
    metrics: [
      { name: "http_reqs", values: { count: 2 }, thresholds: [] },
      { name: "squall_ttft{phase:load}", values: { ...trend, "p(95)": 6, "p(99.9)": 6 }, thresholds: [] },
      { name: "http_req_failed", values: { rate: 0.25, value: 0.25, passes: 1, fails: 3 }, thresholds: [] },
      { name: "checks_total", values: { count: 2 }, thresholds: [] },
    ],
  });
});

it("reads what handleSummary is given, where the numbers stand one level deeper", () => {
  const data = { metrics: { http_reqs: { type: "counter", contains: "default", values: { count: 3 } } } };
  expect(readK6Summary(JSON.stringify(data), "data.json").metrics).toEqual([
    { name: "http_reqs", values: { count: 3 }, thresholds: [] },
  ]);
});

it.each(["", "[]", "{}", '{"results":[]}', "null", "no json"])("refuses %j, which is no summary", (text) => {
  expect(() => readK6Summary(text, "x.json")).toThrow(/x\.json is no summary of k6/);
});
