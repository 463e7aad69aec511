import { describe, expect, it } from "vitest";
import { type Flapping, flappingFindings, flappingOf, reversalWindowMs } from "../../analyzers/flapping.ts";
import type { Run } from "../../core/run.ts";
import { minuteMs } from "../../core/time.ts";
import { fleetRun, loadOf, madeScaling, wishes } from "./made-fleet.ts";
import { madeRun } from "./made-run.ts";

/** A quarter of an hour at four busy replicas. */
const steady = loadOf(...Array.from({ length: 30 }, () => 4));

function flapping(run: Run): Flapping {
  const found = flappingOf(run);
  if (found === undefined) throw new Error("the run has replicas");
  return found;
}

describe("the window of a reversal", () => {
  it.each([
    { why: "the scale-down delay and the question after it", startupMin: 1, delayMin: 5, syncMin: 1, windowMin: 6 },
    { why: "twice the start-up, where that is longer", startupMin: 4, delayMin: 5, syncMin: 1, windowMin: 8 },
  ])("is $why", ({ startupMin, delayMin, syncMin, windowMin }) => {
    const scaling = { scaleDownDelayMs: delayMin * minuteMs, syncMs: syncMin * minuteMs };
    expect(reversalWindowMs({ startupMs: startupMin * minuteMs }, scaling)).toBe(windowMin * minuteMs);
  });

  it("is twice the start-up where nobody scales", () => {
    expect(reversalWindowMs({ startupMs: 1_000 }, undefined)).toBe(2_000);
  });
});

describe("reversals", () => {
  it.each([
    {
      why: "up, and down five minutes later",
      steps: [
        [0, 6],
        [10, 9],
        [15, 6],
      ],
      reversals: 1,
    },
    {
      why: "down, and up again",
      steps: [
        [0, 6],
        [10, 5],
        [12, 6],
      ],
      reversals: 1,
    },
    {
      why: "up, down and up: two",
      steps: [
        [0, 6],
        [10, 7],
        [12, 6],
        [14, 7],
      ],
      reversals: 2,
    },
    {
      why: "up twice: none",
      steps: [
        [0, 6],
        [10, 7],
        [12, 9],
      ],
      reversals: 0,
    },
    {
      why: "up, and down when the window is over: none",
      steps: [
        [0, 6],
        [10, 9],
        [15.1, 6],
      ],
      reversals: 0,
    },
  ] as const)("are counted: $why", ({ steps, reversals }) => {
    expect(flapping(fleetRun(wishes(...steps), steady)).reversals).toHaveLength(reversals);
  });

  it("leave out what happened before the load began", () => {
    const run = fleetRun(wishes([0, 6], [10, 9], [14, 6]), steady);
    const load = { name: "load", startMs: 12 * minuteMs, endMs: 30 * minuteMs } as const;
    const later = { ...run, manifest: { ...run.manifest, phases: [load] } };
    expect(flapping(later)).toMatchObject({ changes: [{ from: 9, to: 6 }], reversals: [] });
  });

  it("are justified when the load went the way of the second change, and not when it stayed", () => {
    const peak = loadOf(...Array.from({ length: 30 }, (_, minute) => (minute >= 8 && minute < 12 ? 8 : 4)));
    const steps = wishes([0, 6], [10, 9], [14, 6]);
    expect(flapping(fleetRun(steps, peak)).reversals).toMatchObject([{ isJustified: true, undone: 3 }]);
    expect(flapping(fleetRun(steps, steady)).reversals).toMatchObject([{ isJustified: false }]);
  });

  /** Ten seconds each. */
  const burst = [1, 1, 8, 8, 8, 8, 1, 1, 1, 1, 1, 1].map((rate, index) => ({
    startMs: index * 10_000,
    widthMs: 10_000,
    arrived: 10 * rate,
    replicas: 0.3 * rate,
  }));

  it("are justified by a load that fell within the minute between two changes", () => {
    const run = fleetRun(wishes([0, 1], [0.75, 3], [1.5, 2]), burst);
    expect(flapping(run).reversals).toMatchObject([{ isJustified: true, isLimitCycle: false }]);
  });

  it("are justified by requests alone where nobody knows what one takes, and then no share of time is told", () => {
    const counted = burst.map(({ replicas: _unknown, ...bin }) => bin);
    const run = fleetRun(wishes([0, 1], [0.75, 3], [1.5, 2]), counted);
    expect(flapping(run)).toMatchObject({ underShare: undefined, overShare: undefined });
    expect(flapping(run).reversals).toMatchObject([{ isJustified: true, isLimitCycle: false }]);
    expect(flappingFindings(run).map(({ id }) => id)).not.toContain("scaling.over");
  });

  it("are not justified by a load that went the other way", () => {
    const growing = loadOf(...Array.from({ length: 30 }, (_, minute) => (minute < 12 ? 4 : 6)));
    expect(flapping(fleetRun(wishes([0, 6], [10, 9], [14, 6]), growing)).reversals).toMatchObject([
      { isJustified: false, isLimitCycle: false },
    ]);
  });

  it("are not justified by a change that chance explains", () => {
    // Some 100 requests in the minute: three standard errors are 30 %.
    const few = steady.map((bin) => ({ ...bin, arrived: 100, replicas: bin.startMs < 12 * minuteMs ? 4 : 3.2 }));
    expect(flapping(fleetRun(wishes([0, 6], [10, 9], [14, 6]), few)).reversals).toMatchObject([{ isJustified: false }]);
  });

  it("waste what was started for nothing while it was there, or the start of what has to start again", () => {
    const up = flapping(fleetRun(wishes([0, 6], [10, 9], [14, 7]), steady));
    expect(up).toMatchObject({ amplitude: 2, wastedMs: 2 * 4 * minuteMs });
    expect(up.wastedCost).toBe((6_000_000_000 * 8) / 60);
    const down = flapping(fleetRun(wishes([0, 6], [10, 4], [12, 6]), steady));
    expect(down.wastedMs).toBe(2 * 0.5 * minuteMs);
  });

  it("are told by the hour", () => {
    expect(flapping(fleetRun(wishes([0, 6], [10, 9], [14, 6]), steady)).reversalsPerHour).toBe(2);
  });
});

describe("a limit cycle", () => {
  const swinging = wishes([0, 6], [10, 7], [12, 6], [14, 7]);

  it("is a reversal under constant load after the fleet had time to settle, and fails", () => {
    const findings = flappingFindings(fleetRun(swinging, steady));
    expect(findings[0]).toMatchObject({
      id: "scaling.limit-cycle",
      judgement: "fail",
      measured: 2,
      detail: "6 -> 7, and 2 m later 7 -> 6, while the load stayed the same",
    });
  });

  it.each([
    {
      why: "the load has just changed",
      demand: steady.map((bin, minute) => ({ ...bin, replicas: minute < 9 ? 2 : 4 })),
    },
    { why: "the fleet has not settled yet", demand: steady, steps: wishes([0, 6], [4, 7], [6, 6]) },
  ])("is none where $why", ({ demand, steps }) => {
    const findings = flappingFindings(fleetRun(steps ?? swinging, demand));
    expect(findings.filter((finding) => finding.judgement !== undefined)).toEqual([]);
    expect(findings.find(({ id }) => id === "scaling.reversals")?.measured).toBeGreaterThan(0);
  });
});

describe("provisioning", () => {
  it("is the share of time with fewer replicas than are busy, and with one that is not needed", () => {
    const demand = loadOf(5, 5, 1, 1, 1, 2.8, 2.8, 2.8, 2.8, 2.8);
    const found = flapping(fleetRun(wishes([0, 4], [5, 6]), demand));
    // Minutes 0 and 1 need 5 of 4. In minutes 2 to 4 one busy replica is less than half of three; 2.8 of 5 are more.
    expect(found).toMatchObject({ underShare: 0.2, overShare: 0.3, readyMax: 6, readyMin: 4, readyMean: 5 });
  });

  it("does not blame a fleet for the fewest replicas that its config allows", () => {
    const idle = loadOf(0, 0);
    expect(flapping(fleetRun(wishes([0, 2]), idle)).overShare).toBe(0);
    expect(flapping(fleetRun(wishes([0, 2]), idle, { ...madeScaling, minReplicas: 1 })).overShare).toBe(1);
  });
});

describe("findings on scaling", () => {
  it("say nothing of a run whose replicas nobody counted", () => {
    expect(flappingFindings(madeRun([]))).toEqual([]);
  });

  it("speak of replicas, and not of reversals, where nobody scales", () => {
    const { manifest, ...rest } = fleetRun(wishes([0, 4]), steady);
    const { scaling: _scaling, ...alone } = manifest;
    const ids = flappingFindings({ ...rest, manifest: alone }).map(({ id }) => id);
    expect(ids).toEqual(["scaling.replicas.max", "scaling.under", "scaling.over"]);
  });
});
