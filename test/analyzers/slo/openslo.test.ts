import { describe, expect, it } from "vitest";
import { readOpenSlo } from "../../../analyzers/slo/openslo/read.ts";
import { writeOpenSlo } from "../../../analyzers/slo/openslo/write.ts";
import { SquallError } from "../../../core/errors.ts";
import { dayMs, hourMs } from "../../../core/time.ts";
import { madeAlerts } from "../alerts/made-alerts.ts";

const slo = [
  { name: "availability", target: 0.995, periodMs: 28 * dayMs, good: { kind: "answered" } },
  { name: "quick", target: 0.99, periodMs: 30 * dayMs, good: { kind: "within", latency: "ttft", limitMs: 2_000 } },
] as const;

const alerts = madeAlerts({
  BurnFast: { burns: "2%", in: "1h", "at-least": 20, severity: "critical", says: "Fast" },
  BurnSlow: { burns: "10%", in: "3d", for: "5m", slo: "quick", severity: "warning" },
  QueueDeep: { when: "queue.depth > 10", severity: "warning" },
});

describe("service levels as OpenSLO", () => {
  const written = writeOpenSlo({ name: "made", about: "", slo }, alerts);

  it("come back as they were, with their burn-rate alerts", () => {
    const read = readOpenSlo(written.documents, "made.yaml");
    expect(read.slos).toEqual(slo);
    expect(read.notes).toEqual([]);
    const fast = { name: "BurnFast", burns: 0.02, withinMs: hourMs, forMs: 0, severity: "critical", says: "Fast" };
    expect(read.alerts).toEqual([
      { ...fast, slo: "availability" },
      { ...fast, slo: "quick" },
      {
        name: "BurnSlow",
        slo: "quick",
        burns: 0.1,
        withinMs: 3 * dayMs,
        forMs: 300_000,
        severity: "warning",
        says: "",
      },
    ]);
  });

  it("are documents of every kind that there is, of one version", () => {
    const kinds = written.documents.map((document) => ("kind" in document ? document.kind : ""));
    expect(new Set(kinds)).toEqual(new Set(["DataSource", "Service", "SLI", "SLO", "AlertPolicy", "AlertCondition"]));
    for (const document of written.documents) expect(document).toMatchObject({ apiVersion: "openslo/v1" });
  });

  it("say what they cannot", () => {
    expect(written.lost).toEqual([
      "BurnFast: its short window; OpenSLO has one window for each condition",
      "BurnFast: at-least 20",
      "BurnSlow: its short window; OpenSLO has one window for each condition",
      "QueueDeep: OpenSLO alerts on burn rates only",
    ]);
  });
});

describe("OpenSLO of somebody else", () => {
  const head = (kind: string, name: string) => ({ apiVersion: "openslo/v1", kind, metadata: { name } });
  const query = { metricSource: { type: "Datadog", spec: { query: "sum:hits" } } };
  const ratio = { metadata: { name: "hits" }, spec: { ratioMetric: { counter: true, good: query, total: query } } };
  const sloOf = (spec: object) => ({ ...head("SLO", "foo"), spec: { service: "foo", ...spec } });

  it("is taken as answered requests where its queries cannot be read, and that is told", () => {
    const objectives = [{ targetPercent: 99.5 }, { target: 0.9 }];
    const inline = sloOf({
      indicator: ratio,
      objectives,
      budgetingMethod: "Timeslices",
      timeWindow: [{ duration: "1M" }],
    });
    const read = readOpenSlo([inline], "foo.yaml");
    expect(read.slos).toEqual([{ name: "foo", target: 0.995, periodMs: undefined, good: { kind: "answered" } }]);
    expect(read.notes).toEqual([
      "SLO foo: only the first of 2 objectives is taken",
      "SLO foo: budgeting by Timeslices is taken as Occurrences: every request counts once",
      "SLO foo: its window 1M is taken as 30d",
      "SLO foo: its queries are not read; good is taken to be an answered request",
    ]);
  });

  it("is left out, by name, where it says nothing of single requests or names an indicator that is not there", () => {
    const threshold = { metadata: { name: "cpu" }, spec: { thresholdMetric: query } };
    const objectives = [{ target: 0.9 }];
    expect(readOpenSlo([sloOf({ indicator: threshold, objectives })], "foo.yaml")).toMatchObject({
      slos: [],
      notes: ["SLO foo is left out: a threshold metric says nothing of single requests"],
    });
    expect(readOpenSlo([sloOf({ indicatorRef: "gone", objectives })], "foo.yaml").notes).toEqual([
      "SLO foo is left out: its indicator gone is not in the file",
    ]);
  });

  it("is refused with all that is wrong when it is not OpenSLO v1", () => {
    const wrong = [{ ...head("SLO", "foo"), apiVersion: "openslo/v1alpha", spec: {} }, { kind: "Deployment" }];
    const told = ((): unknown => {
      try {
        return readOpenSlo(wrong, "foo.yaml");
      } catch (cause) {
        return cause;
      }
    })();
    expect(told).toBeInstanceOf(SquallError);
    const problems = told instanceof SquallError ? told.problems.map(({ path, message }) => `${path} ${message}`) : [];
    expect(problems.join("\n")).toContain("document 1 (SLO) is of openslo/v1alpha; needed is openslo/v1");
    expect(problems.join("\n")).toContain("document 2 is of kind Deployment");
  });
});
