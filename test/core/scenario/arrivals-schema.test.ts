import { describe, expect, it } from "vitest";
import { arrivalsSchema } from "../../../core/scenario/arrivals-schema.ts";
import { expectedArrivals } from "../../../behavior/traffic/arrivals.ts";
import { hourMs, minuteMs } from "../../../core/time.ts";
import type { ArrivalSegment } from "../../../core/scenario/traffic-spec.ts";

const segments = (...written: readonly unknown[]): readonly ArrivalSegment[] => arrivalsSchema.parse(written).segments;

const problem = (written: unknown): string | undefined => arrivalsSchema.safeParse([written]).error?.issues[0]?.message;

/** Requests per second at an instant. */
function rateAt(all: readonly ArrivalSegment[], atMs: number): number {
  let startMs = 0;
  for (const { forMs, fromPerMs, toPerMs } of all) {
    if (atMs < startMs + forMs) return 1_000 * (fromPerMs + ((toPerMs - fromPerMs) * (atMs - startMs)) / forMs);
    startMs += forMs;
  }
  return 0;
}

describe("the wave of a day", () => {
  it("peaks when it says, is least half a day away, and holds the mean of both over a day", () => {
    const day = segments({ for: "24h", daily: "5/s .. 45/s", peak: "14h" });
    expect(rateAt(day, 14 * hourMs)).toBeCloseTo(45, 6);
    expect(rateAt(day, 2 * hourMs)).toBeCloseTo(5, 6);
    const sum = day.reduce((total, segment) => total + expectedArrivals(segment), 0);
    expect(sum / (24 * 3_600 * 25)).toBeCloseTo(1, 6);
  });

  it("is lower at the end of the week, and grows from day to day", () => {
    const week = segments({ for: "168h", daily: "10/s .. 10/s", weekend: "40%", growth: "10%" });
    expect(rateAt(week, 12 * hourMs)).toBeCloseTo(10, 6);
    expect(rateAt(week, 36 * hourMs)).toBeCloseTo(11, 6);
    expect(rateAt(week, 132 * hourMs)).toBeCloseTo(0.4 * 10 * 1.1 ** 5, 6);
  });

  it("begins at the time of day it says", () => {
    expect(rateAt(segments({ for: "1h", daily: "5/s .. 45/s", peak: "14h", starts: "14h" }), 0)).toBeCloseTo(45, 6);
  });
});

describe("a burst", () => {
  it("rises evenly and halves in its half-life", () => {
    const burst = segments({ for: "30m", burst: "20/s .. 200/s", rise: "1m", "half-life": "5m" });
    expect(rateAt(burst, 30_000)).toBeCloseTo(110, 6);
    expect(rateAt(burst, minuteMs)).toBeCloseTo(200, 6);
    expect(rateAt(burst, 6 * minuteMs)).toBeCloseTo(20 + 90, 6);
    expect(rateAt(burst, 11 * minuteMs)).toBeCloseTo(20 + 45, 6);
  });
});

describe("jitter", () => {
  it("may be bursty, with a deviation, or in bursts", () => {
    expect(segments({ for: "1m", rate: "1/s", jitter: "bursty" })).toMatchObject([{ process: "gamma", cv: 2 }]);
    expect(segments({ for: "1m", rate: "1/s", bursts: { on: "5s", off: "20s" } })).toMatchObject([
      { process: "poisson", bursts: { onMs: 5_000, offMs: 20_000, low: 0 } },
    ]);
  });
});

it.each([
  [{ for: "1m", rate: "1/s", daily: "1/s .. 2/s" }, "has both rate and daily; needed is one of them"],
  [{ for: "1m", rate: "1/s", peak: "14h" }, "has peak, which means nothing without daily"],
  [{ for: "1m", rate: "1/s", cv: 2 }, "has cv, which means nothing without jitter: bursty"],
])("is refused in words: %j", (written, message) => {
  expect(problem(written)).toBe(message);
});
