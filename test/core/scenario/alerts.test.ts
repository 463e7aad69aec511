/** Service levels and alerts as people write them, and the examples of docs/alerts.md. */
import { readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { SquallError } from "../../../core/errors.ts";
import { parseAlerts } from "../../../core/scenario/alert-schema.ts";
import { dayMs, hourMs, minuteMs } from "../../../core/time.ts";
import { parseWith, problemsOf } from "./written-scenarios.ts";

const root = path.resolve(import.meta.dirname, "../../..");
const guide = readFileSync(path.join(root, "docs/alerts.md"), "utf8");
const examples = [...guide.matchAll(/```yaml\n([\s\S]*?)```/g)].map((match) => match[1] ?? "");
const withSection = (written: string) => parseWith({ "providers:": `${written}\nproviders:` });
const alert = (written: string): string => `alerts: { Made: { severity: critical, ${written} } }`;

/** What a file of alerts is refused for. */
function refusalOf(text: string): string {
  try {
    parseAlerts(text, "made.yaml");
    return "";
  } catch (error) {
    if (!(error instanceof SquallError)) throw error;
    expect([error.code, error.exitCode]).toEqual(["alerts-invalid", 3]);
    return error.problems.map(({ message }) => message).join();
  }
}

describe("service levels", () => {
  it("are requests answered, or answered within a limit, over a month unless they say otherwise", () => {
    const { slo } = withSection(
      "slo: { up: { target: 99.5%, good: answered }, quick: { target: 0.9, good: itl <= 50ms, period: 7d } }",
    );
    expect(slo).toEqual([
      { name: "up", target: 0.995, periodMs: 30 * dayMs, good: { kind: "answered" } },
      { name: "quick", target: 0.9, periodMs: 7 * dayMs, good: { kind: "within", latency: "itl", limitMs: 50 } },
    ]);
  });

  it.each([
    {
      written: "slo: { up: { target: 100%, good: answered } }",
      told: "is all or nothing; allowed is a share above 0 and below 100%",
    },
    {
      written: "slo: { up: { target: 99%, good: fast } }",
      told: 'is "fast"; allowed is answered, or a latency and its limit',
    },
    {
      written: "slo: { Up: { target: 99%, good: answered } }",
      told: "cannot be a name here; allowed are lowercase letters",
    },
    {
      written: "slo: { up: { target: 99%, good: answered } }\nobjectives: { slo.down.burn: < 1 }",
      told: "is about the service level down, which is not under slo; known are up",
    },
  ])("are refused in words: $written", ({ written, told }) => {
    expect(
      problemsOf(() => withSection(written))
        .map(({ message }) => message)
        .join(),
    ).toContain(told);
  });
});

describe("a file of alerts", () => {
  it("is complete once it is read", () => {
    expect(parseAlerts(alert("when: errors > 5%"), "made.yaml")).toEqual({
      scrapeMs: 15_000,
      evaluateMs: 15_000,
      alerts: [
        {
          name: "Made",
          severity: "critical",
          condition: { kind: "limit", signal: "errors", comparison: ">", limit: 0.05, windowMs: 5 * minuteMs },
          forMs: 0,
          keepFiringForMs: 0,
          requestsMin: 0,
          says: "",
          runbook: undefined,
        },
      ],
    });
  });

  it.each([
    { written: "when: e2e.p95 > 5s, over: 1m", condition: { signal: "e2e.p95", limit: 5_000, windowMs: minuteMs } },
    { written: "when: cost.per-hour > $2", condition: { kind: "limit", limit: 2e9 } },
    { written: "when: cost.per-hour > 2x", condition: { kind: "rise", factor: 2, thanMs: hourMs } },
    { written: "when: replicas.ready < 2", condition: { comparison: "<", limit: 2 } },
    { written: "burns: 2%, in: 1h, slo: up", condition: { kind: "burn", share: 0.02, withinMs: hourMs, slo: "up" } },
  ])("reads $written", ({ written, condition }) => {
    expect(parseAlerts(alert(written), "made.yaml").alerts[0]?.condition).toMatchObject(condition);
  });

  it.each([
    { written: "over: 1m", told: "has neither when nor burns" },
    { written: "when: errors > 5%, burns: 2%, in: 1h", told: "has both when and burns" },
    { written: "burns: 2%", told: "has no in; needed is a duration such as 1h" },
    { written: "when: error > 5%", told: 'is about "error", which is no signal (did you mean errors?)' },
    { written: "when: errors > 5s", told: 'has the limit "5s", which errors cannot have' },
    { written: "when: errors > 5%, than: 1h", told: "has than without a limit such as > 2x" },
    { written: "when: errors < 2x", told: "compares with < 2x; a rise is written > 2x" },
    { written: "when: errors", told: 'has when: "errors"; allowed is a signal and a limit' },
  ])("is refused in words: $written", ({ written, told }) => {
    expect(refusalOf(alert(written))).toContain(told);
  });

  it("comes with Squall, with every threshold of its table", () => {
    const { alerts } = parseAlerts(
      readFileSync(path.join(root, "scenarios/alerts/defaults.yaml"), "utf8"),
      "defaults.yaml",
    );
    const names = alerts.map(({ name }) => name);
    for (const name of [
      "ErrorRateHigh",
      "LatencyP95High",
      "TokenLimitNear",
      "CostSpike",
      "QueueDepthHigh",
      "ErrorBudgetBurnFast",
    ]) {
      expect(names).toContain(name);
    }
  });
});

describe("docs/alerts.md", () => {
  it("has examples that can be used as they are", () => {
    expect(examples.length).toBeGreaterThan(2);
    for (const example of examples) {
      if ("alerts" in (parse(example) as object)) expect(() => parseAlerts(example, "alerts.yaml")).not.toThrow();
      else expect(() => withSection(example.trimEnd())).not.toThrow();
    }
  });
});
