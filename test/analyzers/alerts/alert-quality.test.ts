import { describe, expect, it } from "vitest";
import { alertQuality } from "../../../analyzers/alerts/alert-quality.ts";
import { healthyStage, stagedIncidents } from "../../../analyzers/alerts/incidents.ts";
import { type StagedMinutes, watchLong } from "../../../analyzers/alerts/long-watch.ts";
import { limitProposals } from "../../../analyzers/alerts/proposals.ts";
import type { Scrape } from "../../../analyzers/alerts/run-scrapes.ts";
import { dayMs, minuteMs } from "../../../core/time.ts";
import { madeScenario } from "../made-run.ts";
import { madeAlerts, requests } from "./made-alerts.ts";

/** A hundred requests a minute, of which so many fail. */
function scrapes(failedAt: readonly number[]): readonly Scrape[] {
  let [ok, failed] = [0, 0];
  return failedAt.map((now, minute) => {
    failed += now;
    ok += 100 - now;
    return { atMs: minute * minuteMs, samples: requests(ok, failed) };
  });
}

const quiet = Array.from({ length: 20 }, () => 1);
const healthy = { name: healthyStage, scrapes: scrapes(quiet), isBad: () => false };
const outage: StagedMinutes = {
  name: "outage",
  scrapes: scrapes([...quiet, ...quiet.map(() => 80), ...quiet]),
  begins: 20,
  ends: 40,
  isBad: (minute) => minute >= 23 && minute < 40,
};

function watched(alert: object) {
  const alerts = madeAlerts({ ErrorRateHigh: { severity: "critical", over: "2m", ...alert } });
  const lengthMs = 14 * dayMs;
  const options = { healthy, incidents: [outage], alerts, slos: [], lengthMs, everyMs: 2 * dayMs, seed: 3 };
  return alertQuality(watchLong(options), lengthMs);
}

describe("alerts over simulated weeks", () => {
  it("find incidents, with the time that it took and the lead before users noticed", () => {
    const { kinds, falsePages, falseShare } = watched({ when: "errors > 20%" });
    // The first bad minute grows the counter at the scrape that ends it, so it is seen as the incident begins.
    expect(kinds).toMatchObject([
      { name: "outage", missed: 0, detectionMs: 0, leadMs: 3 * minuteMs, firstBy: ["ErrorRateHigh"] },
    ]);
    expect(kinds[0]?.incidents).toBeGreaterThan(2);
    expect([falsePages, falseShare]).toEqual([0, 0]);
  });

  it("miss what they are too dull for", () => {
    const { kinds } = watched({ when: "errors > 90%" });
    expect(kinds).toMatchObject([{ missed: kinds[0]?.incidents, detectionMs: undefined, firstBy: [] }]);
  });

  it("are tried on the nights too, where those differ: an alert that only nights set off wakes somebody every night", () => {
    const alerts = madeAlerts({ ErrorRateHigh: { severity: "critical", over: "2m", when: "errors > 5%" } });
    const day = { healthy, incidents: [outage] };
    const night = { healthy: { ...healthy, scrapes: scrapes(quiet.map(() => 10)) }, incidents: [outage] };
    const isNight = (minute: number): boolean => minute % (24 * 60) < 6 * 60;
    const byTime = { all: [day, night], at: (minute: number) => (isNight(minute) ? night : day) };
    const lengthMs = 14 * dayMs;
    const options = { ...day, byTime, alerts, slos: [], lengthMs, everyMs: 30 * dayMs, seed: 3 };
    const { falsePages } = alertQuality(watchLong(options), lengthMs);
    expect(falsePages).toBeGreaterThanOrEqual(13);
    expect(falsePages).toBeLessThanOrEqual(15);
  });

  it("wake people for nothing where they are too keen, and one that never ends is all of the time", () => {
    const { falsePages, falseShare, falsePagesBy } = watched({ when: "errors > 0.5%" });
    expect(falsePages).toBe(1);
    expect(falseShare).toBeGreaterThan(0.99);
    expect(falsePagesBy).toEqual([{ alert: "ErrorRateHigh", pages: 1 }]);
  });

  it("are the same for the same seed", () => {
    expect(watched({ when: "errors > 20%" })).toEqual(watched({ when: "errors > 20%" }));
  });
});

describe("a proposed limit", () => {
  it.each([
    { why: "stays where it tells healthy hours from incidents", when: "errors > 5%", proposed: undefined },
    { why: "rises above what a healthy hour shows", when: "errors > 0.5%", proposed: 0.013 },
    { why: "falls below what incidents show", when: "errors > 95%", proposed: 0.013 },
    { why: "is none where no incident shows in it", when: "requests.per-second > 1", proposed: undefined },
  ])("$why", ({ when, proposed }) => {
    const alerts = madeAlerts({ Each: { when, over: "2m", severity: "critical" } });
    expect(limitProposals(alerts, [healthy.scrapes], [outage.scrapes])).toMatchObject([{ alert: "Each", proposed }]);
  });
});

describe("staged incidents", () => {
  const segment = { forMs: 60_000, fromPerMs: 0.01, toPerMs: 0.03, process: "poisson" } as const;
  const base = madeScenario();
  const scenario = { ...base, traffic: { ...base.traffic, load: { kind: "open", segments: [segment] } } } as const;

  it("are played at the mean rate of the scenario, for half an hour, the scenario itself as it is", () => {
    const staged = stagedIncidents(scenario);
    expect(staged[0]?.scenario).toBe(scenario);
    expect(staged[1]).toMatchObject({ name: healthyStage });
    const load = staged[1]?.scenario.traffic.load;
    expect(load).toEqual({
      kind: "open",
      segments: [{ ...segment, forMs: 30 * minuteMs, fromPerMs: 0.02, toPerMs: 0.02 }],
    });
  });

  it("are shorter, in proportion, where half an hour would be more requests than anybody waits for", () => {
    const busy = { ...segment, fromPerMs: 1, toPerMs: 1 };
    const staged = stagedIncidents({
      ...scenario,
      traffic: { ...scenario.traffic, load: { kind: "open", segments: [busy] } },
    });
    const [begins, ends] = staged[2]?.between ?? [];
    expect(ends).toBeCloseTo(2 * (begins ?? 0), 6);
    const load = staged[2]?.scenario.traffic.load;
    expect(load?.kind === "open" ? load.segments[0]?.forMs : 0).toBeCloseTo(100_000, 6);
  });
});
