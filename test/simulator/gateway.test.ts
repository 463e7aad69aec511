/**
 * Timelines through the simulated gateway, worked out by hand. All times in milliseconds.
 */
import { mean, quantile } from "simple-statistics";
import { describe, expect, it } from "vitest";
import { directProfile } from "../../behavior/gateway-profile.ts";
import { portkeyProfile } from "../../behavior/gateway-profiles/portkey.ts";
import { randomStream } from "../../core/random.ts";
import { e2eMs, type RequestRecord, ttftMs } from "../../core/record.ts";
import type { ChunkWork } from "../../simulator/gateway.ts";
import {
  gatewayOf,
  nanoPerToken,
  openPhase,
  play,
  request,
  type Script,
  scriptedProvider,
} from "./scripted-platform.ts";

const answerAt10: Script = { kind: "answer", chunksAtMs: [10] };
const status = (code: number): Script => ({ kind: "status", status: code, afterMs: 10 });
const reset: Script = { kind: "reset", afterMs: 10 };

const costly = gatewayOf({ requestCpuMs: 2, chunkCpuMs: 1, endCpuMs: 1, networkMs: 0.5 });

describe("a gateway that serves", () => {
  it("does the work of two requests in turn on one event loop", () => {
    const provider = scriptedProvider("a", [answerAt10]);
    const whole = { stream: false };
    const { records } = play([openPhase([request("r0", whole), request("r1", whole)])], [provider], costly);
    // r0 is worked on 0..2, r1 2..4; r0 is back at 12 and done at 13, r1 back at 14 and done at 15.
    expect(provider.calls.map((call) => call.atMs)).toEqual([2, 4]);
    expect(times(records)).toEqual([
      { key: "r0", firstTokenMs: 13.5, endMs: 13.5 },
      { key: "r1", firstTokenMs: 15.5, endMs: 15.5 },
    ]);
  });

  it("makes the end of one request wait for the start of the next", () => {
    const provider = scriptedProvider("a", [answerAt10]);
    const whole = { stream: false };
    const { records } = play(
      [openPhase([request("r0", whole), request("r1", { ...whole, atMs: 11 })])],
      [provider],
      costly,
    );
    // r0 is back at 12, while r1 is worked on 11..13, and done at 14.
    expect(records[0]).toMatchObject({ key: "r0", endMs: 14.5 });
  });

  it("deals requests out to its replicas in turn", () => {
    const provider = scriptedProvider("a", [answerAt10]);
    const requests = ["r0", "r1", "r2"].map((key) => request(key, { stream: false }));
    const { statistics } = play([openPhase(requests)], [provider], costly, { platform: { replicas: 2 } });
    expect(provider.calls.map((call) => call.atMs)).toEqual([2, 2, 4]);
    expect(statistics.replicas.map((replica) => replica.jobs)).toEqual([4, 2]);
  });

  it.each(["each", "flow"] as const)("holds back the first chunk, and all others behind it (chunks: %s)", (chunks) => {
    const provider = scriptedProvider("a", [{ kind: "answer", chunksAtMs: [10, 20, 40, 50] }]);
    const gateway = { ...costly, firstChunkDelayMs: 25 };
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
    const gateway = { ...costly, firstChunkDelayMs: 25 };
    const { records } = play([openPhase([request("r0"), request("r1", { atMs: 100 })])], [provider], gateway);
    expect(records).toMatchObject([
      { key: "r0", firstTokenMs: 38.5, endMs: 39.5, chunks: 1 },
      { key: "r1", firstTokenMs: null, endMs: 103.5, chunks: 0, outcome: "ok" },
    ]);
  });

  it("makes its own times longer, but not the provider's, when the scenario runs faster than the wall", () => {
    const provider = scriptedProvider("a", [status(503), { kind: "answer", chunksAtMs: [10, 20] }]);
    const gateway = { ...costly, firstChunkDelayMs: 25 };
    const { records } = play([openPhase([request("r0")])], [provider], gateway, {
      timeScale: 10,
      platform: { retries: { max: 1, on: [503] } },
    });
    // Called at 20, refused at 30, retried 10,000 later after 20 of work: at 10,050. First chunk there at 10,060, worked on
    // until 10,070, held until 10,320; the second done at 10,330, the end at 10,340; the network takes 5.
    expect(provider.calls.map((call) => call.atMs)).toEqual([20, 10_050]);
    expect(records[0]).toMatchObject({ firstTokenMs: 10_325, endMs: 10_345 });
  });

  it.each(["each", "flow"] as const)("passes a long answer that is there at once (chunks: %s)", (chunks) => {
    const provider = scriptedProvider("a", [{ kind: "answer", chunksAtMs: Array.from({ length: 50_000 }, () => 10) }]);
    const { records } = play(
      [openPhase([request("r0")])],
      [provider],
      { ...costly, firstChunkDelayMs: 25 },
      { chunks },
    );
    // The first is done at 13 and held until 38; 49,999 follow, one per millisecond; the end takes 1.
    expect(records[0]).toMatchObject({ chunks: 50_000, gapMaxMs: 1, endMs: 38 + 49_999 + 1 + 0.5 });
  });

  it("ends one call before it begins another at the same instant", () => {
    const provider = scriptedProvider("a", [answerAt10]);
    const inFlight: number[] = [];
    const begin: typeof provider.begin = (...call) => {
      inFlight.push(provider.inFlight());
      return provider.begin(...call);
    };
    play([openPhase([request("r0"), request("r1", { atMs: 10 })])], [{ ...provider, begin }], directProfile);
    expect(inFlight).toEqual([0, 0]);
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

describe("a gateway that fails over", () => {
  const retries = { max: 2, on: [429, 500, 503] };

  it.each([
    {
      why: "waits 1 s and 2 s before two retries",
      a: [status(503), status(429), answerAt10],
      calls: { a: [0, 1_010, 3_020] },
      seen: { provider: "a", outcome: "ok", status: 200, endMs: 3_030, upstreamCalls: 3 },
    },
    {
      why: "goes on to the next provider when its retries are used up",
      a: [status(500)],
      b: [answerAt10],
      calls: { a: [0, 1_010, 3_020], b: [3_030] },
      seen: { provider: "b", outcome: "ok", status: 200, endMs: 3_040, upstreamCalls: 4 },
    },
    {
      why: "answers with the last failure when all providers have failed",
      a: [status(500)],
      b: [status(429)],
      calls: { a: [0, 1_010, 3_020], b: [3_030, 4_040, 6_050] },
      seen: { provider: "b", outcome: "rate-limited", status: 429, endMs: 6_060, upstreamCalls: 6 },
    },
    {
      why: "passes on at once what is not worth a retry",
      a: [status(400)],
      b: [answerAt10],
      calls: { a: [0], b: [] },
      seen: { provider: "a", outcome: "rejected", status: 400, endMs: 10, upstreamCalls: 1 },
    },
    {
      why: "retries a connection that failed, whatever the list says, and calls it 500",
      on: [503],
      a: [reset],
      b: [answerAt10],
      calls: { a: [0, 1_010, 3_020], b: [] },
      seen: { provider: "a", outcome: "server-error", status: 500, reason: "http-500", endMs: 3_030 },
    },
    {
      why: "falls back from a connection that failed when the list has 500",
      on: [500],
      a: [reset],
      b: [answerAt10],
      calls: { a: [0, 1_010, 3_020], b: [3_030] },
      seen: { provider: "b", outcome: "ok", status: 200, endMs: 3_040 },
    },
  ])("$why", ({ a, b, on, calls, seen }) => {
    const providers = [scriptedProvider("a", a), ...(b === undefined ? [] : [scriptedProvider("b", b)])];
    const { records } = play([openPhase([request("r0")])], providers, gatewayOf(), {
      platform: { retries: { ...retries, on: on ?? retries.on } },
    });
    expect(records).toMatchObject([seen]);
    expect(Object.fromEntries(providers.map((each) => [each.name, each.calls.map((call) => call.atMs)]))).toEqual(
      calls,
    );
  });

  it("numbers the calls of a request through all providers, as a mock counts them, and calls each with its own key", () => {
    const providers = [scriptedProvider("a", [status(500)]), scriptedProvider("b", [status(500), answerAt10])];
    play([openPhase([request("r0")])], providers, gatewayOf(), { platform: { retries: { max: 1, on: [500] } } });
    expect(providers.map((provider) => provider.calls.map((call) => [call.apiKey, call.attempt]))).toEqual([
      [
        ["key of a", 1],
        ["key of a", 2],
      ],
      [
        ["key of b", 3],
        ["key of b", 4],
      ],
    ]);
  });

  it("pays for its work again with every call", () => {
    const provider = scriptedProvider("a", [status(503), answerAt10]);
    const { records } = play([openPhase([request("r0", { stream: false })])], [provider], costly, {
      platform: { retries },
    });
    // 0..2 work, 12 refused, 1,012..1,014 work, 1,024 answered, 1 of work and the network.
    expect(records[0]).toMatchObject({ endMs: 1_025.5 });
  });

  it("is not there when there is no gateway: one provider, one call, the failure as it is", () => {
    const providers = [scriptedProvider("a", [reset]), scriptedProvider("b", [answerAt10])];
    const { records } = play([openPhase([request("r0")])], providers, directProfile, { platform: { retries } });
    expect(records).toMatchObject([
      { provider: "a", outcome: "connection", status: 0, reason: "ECONNRESET", endMs: 10, upstreamCalls: 1 },
    ]);
    expect(providers[1]?.calls).toEqual([]);
  });
});

describe("a client that leaves", () => {
  const slow: Script = { kind: "answer", chunksAtMs: [40, 80, 120, 160] };

  it("costs the whole answer when the gateway does not cancel", () => {
    const provider = scriptedProvider("a", [slow]);
    const { records } = play([openPhase([request("r0")])], [provider], gatewayOf(), { timeoutMs: 100 });
    expect(records).toMatchObject([
      { outcome: "timeout", reason: "client-timeout", status: 200, firstTokenMs: 40, endMs: 100, chunks: 2 },
    ]);
    expect(records).toMatchObject([{ outputTokens: 2, wastedTokens: 2, cost: 4 * nanoPerToken }]);
    expect(provider.finishes).toEqual([{ atMs: 160, outputTokens: 4, wastedTokens: 0, completed: true }]);
  });

  it("stops generation when the gateway cancels: the event under way is lost", () => {
    const provider = scriptedProvider("a", [slow]);
    const { records } = play([openPhase([request("r0")])], [provider], directProfile, { timeoutMs: 100 });
    expect(records).toMatchObject([{ outcome: "timeout", chunks: 2, outputTokens: 2, wastedTokens: 1 }]);
    expect(provider.finishes).toEqual([{ atMs: 100, outputTokens: 3, wastedTokens: 1, completed: false }]);
  });

  it("wastes all that was generated of an answer in one piece", () => {
    const provider = scriptedProvider("a", [slow]);
    const { records } = play([openPhase([request("r0", { stream: false })])], [provider], directProfile, {
      timeoutMs: 100,
    });
    expect(records).toMatchObject([
      { outcome: "timeout", status: 0, firstTokenMs: null, outputTokens: 0, wastedTokens: 3 },
    ]);
    expect(provider.finishes).toEqual([{ atMs: 100, outputTokens: 3, wastedTokens: 3, completed: false }]);
  });

  it("costs nothing before the first token when the gateway cancels", () => {
    const provider = scriptedProvider("a", [slow]);
    const { records } = play([openPhase([request("r0")])], [provider], directProfile, { timeoutMs: 30 });
    expect(records).toMatchObject([{ outcome: "timeout", status: 0, firstTokenMs: null, cost: 0, wastedTokens: 0 }]);
  });

  it("sees nothing more, whatever is found out about its chunks later", () => {
    const provider = scriptedProvider("a", [{ kind: "answer", chunksAtMs: [10, 210, 410] }]);
    const gateway = gatewayOf({ requestCpuMs: 100, chunkCpuMs: 10 });
    const { records } = play([openPhase([request("r0"), request("r1", { atMs: 105 })])], [provider], gateway, {
      timeoutMs: 400,
    });
    // The first chunk of r0 comes at 110 and waits for r1 until 205. When the client leaves at 400, the second one, of 310,
    // is taken to have waited as long; at 510 the last one does not wait at all, so the second would have been through in time.
    expect(records.find((record) => record.key === "r0")).toMatchObject({
      outcome: "timeout",
      chunks: 1,
      outputTokens: 1,
    });
  });

  it("takes the work for the rest of its stream off the event loop when the gateway cancels", () => {
    const provider = scriptedProvider("a", [{ kind: "answer", chunksAtMs: [10, 110, 210, 310] }]);
    const gateway = gatewayOf({ chunkCpuMs: 10, cancelsUpstream: true });
    const phase = openPhase([request("r0"), request("r1", { atMs: 1_000 })]);
    const { statistics } = play([phase], [provider], gateway, { timeoutMs: 160 });
    // Twice: 10 for the first chunk, and half of the 20 for the two middle ones, which flow from 10 to 310.
    expect(statistics.replicas[0]?.utilization).toBeCloseTo((2 * (10 + 10)) / 1_160, 10);
  });

  it("still gets an answer that is there at the very instant", () => {
    const provider = scriptedProvider("a", [slow]);
    const { records } = play([openPhase([request("r0")])], [provider], gatewayOf(), { timeoutMs: 160 });
    expect(records).toMatchObject([{ outcome: "ok", endMs: 160 }]);
  });

  it.each([
    {
      why: "goes on being retried by a gateway that does not cancel",
      cancelsUpstream: false,
      calls: [0, 1_010],
      cost: 1,
    },
    { why: "is forgotten by a gateway that cancels", cancelsUpstream: true, calls: [0], cost: 0 },
  ])("$why", ({ cancelsUpstream, calls, cost }) => {
    const provider = scriptedProvider("a", [status(503), answerAt10]);
    const { records } = play([openPhase([request("r0")])], [provider], gatewayOf({ cancelsUpstream }), {
      timeoutMs: 500,
      platform: { retries: { max: 1, on: [503] } },
    });
    expect(provider.calls.map((call) => call.atMs)).toEqual(calls);
    expect(records).toMatchObject([
      { outcome: "timeout", endMs: 500, upstreamCalls: calls.length, cost: cost * nanoPerToken, wastedTokens: cost },
    ]);
  });

  it("is the end of a call that never answers", () => {
    const provider = scriptedProvider("a", [{ kind: "hang" }]);
    const { records } = play([openPhase([request("r0")])], [provider], gatewayOf(), { timeoutMs: 500 });
    expect(records).toMatchObject([{ outcome: "timeout", status: 0, endMs: 500, upstreamCalls: 1, cost: 0 }]);
  });

  it("does not hear of chunks that reach it too late", () => {
    const provider = scriptedProvider("a", [slow]);
    const gateway = gatewayOf({ chunkCpuMs: 1, networkMs: 21 });
    const { records } = play([openPhase([request("r0")])], [provider], gateway, { timeoutMs: 100 });
    // Chunks are seen at 62, 102, ...
    expect(records).toMatchObject([{ outcome: "timeout", chunks: 1, outputTokens: 1, wastedTokens: 3 }]);
  });
});

describe("a stream that breaks off", () => {
  const broken = (breakAfterChunks: number, breakHow: "cut" | "stall" | "error-event"): Script => {
    return { kind: "answer", chunksAtMs: [40, 80, 120], breakAfterChunks, breakHow };
  };

  it.each([
    { breakHow: "cut" as const, through: gatewayOf(), reason: "no-finish-reason" },
    { breakHow: "cut" as const, through: directProfile, reason: "closed-early" },
    { breakHow: "error-event" as const, through: gatewayOf(), reason: "server_error" },
  ])("is never retried: $breakHow through $through.name", ({ breakHow, through, reason }) => {
    const provider = scriptedProvider("a", [broken(2, breakHow)]);
    const { records } = play([openPhase([request("r0")])], [provider], through, {
      platform: { retries: { max: 2, on: [200, 500] } },
    });
    expect(records).toMatchObject([
      {
        outcome: "cut-stream",
        reason,
        status: 200,
        endMs: 80,
        chunks: 2,
        outputTokens: 2,
        upstreamCalls: 1,
        cost: 2 * nanoPerToken,
      },
    ]);
    expect(provider.finishes).toEqual([{ atMs: 80, outputTokens: 2, wastedTokens: 0, completed: false }]);
  });

  it.each([
    { stream: true, seen: { status: 200, chunks: 1, cost: nanoPerToken }, used: { outputTokens: 1, wastedTokens: 0 } },
    {
      stream: false,
      seen: { status: 0, chunks: 0, cost: 3 * nanoPerToken },
      used: { outputTokens: 3, wastedTokens: 3 },
    },
  ])("ends with its client when it only stalls (stream: $stream)", ({ stream, seen, used }) => {
    const provider = scriptedProvider("a", [broken(1, "stall")]);
    const { records } = play([openPhase([request("r0", { stream })])], [provider], gatewayOf(), { timeoutMs: 500 });
    expect(records).toMatchObject([{ outcome: "timeout", endMs: 500, ...seen }]);
    expect(provider.finishes).toEqual([{ atMs: 500, completed: false, ...used }]);
  });

  it("may break before its first chunk", () => {
    const provider = scriptedProvider("a", [broken(0, "cut")]);
    const { records } = play([openPhase([request("r0")])], [provider], gatewayOf());
    expect(records).toMatchObject([{ outcome: "cut-stream", firstTokenMs: null, endMs: 40, chunks: 0, cost: 0 }]);
  });

  it("is a failed connection when nothing was streamed, and worth a retry", () => {
    const provider = scriptedProvider("a", [broken(1, "cut"), answerAt10]);
    const { records } = play([openPhase([request("r0", { stream: false })])], [provider], gatewayOf(), {
      platform: { retries: { max: 1, on: [503] } },
    });
    // Broken when the second event was due, at 80, with one more under way; retried at 1,080.
    expect(provider.finishes[0]).toEqual({ atMs: 80, outputTokens: 3, wastedTokens: 3, completed: false });
    expect(records).toMatchObject([
      { outcome: "ok", endMs: 1_090, upstreamCalls: 2, outputTokens: 1, wastedTokens: 3 },
    ]);
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

function times(records: readonly RequestRecord[]): readonly Pick<RequestRecord, "key" | "firstTokenMs" | "endMs">[] {
  return records.map(({ key, firstTokenMs, endMs }) => ({ key, firstTokenMs, endMs }));
}
