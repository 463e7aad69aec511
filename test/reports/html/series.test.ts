import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  binWidthMs,
  distribution,
  failureBins,
  latencyBins,
  outcomeBins,
  singleRequests,
  thinned,
} from "../../../reports/html/series.ts";
import { formatClock, timeEncoding } from "../../../reports/html/time-axis.ts";
import { answeredIn, madeRecord, refused } from "../../analyzers/made-run.ts";

const span = { startMs: 10_000, lengthMs: 60_000 };

describe("bins of time", () => {
  it.each([
    { requests: 250, lengthMs: 62_000, expected: 5_000 },
    { requests: 19_366, lengthMs: 3_600_000, expected: 60_000 },
    { requests: 100_000, lengthMs: 60_000, expected: 1_000 },
    { requests: 80, lengthMs: 11_000, expected: 2_000 },
    { requests: 3, lengthMs: 60_000, expected: 60_000 },
    { requests: 1e7, lengthMs: 86_400_000, expected: 1_800_000 },
  ])("for $requests requests in $lengthMs ms are $expected ms wide", ({ requests, lengthMs, expected }) => {
    expect(binWidthMs(requests, { startMs: 0, lengthMs })).toBe(expected);
  });

  it("are never more than sixty, whatever the run", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e7 }), fc.integer({ min: 1, max: 1e10 }), (requests, lengthMs) => {
        return lengthMs / binWidthMs(requests, { startMs: 0, lengthMs }) <= 60;
      }),
      { seed: 2 },
    );
  });
});

describe("latencyBins", () => {
  it("takes answered requests by when they were due and puts each bin in its middle", () => {
    // Forty requests ask for bins of 15 s; the first twenty are due at 0 s of the phase, the others at 45 s.
    const records = answeredIn(Array.from({ length: 40 }, () => 500)).map((record, index) => {
      const intendedMs = index < 20 ? 10_000 : 55_000;
      return { ...record, intendedMs, endMs: intendedMs + (index < 20 ? 100 : 300) };
    });
    expect(latencyBins([...records, refused("x", { intendedMs: 30_000 })], "e2e", span)).toEqual([
      { atS: 7.5, p50Ms: 100, p95Ms: 100, count: 20 },
      { atS: 52.5, p50Ms: 300, p95Ms: 300, count: 20 },
    ]);
  });

  it("keeps a request due after the end of the phase in the last bin", () => {
    const late = madeRecord({ intendedMs: 90_000, endMs: 90_100 });
    expect(latencyBins([late], "e2e", span)).toEqual([{ atS: 30, p50Ms: 100, p95Ms: 100, count: 1 }]);
  });
});

describe("singleRequests", () => {
  it("are drawn one by one in a small run, and not at all in a large one", () => {
    const due = madeRecord({ intendedMs: 12_000, endMs: 12_700 });
    expect(singleRequests([due, refused("x")], "e2e", span)).toEqual([{ atS: 2, ms: 700 }]);
    expect(
      singleRequests(
        Array.from({ length: 401 }, () => due),
        "e2e",
        span,
      ),
    ).toEqual([]);
  });
});

describe("outcomeBins", () => {
  it("stacks outcomes on each other and loses no request", () => {
    const records = [
      ...Array.from({ length: 300 }, (_, index) => madeRecord({ key: `r${index}`, intendedMs: 10_000 + index * 200 })),
      ...Array.from({ length: 50 }, (_, index) => refused(`x${index}`, { intendedMs: 10_000 + index * 1_200 })),
    ];
    const bins = outcomeBins(records, span);
    expect(bins.reduce((sum, bin) => sum + bin.count, 0)).toBe(350);
    for (const bin of bins) expect(bin.high - bin.low).toBe(bin.count);
    for (const bin of bins.filter(({ outcome }) => outcome === "rate-limited")) {
      expect(bin.low).toBe(bins.find((below) => below.fromS === bin.fromS && below.outcome === "ok")?.high);
    }
    expect(Math.max(...bins.map((bin) => bin.toS))).toBeLessThanOrEqual(60);
  });
});

describe("failureBins", () => {
  it("marks only bins in which requests failed", () => {
    const records = [
      madeRecord({ intendedMs: 10_000 }),
      refused("x", { intendedMs: 69_000 }),
      refused("y", { intendedMs: 69_500 }),
    ];
    expect(failureBins(records, span)).toEqual([{ atS: 30, count: 2 }]);
    expect(failureBins([madeRecord()], span)).toEqual([]);
  });
});

describe("distribution", () => {
  it("is the quantiles from 0 to 99 percent, whatever the size of the sample", () => {
    const points = distribution(Array.from({ length: 10_001 }, (_, index) => index));
    expect(points).toHaveLength(100);
    expect(points[0]).toEqual({ ms: 0, share: 0 });
    expect(points[50]).toEqual({ ms: 5_000, share: 0.5 });
    expect(points[99]).toEqual({ ms: 9_900, share: 0.99 });
    expect(distribution([])).toEqual([]);
  });
});

describe("thinned", () => {
  it("keeps a short series and, of a long one, the peak of each stretch", () => {
    expect(thinned([1, 2, 3], (value) => value)).toEqual([1, 2, 3]);
    const long = Array.from({ length: 5_000 }, (_, index) => (index === 1_234 ? 99 : index % 7));
    const few = thinned(long, (value) => value);
    expect(few.length).toBeLessThanOrEqual(400);
    expect(few).toContain(99);
  });
});

describe("the time axis", () => {
  it.each([
    { lengthMs: 62_000, ticks: [0, 10, 20, 30, 40, 50, 60], title: "Time since the load began (min:s)" },
    {
      lengthMs: 1_200_000,
      ticks: [0, 120, 240, 360, 480, 600, 720, 840, 960, 1_080, 1_200],
      title: "Time since the load began (min:s)",
    },
    {
      lengthMs: 86_400_000,
      ticks: [0, 10_800, 21_600, 32_400, 43_200, 54_000, 64_800, 75_600, 86_400],
      title: "Time since the load began (h:min)",
    },
  ])("of $lengthMs ms has round ticks, at most eleven", ({ lengthMs, ticks, title }) => {
    const { axis, scale } = timeEncoding({ startMs: 0, lengthMs });
    expect(axis).toMatchObject({ values: ticks, title });
    expect(scale.domain).toEqual([0, lengthMs / 1_000]);
  });

  it.each([
    { atS: 5, expected: "0:05" },
    { atS: 125, expected: "2:05" },
    { atS: 3_725, expected: "1:02:05" },
  ])("writes $atS s as $expected", ({ atS, expected }) => {
    expect(formatClock(atS)).toBe(expected);
  });
});
