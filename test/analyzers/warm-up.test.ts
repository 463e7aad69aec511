import { describe, expect, it } from "vitest";
import { settledAfter } from "../../analyzers/warm-up.ts";
import { randomStream } from "../../core/random.ts";

describe("the time until a series has settled (MSER-5)", () => {
  const noise = (count: number, level: number): number[] => {
    const random = randomStream(11).split(`${count} ${level}`);
    return Array.from({ length: count }, () => level + random.normal());
  };

  it("is the end of a start-up that is plain to see", () => {
    const after = settledAfter([...noise(100, 30), ...noise(900, 10)]);
    expect(after).toBeGreaterThanOrEqual(100);
    expect(after).toBeLessThanOrEqual(140);
  });

  it("is close to the beginning for a series that is steady from the start", () => {
    expect(settledAfter(noise(1_000, 10))).toBeLessThan(300);
  });

  it("is unknown for one that keeps growing, and for one that is too short", () => {
    expect(settledAfter(Array.from({ length: 1_000 }, (_, index) => index * index))).toBeUndefined();
    expect(settledAfter(noise(99, 10))).toBeUndefined();
  });
});
