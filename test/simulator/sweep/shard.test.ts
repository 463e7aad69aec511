import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isInShard, parseShard } from "../../../simulator/sweep/shard.ts";

describe("shards", () => {
  it("together play every candidate exactly once", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 0, max: 200 }), (count, position) => {
        const players = Array.from({ length: count }, (_, index) => ({ index: index + 1, count })).filter((shard) =>
          isInShard(position, shard),
        );
        expect(players).toHaveLength(1);
      }),
      { seed: 1 },
    );
  });

  it("are read from i/n, or from the index that Kubernetes gives a pod, which counts from 0", () => {
    expect(parseShard("3/8", undefined)).toEqual({ index: 3, count: 8 });
    expect(parseShard("job/8", "0")).toEqual({ index: 1, count: 8 });
    expect(parseShard("job/8", "7")).toEqual({ index: 8, count: 8 });
  });

  it.each(["0/8", "9/8", "3", "3/0", "a/b", "-1/8", "1/99999"])("are not read from %s", (text) => {
    expect(() => parseShard(text, undefined)).toThrow("there is no shard");
  });

  it.each([undefined, "", "x"])("are not read from a pod whose index is %j", (index) => {
    expect(() => parseShard("job/8", index)).toThrow("JOB_COMPLETION_INDEX");
  });
});
