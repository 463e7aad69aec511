import { describe, expect, it } from "vitest";
import { type Play, playRounds } from "../../cli/gate-runs.ts";
import type { Run, RunManifest } from "../../core/run.ts";
import { madeRun } from "../analyzers/made-run.ts";

/** A run whose load generator was late in the given way, or not at all. */
function runWith(overload: string, status: RunManifest["status"] = "complete"): Run {
  const run = madeRun([]);
  const generator = { latenessP50Ms: 0, latenessP99Ms: 0, latenessMaxMs: 0, loopUtilization: 0, overload };
  return { ...run, manifest: { ...run.manifest, kind: "live", status, generator } };
}

const late = "sent too late";

/** Plays what is listed for each side, in order, and notes whose turn it was. */
function sidesOf(...lists: readonly (readonly Run[])[]): { readonly sides: readonly Play[]; readonly turns: number[] } {
  const turns: number[] = [];
  const left = lists.map((list) => [...list]);
  const sides = left.map((list, side) => async (): Promise<Run> => {
    turns.push(side);
    return list.shift() ?? runWith("");
  });
  return { sides, turns };
}

describe("the rounds of a gate", () => {
  it("play every side in turn, forwards and backwards, so that a machine that grows slower slows all alike", async () => {
    const { sides, turns } = sidesOf([], [], []);
    const runs = await playRounds(sides, 3);
    expect(turns).toEqual([0, 1, 2, 2, 1, 0, 0, 1, 2]);
    expect(runs.map(({ length }) => length)).toEqual([3, 3, 3]);
  });

  it("play a run again in which the load generator was late, and keep the one that can be believed", async () => {
    const told: unknown[] = [];
    const { sides, turns } = sidesOf([runWith(late), runWith(late)], []);
    const [first = []] = await playRounds(sides, 2, (...what) => told.push(what));
    expect(turns).toEqual([0, 0, 0, 1, 1, 0]);
    expect(first.map(({ manifest }) => manifest.generator?.overload)).toEqual(["", ""]);
    expect(told).toEqual([
      [0, 0, `the load generator was the bottleneck: ${late}`],
      [0, 0, `the load generator was the bottleneck: ${late}`],
    ]);
  });

  it("keep a late run once as many were played again as were asked for: a version that wears the machine out is not let off", async () => {
    const { sides, turns } = sidesOf(Array.from({ length: 9 }, () => runWith(late)));
    const [runs = []] = await playRounds(sides, 2);
    expect(turns.length).toBe(4);
    expect(runs.map(({ manifest }) => manifest.generator?.overload)).toEqual([late, late]);
  });

  it("end with a run that was not completed, and never play that again", async () => {
    const { sides, turns } = sidesOf([runWith("")], [runWith(late, "interrupted")]);
    const runs = await playRounds(sides, 5);
    expect(turns).toEqual([0, 1]);
    expect(runs.map(({ length }) => length)).toEqual([1, 1]);
  });
});
