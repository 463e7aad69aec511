import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createSliWindow } from "../../../analyzers/slo/sli-window.ts";
import { madeRecord, objective, refused } from "../made-run.ts";

describe("a window of service levels", () => {
  const window = createSliWindow({
    objectives: [objective("e2e.p95", "<", 800)],
    tokenLimits: new Map([["openai", 600]]),
  });
  const cost = { cost: 10, upstreamCalls: 2, tenant: "a" };
  for (const [endMs, sentMs] of [
    [1_000, 500],
    [61_000, 60_000],
    [90_000, 89_500],
  ] as const) {
    window.add(madeRecord({ key: String(endMs), intendedMs: sentMs, firstTokenMs: sentMs + 100, endMs, ...cost }));
  }
  window.add(refused("late", { endMs: 80_000, tenant: "b", cost: 4 }));
  const at = (metric: string, scope?: Parameters<typeof window.measure>[2]) =>
    window.measure(metric, 60_000, scope, 100_000);

  it.each([
    { metric: "errors", expected: 1 / 3 },
    { metric: "rate-limited", expected: 1 / 3 },
    { metric: "goodput", expected: 1 / 3 },
    { metric: "ttft.p95", expected: 100 },
    { metric: "e2e.mean", expected: 750 },
    { metric: "cost.per-request", expected: 8 },
    { metric: "cost.per-hour", expected: 1_440 },
    { metric: "requests.per-second", expected: 0.05 },
    { metric: "calls.per-request", expected: 5 / 3 },
    { metric: "tokens.per-request", expected: 170 / 3 },
    { metric: "tokens.of-limit", expected: 170 / 600 },
  ])("measures $metric of what ended within it", ({ metric, expected }) => {
    expect(at(metric)).toBeCloseTo(expected, 9);
  });

  it("measures a part of the traffic", () => {
    expect(at("errors", { kind: "tenant", name: "a" })).toBe(0);
    expect(at("cost.total", { kind: "tenant", name: "a" })).toBe(30);
    expect(at("errors", { kind: "tenant", name: "nobody" })).toBeUndefined();
  });

  it("counts cost.total since the beginning, however short the window", () => {
    expect(at("cost.total")).toBe(34);
  });

  it("knows nothing of what requests do not tell", () => {
    expect(at("queue.depth")).toBeUndefined();
  });

  it("measures the same in whatever order records come, and keeps no more than it may", () => {
    fc.assert(
      fc.property(
        fc
          .array(fc.nat(100_000), { minLength: 1, maxLength: 60 })
          .chain((ends) => fc.tuple(fc.constant(ends), fc.shuffledSubarray(ends, { minLength: ends.length }))),
        ([ends, shuffled]) => {
          const share = (order: readonly number[]) => {
            const each = createSliWindow({ longestMs: 100_001 });
            for (const endMs of order) each.add(madeRecord({ endMs, outcome: endMs % 2 === 0 ? "ok" : "timeout" }));
            return each.measure("errors", 50_000, undefined, 100_000);
          };
          expect(share(shuffled)).toBe(share(ends));
        },
      ),
      { seed: 7, numRuns: 50 },
    );
    const small = createSliWindow({ recordsMax: 10 });
    for (let endMs = 1; endMs <= 100; endMs++) small.add(madeRecord({ endMs }));
    expect(small.measure("requests.per-second", 1_000, undefined, 1_000)).toBe(10);
  });
});
