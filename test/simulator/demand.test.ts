import { describe, expect, it } from "vitest";
import { cpuOfRequest, Demand } from "../../simulator/demand.ts";
import { gatewayOf } from "./scripted-platform.ts";

describe("what a load asks of a fleet", () => {
  it("is the computing time that arrives in each bin, in replicas that it keeps busy", () => {
    const demand = new Demand();
    for (const [atMs, cpuMs] of [
      [0, 1_000],
      [4_999, 9_000],
      [5_000, 2_500],
    ] as const) {
      demand.arrives(atMs, cpuMs);
    }
    expect(demand.arrived).toBe(3);
    expect(demand.bins(10_000, undefined)).toEqual([
      { startMs: 0, widthMs: 5_000, arrived: 2, replicas: 2 },
      { startMs: 5_000, widthMs: 5_000, arrived: 1, replicas: 0.5 },
    ]);
  });

  it("is the places that are held, where those are scarcer than computing time", () => {
    const demand = new Demand();
    for (let request = 0; request < 100; request++) demand.arrives(1_000, 10);
    // 100 requests in 5 s, each 2 s on one of 10 places: 40 places on average, 4 replicas.
    expect(demand.bins(5_000, { heldMs: 2_000, placesPerReplica: 10 })[0]?.replicas).toBe(4);
    expect(demand.bins(5_000, { heldMs: 2, placesPerReplica: 10 })[0]?.replicas).toBe(0.2);
  });

  it("counts the last bin by the part of it that was played, and shows bins without arrivals", () => {
    const demand = new Demand();
    demand.arrives(10_000, 500);
    expect(demand.bins(11_000, undefined).map(({ replicas }) => replicas)).toEqual([0, 0, 0.5]);
  });

  it("puts neighbours together when a run outgrows its bins, and loses nothing", () => {
    const demand = new Demand();
    const hours = 5;
    for (let second = 0; second < hours * 3_600; second++) demand.arrives(second * 1_000, 250);
    const bins = demand.bins(hours * 3_600_000, undefined);
    expect(bins.length).toBeLessThanOrEqual(1_440);
    expect(bins[0]).toEqual({ startMs: 0, widthMs: 20_000, arrived: 20, replicas: 0.25 });
    expect(bins.at(-1)).toMatchObject({ startMs: hours * 3_600_000 - 20_000, arrived: 20 });
    expect(bins.reduce((sum, { arrived }) => sum + arrived, 0)).toBe(hours * 3_600);
  });
});

describe("the computing time of a request", () => {
  const gateway = gatewayOf({
    requestCpuMs: 2,
    endCpuMs: 1,
    streamCpuMs: 3,
    chunkCpuMs: 0.5,
    busyRequestShare: 0.5,
    busyChunkShare: 0.4,
  });

  it.each([
    { stream: true, outputTokens: 10, cpuMs: 5 },
    { stream: false, outputTokens: 10, cpuMs: 1.5 },
  ])("is what a busy event loop needs: streamed $stream", ({ cpuMs, ...planned }) => {
    expect(cpuOfRequest(gateway, planned)).toBeCloseTo(cpuMs, 12);
  });
});
