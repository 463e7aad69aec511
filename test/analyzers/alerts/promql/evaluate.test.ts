/** Rates and quantiles worked out by hand; that they are Prometheus' own is held by against-promtool.test.ts. */
import { describe, expect, it } from "vitest";
import { bucketQuantile } from "../../../../analyzers/alerts/promql/bucket-quantile.ts";
import { evaluate, type PrometheusMajor, vectorOf } from "../../../../analyzers/alerts/promql/evaluate.ts";
import { increase, latest, rate } from "../../../../analyzers/alerts/promql/expression.ts";
import { SeriesStore } from "../../../../analyzers/alerts/promql/series-store.ts";

function storeOf(points: readonly (readonly [atS: number, value: number])[]): SeriesStore {
  const store = new SeriesStore(3_600_000);
  for (const [atS, value] of points) store.append("scrape", atS * 1_000, [{ name: "c", labels: {}, value }]);
  return store;
}

function valueAt(store: SeriesStore, atS: number, major: PrometheusMajor, windowS = 60): number | undefined {
  return vectorOf(evaluate(increase("c", windowS * 1_000), { store, atMs: atS * 1_000, major }))[0]?.value;
}

describe("the growth of a counter", () => {
  const every15 = [0, 15, 30, 45, 60].map((atS) => [atS, 100 + atS] as const);

  it.each([
    {
      why: "Prometheus 2 counts the sample at the very start of the range: all 60 s are covered",
      major: 2,
      atS: 60,
      expected: 60,
    },
    {
      why: "Prometheus 3 does not, and stretches the 45 s that are left to the range",
      major: 3,
      atS: 60,
      expected: 60,
    },
    {
      why: "samples that end long before the range does are stretched by half an interval",
      major: 3,
      atS: 85,
      expected: 42.5,
    },
  ] as const)("$why", ({ major, atS, expected }) => {
    expect(valueAt(storeOf(every15), atS, major)).toBeCloseTo(expected, 9);
  });

  it("is not stretched to before the counter was zero", () => {
    // 45 in 45 s, from 5 on: zero was 5 s before the first sample, though the range begins 14 s before it.
    const store = storeOf([
      [14, 5],
      [29, 20],
      [44, 35],
      [59, 50],
    ]);
    expect(valueAt(store, 60, 3)).toBeCloseTo(45 + 5 + 1, 9);
  });

  it("is guessed further back by Prometheus 2 when the counter was at zero beyond half an interval", () => {
    // The first sample lies 30 s into the range and zero 12 s before it: 2 goes back 12 s, 3 only half an interval.
    const store = storeOf([
      [30, 12],
      [45, 27],
      [60, 42],
    ]);
    expect(valueAt(store, 60, 2)).toBeCloseTo(30 + 12, 9);
    expect(valueAt(store, 60, 3)).toBeCloseTo(30 + 7.5, 9);
  });

  it("goes on from zero when the counter starts again", () => {
    const store = storeOf([
      [1, 100],
      [16, 130],
      [31, 10],
      [46, 40],
      [60, 68],
    ]);
    expect(valueAt(store, 60, 3)).toBeCloseTo((30 + 10 + 30 + 28) * (60 / 59), 9);
  });

  it("is nothing with fewer than two samples in the range", () => {
    expect(valueAt(storeOf([[50, 3]]), 60, 3)).toBeUndefined();
  });

  it("is per second as a rate", () => {
    const found = evaluate(rate("c", 60_000), { store: storeOf(every15), atMs: 60_000, major: 2 });
    expect(vectorOf(found)[0]?.value).toBeCloseTo(1, 12);
  });
});

describe("the latest sample", () => {
  const at = (store: SeriesStore, atMs: number, major: PrometheusMajor) =>
    vectorOf(evaluate(latest("c"), { store, atMs, major })).map(({ value }) => value);

  it("counts for five minutes: Prometheus 2 to the last instant, 3 up to it", () => {
    const store = storeOf([[0, 7]]);
    expect(at(store, 299_999, 3)).toEqual([7]);
    expect(at(store, 300_000, 3)).toEqual([]);
    expect(at(store, 300_000, 2)).toEqual([7]);
    expect(at(store, 300_001, 2)).toEqual([]);
  });

  it("is gone at once when the next scrape does not find the series", () => {
    const store = storeOf([[0, 7]]);
    store.append("scrape", 15_000, []);
    expect(at(store, 14_999, 3)).toEqual([7]);
    expect(at(store, 15_000, 3)).toEqual([]);
  });

  it("is kept only as long as somebody looks back to it", () => {
    const store = new SeriesStore(60_000);
    for (let second = 0; second < 4_000; second++) {
      store.append("scrape", second * 1_000, [{ name: "c", labels: {}, value: second }]);
    }
    expect([...store.named("c")][0]?.timesMs.length).toBeLessThan(2_200);
    expect(at(store, 3_999_000, 3)).toEqual([3_999]);
    expect(valueAt(store, 3_999, 3)).toBeCloseTo(60, 6);
  });
});

describe("a quantile out of buckets", () => {
  const buckets = (...counts: readonly number[]) =>
    counts.map((count, index) => ({ upper: [1, 2, 5, Number.POSITIVE_INFINITY][index] ?? 0, count }));

  it.each([
    { why: "the rank is interpolated within its bucket", q: 0.5, given: buckets(0, 10, 10, 10), expected: 1.5 },
    { why: "the lowest bucket starts at zero", q: 0.5, given: buckets(10, 10, 10, 10), expected: 0.5 },
    { why: "beyond the last bound the last bound is answered", q: 0.95, given: buckets(1, 2, 3, 10), expected: 5 },
    {
      why: "a count that rounding put below the one before it is raised",
      q: 0.5,
      given: buckets(4, 3, 8, 8),
      expected: 1,
    },
    { why: "nothing observed is no number", q: 0.5, given: buckets(0, 0, 0, 0), expected: Number.NaN },
    {
      why: "without the bucket that has no end it is no number",
      q: 0.5,
      given: buckets(1, 2, 3).slice(0, 3),
      expected: Number.NaN,
    },
  ])("$why", ({ q, given, expected }) => {
    expect(bucketQuantile(q, given)).toBe(expected);
  });
});
