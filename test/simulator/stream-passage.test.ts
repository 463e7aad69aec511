/**
 * How chunks pass: timelines by hand, and the flow of chunks held against chunks one by one. All times in milliseconds.
 */
import { mean, quantile } from "simple-statistics";
import { describe, expect, it } from "vitest";
import { directProfile } from "../../behavior/gateway-profile.ts";
import { portkeyProfile } from "../../behavior/gateway-profiles/portkey.ts";
import { randomStream } from "../../core/random.ts";
import { e2eMs, ttftMs } from "../../core/record.ts";
import type { ChunkWork } from "../../simulator/stream-passage.ts";
import {
  answerAt10,
  costlyGateway,
  gatewayOf,
  nanoPerToken,
  openPhase,
  play,
  request,
  scriptedProvider,
} from "./scripted-platform.ts";

describe("a stream through a gateway", () => {
  it.each(["each", "flow"] as const)("holds back the first chunk, and all others behind it (chunks: %s)", (chunks) => {
    const provider = scriptedProvider("a", [{ kind: "answer", chunksAtMs: [10, 20, 40, 50] }]);
    const gateway = { ...costlyGateway, firstChunkDelayMs: 25 };
    const { records } = play([openPhase([request("r0")])], [provider], gateway, { chunks });
    // Called at 2. Chunks are there at 12, 22, 42 and 52. The first is worked on until 13 and waits until 38, the second
    // follows at 39, the others at 43 and 53; the end takes until 54. The network adds 0.5 to each.
    expect(records[0]).toMatchObject({
      firstTokenMs: 38.5,
      endMs: 54.5,
      chunks: 4,
      outputTokens: 4,
      gapMaxMs: 10,
      status: 200,
      outcome: "ok",
      cost: 4 * nanoPerToken,
      wastedTokens: 0,
    });
  });

  it("passes a single chunk, and an answer without any", () => {
    const provider = scriptedProvider("a", [answerAt10, { kind: "answer", chunksAtMs: [] }]);
    const gateway = { ...costlyGateway, firstChunkDelayMs: 25 };
    const { records } = play([openPhase([request("r0"), request("r1", { atMs: 100 })])], [provider], gateway);
    expect(records).toMatchObject([
      { key: "r0", firstTokenMs: 38.5, endMs: 39.5, chunks: 1 },
      { key: "r1", firstTokenMs: null, endMs: 103.5, chunks: 0, outcome: "ok" },
    ]);
  });

  it.each(["each", "flow"] as const)("passes a long answer that is there at once (chunks: %s)", (chunks) => {
    const provider = scriptedProvider("a", [{ kind: "answer", chunksAtMs: Array.from({ length: 50_000 }, () => 10) }]);
    const { records } = play(
      [openPhase([request("r0")])],
      [provider],
      { ...costlyGateway, firstChunkDelayMs: 25 },
      { chunks },
    );
    // The first is done at 13 and held until 38; 49,999 follow, one per millisecond; the end takes 1.
    expect(records[0]).toMatchObject({ chunks: 50_000, gapMaxMs: 1, endMs: 38 + 49_999 + 1 + 0.5 });
  });

  it("spreads a wait that grows over the chunks that flow", () => {
    const provider = scriptedProvider("a", [{ kind: "answer", chunksAtMs: [10, 110, 210, 310] }, { kind: "hang" }]);
    const gateway = gatewayOf({ requestCpuMs: 30, chunkCpuMs: 10 });
    const crowd = Array.from({ length: 5 }, (_, index) => request(`r${index + 1}`, { atMs: 320 }));
    const { records } = play([openPhase([request("r0"), ...crowd])], [provider], gateway, { timeoutMs: 1_000 });
    // Chunks come at 40, 140, 240 and 340. At 320, 150 of work queue up, of which 130 and the 20/300 per ms that flowed in
    // since are left at 340: the last chunk waits 131 1/3, the third two thirds of it, the second one third.
    expect(records[0]).toMatchObject({ firstTokenMs: 50, endMs: 481.333, gapMaxMs: 143.778 });
  });

  it("takes no longer through nothing than the provider takes", () => {
    const provider = scriptedProvider("a", [{ kind: "answer", chunksAtMs: [10, 20, 45, 50] }]);
    const { records, statistics } = play([openPhase([request("r0")])], [provider], directProfile);
    expect(records[0]).toMatchObject({ firstTokenMs: 10, endMs: 50, gapMaxMs: 25, chunks: 4 });
    expect(statistics.events).toBe(3); // the arrival, the end, the end of the phase: no event for chunks that cost nothing
  });
});

describe("chunks that flow", () => {
  it.each([0.3, 0.6, 0.8, 1.3].map((busy) => ({ busy })))(
    "add what chunks one by one add, within a twentieth, at $busy busy",
    ({ busy }) => {
      const each = added(busy, "each");
      const flowing = added(busy, "flow");
      expect(flowing.eventsPerRequest).toBeLessThan(7);
      for (const name of ["ttftMeanMs", "ttftP95Ms", "e2eMeanMs", "e2eP95Ms"] as const) {
        expect(Math.abs(flowing[name] / each[name] - 1)).toBeLessThan(0.05);
      }
      // What is missing is the jitter of the event loop between two chunks.
      expect(Math.abs(flowing.gapMaxMeanMs - each.gapMaxMeanMs)).toBeLessThan(2.5);
    },
  );
});

/** What Portkey adds to streams of 100 events, 5 ms apart, at a load that keeps it this busy. */
function added(
  busy: number,
  chunks: ChunkWork,
): Record<"ttftMeanMs" | "ttftP95Ms" | "e2eMeanMs" | "e2eP95Ms" | "gapMaxMeanMs" | "eventsPerRequest", number> {
  const { requestCpuMs, chunkCpuMs, endCpuMs } = portkeyProfile;
  const chunksAtMs = Array.from({ length: 100 }, (_, index) => 10 + 5 * index);
  const cpuMs = requestCpuMs + chunksAtMs.length * chunkCpuMs + endCpuMs;
  const random = randomStream(7);
  let atMs = 0;
  const requests = Array.from({ length: 3_000 }, (_, index) => {
    atMs += (random.exponential() * cpuMs) / busy;
    return request(`r${index}`, { atMs });
  });
  const provider = scriptedProvider("a", [{ kind: "answer", chunksAtMs }]);
  const { records, statistics } = play([openPhase(requests)], [provider], portkeyProfile, { chunks });
  const ttfts = records.map((record) => (ttftMs(record) ?? 0) - 10);
  const e2es = records.map((record) => e2eMs(record) - 505);
  return {
    ttftMeanMs: mean(ttfts),
    ttftP95Ms: quantile(ttfts, 0.95),
    e2eMeanMs: mean(e2es),
    e2eP95Ms: quantile(e2es, 0.95),
    gapMaxMeanMs: mean(records.map((record) => record.gapMaxMs)),
    eventsPerRequest: statistics.events / records.length,
  };
}
