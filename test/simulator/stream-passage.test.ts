/**
 * How chunks pass: timelines by hand, and the flow of chunks held against reads one by one. All times in milliseconds.
 */
import { mean, quantile } from "simple-statistics";
import { describe, expect, it } from "vitest";
import { directProfile } from "../../behavior/gateway-profile.ts";
import { DrawnAnswer } from "../../behavior/latency/drawn-answer.ts";
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
  type Script,
  scriptedProvider,
} from "./scripted-platform.ts";

/** One that reads with less effort what comes together. */
const readingGateway = { ...costlyGateway, coalescedChunkCpuMs: 0.25 };

describe("a stream through a gateway", () => {
  it.each(["each", "flow"] as const)("holds back the first chunk, and all others behind it (chunks: %s)", (chunks) => {
    const provider = scriptedProvider("a", [{ kind: "answer", chunksAtMs: [10, 20, 40, 50] }]);
    const gateway = { ...readingGateway, firstChunkDelayMs: 25 };
    const { records } = play([openPhase([request("r0")])], [provider], gateway, { chunks });
    // Called at 2. Chunks are there at 12, 22, 42 and 52. The first is read until 13 and waits until 38; then it passes
    // with the second until 39.25, the others until 43 and 53; the end takes until 54. The network adds 0.5 to each.
    expect(records[0]).toMatchObject({
      firstTokenMs: 39.75,
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
    const gateway = { ...readingGateway, firstChunkDelayMs: 25 };
    const { records } = play([openPhase([request("r0"), request("r1", { atMs: 100 })])], [provider], gateway);
    expect(records).toMatchObject([
      { key: "r0", firstTokenMs: 39.5, endMs: 40.5, chunks: 1 },
      { key: "r1", firstTokenMs: null, endMs: 103.5, chunks: 0, outcome: "ok" },
    ]);
  });

  it.each(["each", "flow"] as const)("passes a long answer that is there at once (chunks: %s)", (chunks) => {
    const provider = scriptedProvider("a", [{ kind: "answer", chunksAtMs: Array.from({ length: 50_001 }, () => 10) }]);
    const gateway = { ...readingGateway, firstChunkDelayMs: 25 };
    const { records } = play([openPhase([request("r0")])], [provider], gateway, { chunks });
    // All pass together when the first is released at 38, and the end with them.
    const passedMs = 38 + 1 + 50_000 * 0.25;
    expect(records[0]).toMatchObject({
      chunks: 50_001,
      gapMaxMs: 0,
      firstTokenMs: passedMs + 0.5,
      endMs: passedMs + 1.5,
    });
  });

  it("is read together as far as it has come when it is its turn", () => {
    const provider = scriptedProvider("a", [{ kind: "answer", chunksAtMs: [5, 15, 25, 35, 45] }, { kind: "hang" }]);
    const gateway = gatewayOf({ requestCpuMs: 25, chunkCpuMs: 1, coalescedChunkCpuMs: 0.25, endCpuMs: 1 });
    const phase = openPhase([request("r0"), request("r1", { atMs: 31 })]);
    const { records } = play([phase], [provider], gateway, { chunks: "each", timeoutMs: 1_000 });
    // Chunks come at 30, 40, 50, 60 and 70. The first is through at 31, when r1 takes the event loop until 56. Then the
    // second and the third are read together until 57.25; the fourth is through at 61, the last at 71, the end at 72.
    expect(records[0]).toMatchObject({ firstTokenMs: 31, chunks: 5, gapMaxMs: 26.25, endMs: 72 });
  });

  it("is read to its end when its end has come by then", () => {
    const provider = scriptedProvider("a", [{ kind: "answer", chunksAtMs: [5, 15, 25, 35, 45] }, { kind: "hang" }]);
    const gateway = gatewayOf({ requestCpuMs: 25, chunkCpuMs: 1, coalescedChunkCpuMs: 0.25, endCpuMs: 1 });
    const phase = openPhase([request("r0"), request("r1", { atMs: 51 }), request("r2", { atMs: 65 })]);
    const { records } = play([phase], [provider], gateway, { chunks: "each", timeoutMs: 1_000 });
    // r1 has the event loop until 76. Then the two last chunks, of 60 and 70, are read until 77.25, and the end until 78.25,
    // although r2 came before the last.
    expect(records[0]).toMatchObject({ chunks: 5, gapMaxMs: 26.25, endMs: 78.25 });
  });

  it("costs less where it finds the event loop at work", () => {
    const provider = scriptedProvider("a", [{ kind: "answer", chunksAtMs: [5, 15, 25] }, { kind: "hang" }]);
    const gateway = gatewayOf({
      requestCpuMs: 10,
      chunkCpuMs: 4,
      busyChunkShare: 0.5,
      endCpuMs: 2,
      busyRequestShare: 0.5,
    });
    const phase = openPhase([request("r0"), request("r1", { atMs: 20 })]);
    const { records } = play([phase], [provider], gateway, { chunks: "each", timeoutMs: 1_000 });
    // The first chunk, of 15, is through at 19. r1 has the event loop 20..30. The second, of 25, takes until 32, the third, of
    // 35, until 39, and the end, which follows it at once, half of its 2.
    expect(records[0]).toMatchObject({ firstTokenMs: 19, gapMaxMs: 13, endMs: 40 });
  });

  it("spreads a wait that grows over the chunks that flow", () => {
    const provider = scriptedProvider("a", [{ kind: "answer", chunksAtMs: [10, 110, 210, 310] }, { kind: "hang" }]);
    const gateway = gatewayOf({ requestCpuMs: 30, chunkCpuMs: 10 });
    const crowd = Array.from({ length: 2 }, (_, index) => request(`r${index + 1}`, { atMs: 320 }));
    const { records } = play([openPhase([request("r0"), ...crowd])], [provider], gateway, { timeoutMs: 1_000 });
    // Chunks come at 40, 140, 240 and 340. At 320, 60 of work queue up, of which 40 and the 20/300 per ms that flowed in
    // since are left at 340: the last chunk waits 41 1/3, the third two thirds of it, the second one third.
    expect(records[0]).toMatchObject({ firstTokenMs: 50, endMs: 391.333, gapMaxMs: 113.778 });
  });

  it("takes no longer through nothing than the provider takes", () => {
    const provider = scriptedProvider("a", [{ kind: "answer", chunksAtMs: [10, 20, 45, 50] }]);
    const { records, statistics } = play([openPhase([request("r0")])], [provider], directProfile);
    expect(records[0]).toMatchObject({ firstTokenMs: 10, endMs: 50, gapMaxMs: 25, chunks: 4 });
    expect(statistics.events).toBe(3); // the arrival, the end, the end of the phase: no event for chunks that cost nothing
  });
});

/** What Portkey needs for a request at light load, and what it needs when it is never idle. */
const streamed = 100;
const idleCpuMs = portkeyProfile.requestCpuMs + streamed * portkeyProfile.chunkCpuMs + portkeyProfile.endCpuMs;

describe("chunks that flow", () => {
  // Load is what requests would need of an idle event loop; three times as much as it has is more than a busy one can do.
  it.each([
    { load: 0.3, gapMs: 5 },
    { load: 1, gapMs: 1 },
    { load: 1, gapMs: 20 },
    { load: 2, gapMs: 5 },
    { load: 2.6, gapMs: 5 },
    { load: 3, gapMs: 1 },
    { load: 3, gapMs: 5 },
    { load: 3, gapMs: 20 },
    { load: 4, gapMs: 5 },
  ])(
    "add what reads one by one add, within a twentieth or half a millisecond, at load $load with gaps of $gapMs ms",
    (load) => {
      const each = added(load, "each");
      const flowing = added(load, "flow");
      expect(flowing.eventsPerRequest).toBeLessThan(7);
      for (const name of ["ttftMeanMs", "ttftP95Ms", "e2eMeanMs", "e2eP95Ms", "utilization"] as const) {
        expect(Math.abs(flowing[name] - each[name]), name).toBeLessThan(Math.max(0.05 * each[name], 0.5));
      }
      // What is missing is the jitter of the event loop between two reads.
      expect(Math.abs(flowing.gapMaxMeanMs - each.gapMaxMeanMs)).toBeLessThan(1.5);
    },
  );
});

describe("an answer that says how far apart its chunks are", () => {
  it.each([
    { name: "nothing", gateway: directProfile, gapMs: 5, load: 1 },
    { name: "an idle gateway", gateway: portkeyProfile, gapMs: 20, load: 0.2 },
    { name: "a busy gateway", gateway: portkeyProfile, gapMs: 20, load: 2 },
    { name: "an overloaded gateway", gateway: portkeyProfile, gapMs: 5, load: 4 },
    { name: "a gateway that reads slower than chunks come", gateway: costlyGateway, gapMs: 1, load: 1 },
  ])("passes through $name as one that does not say so", ({ gateway, gapMs, load }) => {
    const arrivals = randomStream(5).split("arrivals");
    let atMs = 0;
    const requests = Array.from({ length: 400 }, (_, index) => {
      atMs += (arrivals.exponential() * idleCpuMs) / load;
      return request(`r${index}`, { atMs });
    });
    const [told, untold] = [true, false].map((tells) => {
      const provider = scriptedProvider("a", answersWithGaps(requests.length, gapMs, tells));
      return play([openPhase(requests)], [provider], gateway, { timeoutMs: 2_500 }).records;
    });
    expect(told).toEqual(untold);
    expect(new Set(told?.map(({ gapMaxMs }) => gapMaxMs)).size).toBeGreaterThan(100);
  });
});

function answersWithGaps(count: number, gapMs: number, tells: boolean): readonly Script[] {
  const keys = randomStream(6);
  return Array.from({ length: count }, () => {
    const jitterKey = keys.integer(2 ** 32);
    const gaps = new DrawnAnswer({
      ttftMs: 10,
      spanMs: gapMs * (streamed - 1),
      chunks: streamed,
      sigma: 0.3,
      jitterKey,
      outputTokens: streamed,
      finish: "stop",
    });
    const chunksAtMs = Array.from({ length: streamed }, (_, chunk) => gaps.chunkAtMs(chunk));
    return { kind: "answer", chunksAtMs, ...(tells ? { gaps } : {}) };
  });
}

interface Added {
  readonly ttftMeanMs: number;
  readonly ttftP95Ms: number;
  readonly e2eMeanMs: number;
  readonly e2eP95Ms: number;
  readonly gapMaxMeanMs: number;
  readonly eventsPerRequest: number;
  readonly utilization: number;
}

/** What Portkey adds to streams of 100 events, of speeds and with gaps as uneven as the latency profiles have them. */
function added({ load, gapMs }: { readonly load: number; readonly gapMs: number }, chunks: ChunkWork): Added {
  const arrivals = randomStream(7).split("arrivals");
  const gaps = randomStream(7).split("gaps");
  let atMs = 0;
  const requests = Array.from({ length: 3_000 }, (_, index) => {
    atMs += (arrivals.exponential() * idleCpuMs) / load;
    return request(`r${index}`, { atMs });
  });
  const answers = requests.map((): Script & { readonly kind: "answer" } => {
    const meanGapMs = gapMs * Math.exp(0.25 * gaps.normal());
    let chunkMs = 10;
    const chunksAtMs = Array.from({ length: streamed }, (_, chunk) => {
      if (chunk > 0) chunkMs += meanGapMs * Math.exp(0.3 * gaps.normal() - 0.045);
      return chunkMs;
    });
    return { kind: "answer", chunksAtMs };
  });
  const { records, statistics } = play([openPhase(requests)], [scriptedProvider("a", answers)], portkeyProfile, {
    chunks,
  });
  const lengths = new Map(requests.map(({ key }, index) => [key, answers[index]?.chunksAtMs.at(-1) ?? 0]));
  const ttfts = records.map((record) => (ttftMs(record) ?? 0) - 10);
  const e2es = records.map((record) => e2eMs(record) - (lengths.get(record.key) ?? 0));
  return {
    ttftMeanMs: mean(ttfts),
    ttftP95Ms: quantile(ttfts, 0.95),
    e2eMeanMs: mean(e2es),
    e2eP95Ms: quantile(e2es, 0.95),
    gapMaxMeanMs: mean(records.map((record) => record.gapMaxMs)),
    eventsPerRequest: statistics.events / records.length,
    utilization: statistics.replicas[0]?.utilization ?? 0,
  };
}
