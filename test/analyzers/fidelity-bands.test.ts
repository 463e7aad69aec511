import { describe, expect, it } from "vitest";
import { compareRuns } from "../../analyzers/fidelity.ts";
import { gatewayLoad } from "../../analyzers/gateway-load.ts";
import { directProfile, type GatewayProfile } from "../../behavior/gateway-profile.ts";
import type { RequestRecord } from "../../core/record.ts";
import { madeRecord, madeRun } from "./made-run.ts";

/** 10 ms of CPU to start a request, 1 ms for each chunk, 5 ms at the end; a busy gateway needs half of each. */
const profile: GatewayProfile = {
  ...directProfile,
  requestCpuMs: 10,
  chunkCpuMs: 1,
  endCpuMs: 5,
  busyRequestShare: 0.5,
  busyChunkShare: 0.5,
};

function streamed(sentMs: number, overrides: Partial<RequestRecord> = {}): RequestRecord {
  return madeRecord({ intendedMs: sentMs, sentMs, firstTokenMs: sentMs + 1_500, endMs: sentMs + 2_500, ...overrides });
}

describe("gatewayLoad", () => {
  it("spreads what a request costs over the seconds in which it comes up", () => {
    // Sent in second 0, 40 chunks in seconds 1 and 2, over in second 2: 5 ms, 10 ms, and 10 + 2.5 ms of 1,000.
    const loadAt = gatewayLoad(madeRun([streamed(0, { chunks: 40 })]), profile);
    expect([0, 1_999, 2_000, 3_000].map(loadAt)).toEqual([0.005, 0.01, 0.0125, 0]);
  });

  it("counts the gateway's own time in full where the scenario plays faster", () => {
    const record = streamed(0, { firstTokenMs: 100, endMs: 200, chunks: 0 });
    expect(gatewayLoad(madeRun([record], { timeScale: 10 }), profile)(9_999)).toBe(0.0075);
  });

  it("divides the load among the replicas that serve", () => {
    const counts = [
      { atMs: 0, wished: 1, starting: 0, ready: 1, draining: 0 },
      { atMs: 1_000, wished: 2, starting: 0, ready: 2, draining: 0 },
    ];
    const replicas = { hourly: 0, startupMs: 0, counts, demand: [] };
    const loadAt = gatewayLoad(madeRun([streamed(0), streamed(1_000)], { replicas }), profile);
    expect(loadAt(0)).toBe(0.005);
    expect(loadAt(1_000)).toBeCloseTo((0.005 + 10 * 0.25 * 0.001) / 2, 12);
  });
});

describe("compareRuns by the gateway's load", () => {
  /** A hundred requests a second ask for 75 % of this gateway, ten for 7.5 %. */
  const crowd = (from: number, count: number, e2eMs: number): readonly RequestRecord[] =>
    Array.from({ length: count }, (_, index) => {
      const sentMs = from + (index * 1_000) / count;
      const key = `r${from}-${index}`;
      return streamed(sentMs, { key, chunks: 0, firstTokenMs: sentMs + e2eMs / 2, endMs: sentMs + e2eMs });
    });
  const rows = (records: readonly RequestRecord[], expected: readonly RequestRecord[]): Record<string, number> =>
    Object.fromEntries(
      compareRuns(madeRun(records), madeRun(expected, { kind: "simulated" }), profile)
        .rows.filter(({ metric }) => metric.startsWith("load."))
        .map(({ metric, error }) => [metric, Number(error?.toFixed(6))]),
    );

  it("tells errors of a busy gateway from those of an idle one", () => {
    const live = [...crowd(0, 25, 0.5), ...crowd(5_000, 100, 0.8)];
    const simulated = [...crowd(0, 25, 0.5), ...crowd(5_000, 100, 0.6)];
    expect(rows(live, simulated)).toEqual({
      "load.0.ttft.mean": 0,
      "load.0.e2e.mean": 0,
      "load.60.ttft.mean": -0.25,
      "load.60.e2e.mean": -0.25,
    });
  });

  it("says nothing of a load that stays in one band, nor of one with a handful of requests", () => {
    const busy = crowd(5_000, 100, 1);
    expect(rows(busy, busy)).toEqual({});
    const mixed = [...crowd(0, 5, 1), ...busy];
    expect(rows(mixed, mixed)).toEqual({});
  });
});
