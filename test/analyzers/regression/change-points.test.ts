import { describe, expect, it } from "vitest";
import { changePoints } from "../../../analyzers/regression/change-points.ts";
import { randomStream } from "../../../core/random.ts";

/** Levels, each held for so many runs, with noise of a hundredth of 100. */
function series(seed: number, ...levels: readonly (readonly [level: number, runs: number])[]): number[] {
  const random = randomStream(seed);
  return levels.flatMap(([level, runs]) => Array.from({ length: runs }, () => level + random.normal()));
}

describe("change points over a history of runs", () => {
  it("are found where the level moved, with the level before and after", () => {
    const [point, ...others] = changePoints(series(1, [100, 12], [110, 10]), randomStream(2));
    expect(others).toEqual([]);
    expect(point?.index).toBe(12);
    expect(Math.abs((point?.before ?? 0) - 100)).toBeLessThan(1);
    expect(Math.abs((point?.after ?? 0) - 110)).toBeLessThan(1);
    expect(point?.p).toBeLessThan(0.05);
  });

  it("are found one after the other, in order", () => {
    const found = changePoints(series(3, [100, 10], [120, 10], [90, 10]), randomStream(2));
    expect(found.map(({ index }) => index)).toEqual([10, 20]);
  });

  it("are rare in a level history: at most four in forty series of thirty runs", () => {
    const alarms = Array.from(
      { length: 40 },
      (_, index) => changePoints(series(100 + index, [100, 30]), randomStream(index)).length > 0,
    );
    expect(alarms.filter(Boolean).length).toBeLessThanOrEqual(4);
  });

  it("are not made of one odd run, nor of fewer than six", () => {
    expect(changePoints([100, 100, 100, 100, 150, 100, 100, 100, 100], randomStream(2))).toEqual([]);
    expect(changePoints([100, 100, 200, 200, 200], randomStream(2))).toEqual([]);
    expect(changePoints([], randomStream(2))).toEqual([]);
  });

  it("are left out where the difference matters to nobody, and the levels beside them grow together", () => {
    const values = series(5, [100, 10], [104, 10], [130, 10]);
    expect(changePoints(values, randomStream(2)).map(({ index }) => index)).toEqual(expect.arrayContaining([10, 20]));
    const found = changePoints(values, randomStream(2), (before, after) => Math.abs(after - before) > 10);
    expect(found.map(({ index }) => index)).toEqual([20]);
    expect(Math.abs((found[0]?.before ?? 0) - 102)).toBeLessThan(1);
  });

  it("are the same every time", () => {
    const values = series(5, [100, 9], [104, 9]);
    expect(changePoints(values, randomStream(2))).toEqual(changePoints(values, randomStream(2)));
  });
});
