import { describe, expect, it } from "vitest";
import { describeBreak, keepsTenUsers, whatBroke } from "../../analyzers/break-point.ts";
import { assess, type Plan } from "../../analyzers/plan.ts";
import type { RunSummary } from "../../analyzers/run-summary.ts";

const objectives: Plan["objectives"] = [
  { metric: "errors", comparison: "<", limit: 0.01, text: "< 1%", line: 1, unit: "share" },
  { metric: "ttft.p95", comparison: "<", limit: 2_000, text: "< 2s", line: 2, unit: "ms" },
  { metric: "cost.per-hour", comparison: "<", limit: 50e9, text: "< $50", line: 3, unit: "money" },
];

function summary(errors: number, ttftMs: number, cost: number, facts: Partial<RunSummary> = {}): RunSummary {
  return {
    seed: 1,
    requests: 9,
    durationMs: 9,
    figures: { errors, "ttft.p95": ttftMs, "cost.per-hour": cost * 1e9, "cost.replicas.per-hour": 1e9 },
    scarcities: [],
    hasLimitCycle: false,
    ...facts,
  };
}

describe("what broke", () => {
  it("is the objective that is missed by most, and what there was least of", () => {
    const scarcities = [
      { kind: "replicas", share: 0.2, words: "few replicas" },
      { kind: "provider-quota", share: 0.05, words: "refused" },
    ] as const;
    expect(whatBroke([summary(0.02, 9_000, 10, { scarcities })], objectives)).toEqual({
      objective: "ttft.p95",
      cause: { kind: "replicas", words: "few replicas" },
    });
  });

  it("is money, whatever was scarce, when the cost is what is missed", () => {
    const scarcities = [{ kind: "replicas", share: 0.2, words: "few replicas" }] as const;
    expect(whatBroke([summary(0, 100, 80, { scarcities })], objectives).cause?.kind).toBe("money");
  });

  it("is the provider's own time when nobody refused and no replica was missing", () => {
    expect(whatBroke([summary(0, 2_500, 10)], objectives).cause?.kind).toBe("time");
  });

  it("is the policy itself when only a limit cycle was found", () => {
    expect(whatBroke([summary(0, 100, 10, { hasLimitCycle: true })], objectives).cause?.kind).toBe("limit-cycle");
  });
});

describe("a break point in words", () => {
  const point = {
    heldAt: 2.3784,
    missedAt: 2.4612,
    users: null,
    isConfirmed: true,
    objective: "errors",
    cause: null,
    simulations: 9,
  };
  it.each([
    [point, "holds up to 2.38 times the load; at 2.46 times the load errors"],
    [
      { ...point, isConfirmed: false },
      "holds up to 2.38 times the load; at 2.46 times the load errors (other seeds do not agree)",
    ],
    [{ ...point, missedAt: null }, "still holds at 2.38 times the load, the most that was tried"],
    [{ ...point, heldAt: null }, "does not hold even at 2.46 times the load; errors"],
    [{ ...point, users: { heldAt: 12, missedAt: 13 } }, "holds up to 12 users; at 13 users errors"],
  ])("says where it holds and where not", (each, words) => expect(describeBreak(each)).toBe(words));

  it("says whether ten users are served, where the load is made of users", () => {
    expect(keepsTenUsers({ breakPoint: { ...point, users: { heldAt: 10, missedAt: 11 } } })).toBe(true);
    expect(keepsTenUsers({ breakPoint: { ...point, users: { heldAt: 9, missedAt: 10 } } })).toBe(false);
    expect(keepsTenUsers({ breakPoint: point })).toBeUndefined();
  });
});

describe("candidates beside each other", () => {
  const candidate = (position: number, runs: readonly RunSummary[]) => ({
    position,
    name: `c${position}`,
    scaling: null,
    settings: [],
    runs,
    breakPoint: null,
  });

  it("are ranked: those that hold by cost, then the unsure, then the others by how near they come", () => {
    const { ranking, frontier } = assess({
      objectives,
      candidates: [
        candidate(0, [summary(0, 9_000, 5)]),
        candidate(1, [summary(0, 500, 30)]),
        candidate(2, [summary(0, 1_900, 20)]),
        candidate(3, [summary(0, 3_000, 5)]),
        candidate(4, [summary(0, 1_500, 20), summary(0, 2_400, 20)]),
      ],
    });
    expect(ranking.map(({ position, judgement }) => `${position} ${judgement}`)).toEqual([
      "2 pass",
      "1 pass",
      "4 inconclusive",
      "3 fail",
      "0 fail",
    ]);
    expect(frontier).toEqual([3, 2, 1]);
  });

  it("are paired by replication: luck that both had does not widen what one costs more", () => {
    const [, second] = assess({
      objectives,
      candidates: [
        candidate(0, [summary(0, 100, 10), summary(0, 100, 30)]),
        candidate(1, [summary(0, 100, 12), summary(0, 100, 32)]),
      ],
    }).ranking;
    expect(second?.costAboveBest).toEqual({ mean: 2e9, interval: [2e9, 2e9], replications: 2 });
  });

  it("have the room of their worst objective, at the worse end of its interval", () => {
    const [only] = assess({ objectives, candidates: [candidate(0, [summary(0.005, 500, 40)])] }).ranking;
    expect(only?.margin).toBeCloseTo(0.2, 12);
    expect(only?.costPerHour?.mean).toBe(41e9);
  });

  it("are not sure when a figure could not be measured", () => {
    const run = summary(0, 100, 10);
    const blind = { ...run, figures: { ...run.figures, "ttft.p95": null } };
    expect(assess({ objectives, candidates: [candidate(0, [blind])] }).ranking[0]).toMatchObject({
      judgement: "inconclusive",
      margin: -1,
    });
  });
});
