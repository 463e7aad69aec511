import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { RequestRecord } from "../../core/record.ts";
import { buildTimeline, timelineBinsMax } from "../../core/timeline.ts";
import { plainRecord } from "../made-record.ts";

/** Sent and ended when it was due, unless told otherwise. */
function record(facts: Partial<RequestRecord>): RequestRecord {
  const atMs = facts.intendedMs ?? 0;
  return plainRecord({ sentMs: atMs, endMs: atMs, inputTokens: 10, outputTokens: 5, cost: 100, ...facts });
}

describe("buildTimeline", () => {
  it("counts arrivals and latency where a request was meant to start, and the rest where it ended", () => {
    const { widthMs, bins } = buildTimeline(
      [
        record({ intendedMs: 50, firstTokenMs: 150, endMs: 250 }),
        record({ intendedMs: 60, firstTokenMs: 90, endMs: 99 }),
        record({ intendedMs: 210, endMs: 260, outcome: "rate-limited", inputTokens: 0, outputTokens: 0, cost: 0 }),
      ],
      300,
    );
    expect(widthMs).toBe(100);
    expect(bins.map((bin) => bin.startMs)).toEqual([0, 100, 200]);
    expect(bins.map((bin) => bin.arrived)).toEqual([2, 0, 1]);
    expect(bins.map((bin) => bin.ended.ok)).toEqual([1, 0, 1]);
    expect(bins.map((bin) => bin.ended["rate-limited"])).toEqual([0, 0, 1]);
    expect(bins.map((bin) => [bin.inputTokens, bin.outputTokens, bin.cost])).toEqual([
      [10, 5, 100],
      [0, 0, 0],
      [10, 5, 100],
    ]);
    expect(bins[0]?.ttft).toEqual({ count: 2, p50Ms: expect.closeTo(30, 0), p95Ms: expect.closeTo(30, 0) });
    expect(bins[0]?.e2e?.count).toBe(2);
    expect(bins[2]?.e2e, "a refused request has no latency worth a percentile").toBeNull();
  });

  it("finds the most requests in flight in each bin, those carried over included", () => {
    const flights = [
      [0, 350],
      [10, 20],
      [20, 30],
      [120, 130],
      [300, 310],
    ] as const;
    const { bins } = buildTimeline(
      flights.map(([sentMs, endMs]) => record({ intendedMs: sentMs, endMs })),
      400,
    );
    expect(bins.map((bin) => bin.inFlightMax)).toEqual([2, 2, 1, 2]);
  });

  it.each([
    [0, 100, 1],
    [60_000, 100, 600],
    [60_001, 200, 301],
    [3_501_722, 10_000, 351],
    [86_400_000, 300_000, 288],
    [90 * 86_400_000, 21_600_000, 360],
    [3_650 * 86_400_000, 7 * 86_400_000, 522],
  ])("cuts %d ms into bins of %d ms", (durationMs, widthMs, count) => {
    const timeline = buildTimeline([], durationMs);
    expect([timeline.widthMs, timeline.bins.length]).toEqual([widthMs, count]);
  });

  it("loses no request, token or nano-dollar, wherever a request starts and ends", () => {
    const flight = fc.record({
      intendedMs: fc.double({ min: 0, max: 2e5, noNaN: true }),
      lastsMs: fc.double({ min: 0, max: 1e5, noNaN: true }),
      outcome: fc.constantFrom("ok" as const, "timeout" as const, "aborted" as const),
    });
    fc.assert(
      fc.property(
        fc.array(flight, { maxLength: 60 }),
        fc.double({ min: 0, max: 2e5, noNaN: true }),
        (flights, lengthMs) => {
          const records = flights.map(({ intendedMs, lastsMs, outcome }) =>
            record({ intendedMs, endMs: intendedMs + lastsMs, outcome }),
          );
          const { bins } = buildTimeline(records, lengthMs);
          const total = (of: (bin: (typeof bins)[number]) => number): number =>
            bins.reduce((sum, bin) => sum + of(bin), 0);
          expect(bins.length).toBeLessThanOrEqual(timelineBinsMax);
          expect(total((bin) => bin.arrived)).toBe(records.length);
          expect(total((bin) => Object.values(bin.ended).reduce((sum, count) => sum + count, 0))).toBe(records.length);
          expect(total((bin) => bin.inputTokens + bin.outputTokens)).toBe(15 * records.length);
          expect(total((bin) => bin.cost)).toBe(100 * records.length);
          expect(Math.max(...bins.map((bin) => bin.inFlightMax))).toBeLessThanOrEqual(records.length);
        },
      ),
      { seed: 1 },
    );
  });
});
