import { describe, expect, it } from "vitest";
import { estimate, findingsOverReplications, relativeHalfWidth, studentT } from "../../analyzers/replications.ts";
import { randomStream } from "../../core/random.ts";

describe("an estimate over replications", () => {
  it("is the textbook interval: mean 10, s 2, n 4 gives 10 +- 3.182 * 2 / sqrt(4)", () => {
    // 7.551.., 9.183.., ... a sample with mean 10 and standard deviation 2, by hand: 10 +- sqrt(3), 10 +- sqrt(3).
    const found = estimate([10 - Math.sqrt(3), 10 + Math.sqrt(3), 10 - Math.sqrt(3), 10 + Math.sqrt(3)]);
    expect(found?.mean).toBeCloseTo(10, 12);
    expect(found?.interval[0]).toBeCloseTo(10 - 3.182, 9);
    expect(found?.interval[1]).toBeCloseTo(10 + 3.182, 9);
  });

  it("claims nothing from one replication, and nothing at all from none", () => {
    expect(estimate([4])).toEqual({ mean: 4, interval: [4, 4], replications: 1 });
    expect(estimate([])).toBeUndefined();
  });

  it("never reaches below zero for what is never negative, and does for what is", () => {
    expect(estimate([0, 0, 0.01])?.interval[0]).toBe(0);
    expect(estimate([-1, 0, 1])?.interval[0]).toBeLessThan(-1);
  });

  it("holds the true mean in 95 of 100 cases (400 samples of 5, seeded)", () => {
    const random = randomStream(3);
    let held = 0;
    for (let sample = 0; sample < 400; sample++) {
      const found = estimate(Array.from({ length: 5 }, () => 50 + random.normal()));
      if (found !== undefined && found.interval[0] <= 50 && 50 <= found.interval[1]) held++;
    }
    expect(held / 400).toBeGreaterThan(0.92);
    expect(held / 400).toBeLessThan(0.98);
  });

  it.each([
    [1, 12.706],
    [4, 2.776],
    [30, 2.042],
    [45, 2.021],
    [5_000, 1.984],
  ])("uses Student's t with %d degrees of freedom: %d", (degrees, t) => expect(studentT(degrees)).toBe(t));

  it("measures its width against its mean", () => {
    expect(relativeHalfWidth({ mean: 10, interval: [9, 11], replications: 5 })).toBeCloseTo(0.1, 12);
    expect(relativeHalfWidth({ mean: 0, interval: [0, 0], replications: 5 })).toBe(0);
  });
});

describe("findings over replications", () => {
  const objective = { metric: "errors", comparison: "<", limit: 0.02, text: "< 2%", line: 9 } as const;
  const found = (measured: number) => [
    {
      analyzer: "objectives",
      id: "errors",
      title: "Failed",
      judgement: "pass",
      measured,
      unit: "share",
      detail: "1 of 9",
    } as const,
    { analyzer: "generator", id: "words", title: "Only words" } as const,
  ];

  it("become means with intervals, and are judged by those", () => {
    const [errors, words] = findingsOverReplications([found(0.01), found(0.02), found(0.03)], {
      objectives: [objective],
    });
    expect(errors).toMatchObject({ measured: 0.02, judgement: "inconclusive", detail: "mean of 3 replications" });
    expect(errors?.interval?.[1]).toBeCloseTo(0.02 + (4.303 * 0.01) / Math.sqrt(3), 9);
    expect(words).toEqual({ analyzer: "generator", id: "words", title: "Only words" });
  });

  it("keep a failure that only one replication had", () => {
    const cycle = {
      analyzer: "scaling",
      id: "scaling.limit-cycle",
      title: "Swings",
      judgement: "fail",
      measured: 2,
    } as const;
    const all = findingsOverReplications([found(0.01), [...found(0.01), cycle]], { objectives: [objective] });
    expect(all.find(({ id }) => id === "scaling.limit-cycle")).toMatchObject({
      judgement: "fail",
      detail: "mean of the 1 replications that have it, of 2",
    });
  });

  it("of one replication are those findings", () => {
    const only = found(0.01);
    expect(findingsOverReplications([only], { objectives: [objective] })).toBe(only);
  });
});
