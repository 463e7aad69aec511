import { describe, expect, it } from "vitest";
import { type MachineReadings, machineUse, parseStat } from "../../../cli/machine-use.ts";

const before: MachineReadings = { processors: 2, busy: 100, idle: 300, family: 40, gateway: 7 };

describe("machineUse", () => {
  it.each([
    // 20 s of two processors passed: 15 busy, of which 9 were the run's, and 8 of those the gateway's.
    {
      why: "tells the run's programs from others",
      after: { processors: 2, busy: 115, idle: 305, family: 49, gateway: 15 },
      expected: { processors: 2, busy: 0.75, others: 0.3, gateway: 0.8 },
    },
    {
      why: "does not blame others where nobody can tell",
      after: { processors: 2, busy: 110, idle: 310, family: undefined, gateway: undefined },
      expected: { processors: 2, busy: 0.5 },
    },
    {
      why: "takes counters that are read at slightly different instants for what they are",
      after: { processors: 2, busy: 105, idle: 315, family: 46, gateway: 7 },
      expected: { processors: 2, busy: 0.25, others: 0, gateway: 0 },
    },
  ])("$why", ({ after, expected }) => {
    expect(machineUse(before, after)).toEqual(expected);
  });
});

describe("parseStat", () => {
  it("adds up a process's own time and that of its ended children, whatever its name is", () => {
    const stat = "42 (node) R (x) S 7 42 42 0 -1 4194560 9 0 0 0 150 50 30 20 20 0 11 0 100 1 2";
    expect(parseStat(stat)).toEqual({ pid: 42, parent: 7, cpuSeconds: 2.5 });
  });

  it("leaves out a process that has gone", () => {
    expect(parseStat("")).toBeUndefined();
  });
});
