import { describe, expect, it } from "vitest";
import { halvingRounds } from "../../../simulator/sweep/halving.ts";

describe("successive halving", () => {
  it.each([
    [64, 8, ["64x1", "32x2", "16x4", "8x8"]],
    [10, 16, ["10x1", "5x2", "4x16"]],
    [3, 5, ["3x5"]],
    [100, 1, ["100x1"]],
  ])("gives %d candidates up to %d replications in rounds", (candidates, replications, rounds) => {
    expect(halvingRounds(candidates, replications).map((round) => `${round.candidates}x${round.replications}`)).toEqual(
      rounds,
    );
  });
});
