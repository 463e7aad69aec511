import { describe, expect, it } from "vitest";
import { alertEpisodes, alertFindings } from "../../../analyzers/alerts/alert-findings.ts";
import { withAlertEvents } from "../../../analyzers/alerts/run-alerts.ts";
import { minuteMs } from "../../../core/time.ts";
import { madeRecord, madeRun, madeScenario, objective, refused } from "../made-run.ts";
import { madeAlerts } from "./made-alerts.ts";

const scenario = { ...madeScenario([objective("errors", "<", 0.05)]), alerts: "./alerts.yaml" };
const alerts = madeAlerts({ ErrorRateHigh: { when: "errors > 50%", over: "1m", severity: "critical" } });

/** One request a second for five minutes; those of the third minute fail. */
function outage() {
  const records = Array.from({ length: 300 }, (_, second) => {
    const endMs = second * 1_000 + 500;
    const isBad = second >= 120 && second < 180;
    return isBad ? refused(`r${second}`, { endMs }) : madeRecord({ key: `r${second}`, endMs });
  });
  const phases = [{ name: "load", startMs: 0, endMs: 300_000 }] as const;
  return madeRun(records, { durationMs: 5 * minuteMs, phases });
}

describe("the alerts of a run", () => {
  it("are events of the run, in order of time", () => {
    const run = withAlertEvents(outage(), scenario, alerts);
    expect(run.events.map(({ kind, subject }) => `${kind} ${subject}`)).toEqual([
      "alert-fires ErrorRateHigh",
      "alert-ends ErrorRateHigh",
    ]);
    const [fires, ends] = run.events.map(({ atMs }) => atMs);
    expect(fires).toBeGreaterThan(140_000);
    expect(fires).toBeLessThan(170_000);
    expect(ends).toBeGreaterThan(200_000);
  });

  it("are told with how long after the first bad minute they fire", () => {
    const run = withAlertEvents(outage(), scenario, alerts);
    const [finding] = alertFindings(run, scenario);
    expect(finding).toMatchObject({ id: "alerts.ErrorRateHigh", unit: "ms", samples: 1 });
    expect(finding?.detail).toMatch(/^for \d.*; \d\d s after the first bad minute began$/);
  });

  it("are told by their silence where users were served badly and nobody said so", () => {
    expect(alertFindings(outage(), scenario)).toMatchObject([
      { id: "alerts.none", measured: 0, detail: "though users were served badly from 2 m into the load on" },
    ]);
  });

  it("are not told of where the scenario watches none", () => {
    expect(alertFindings(outage(), madeScenario())).toEqual([]);
  });

  it("leave out burn rates whose short window is longer than the run", () => {
    const slo = [{ name: "a", target: 0.9, periodMs: 30 * 86_400_000, good: { kind: "answered" } }] as const;
    const burns = madeAlerts({
      Fast: { burns: "0.1%", in: "1h", severity: "critical" },
      Slow: { burns: "0.1%", in: "6h", severity: "critical" },
    });
    const run = withAlertEvents(outage(), { ...scenario, slo }, burns);
    expect(new Set(run.events.map(({ subject }) => subject))).toEqual(new Set(["Fast"]));
  });

  it("are one episode where several sets of labels fire at once", () => {
    const event = (atMs: number, kind: string) => ({ atMs, kind, subject: "A", text: "" });
    const events = [
      event(1, "alert-fires"),
      event(2, "alert-fires"),
      event(3, "alert-ends"),
      event(5, "alert-ends"),
      event(9, "alert-fires"),
    ];
    expect(alertEpisodes({ events })).toEqual([
      { alert: "A", fromMs: 1, untilMs: 5 },
      { alert: "A", fromMs: 9, untilMs: undefined },
    ]);
  });
});
