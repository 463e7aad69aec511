/**
 * Requests that end before their answer is whole, worked out by hand: clients that leave, streams that break off. All times
 * in milliseconds.
 */
import { describe, expect, it } from "vitest";
import { directProfile } from "../../behavior/gateway-profile.ts";
import type { BrokenAnswer } from "../../behavior/provider.ts";
import {
  answerAt10,
  gatewayOf,
  nanoPerToken,
  openPhase,
  play,
  request,
  type Script,
  scriptedProvider,
} from "./scripted-platform.ts";

const refused: Script = { kind: "status", status: 503, afterMs: 10 };

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

  it("leaves on purpose at its own instant, and the rest is as when patience runs out", () => {
    const provider = scriptedProvider("a", [slow, slow]);
    const requests = [request("r0", { leaveAfterMs: 100 }), request("r1", { atMs: 1_000, leaveAfterMs: 500 })];
    const { records } = play([openPhase(requests)], [provider], gatewayOf(), { timeoutMs: 130 });
    expect(records).toMatchObject([
      { outcome: "aborted", reason: "client-left", status: 200, firstTokenMs: 40, endMs: 100, chunks: 2 },
      { outcome: "timeout", reason: "client-timeout", endMs: 1_130 },
    ]);
    expect(records).toMatchObject([{ outputTokens: 2, wastedTokens: 2, cost: 4 * nanoPerToken }, {}]);
  });

  it("is gone for a request that was answered before", () => {
    const provider = scriptedProvider("a", [slow]);
    const { records } = play([openPhase([request("r0", { leaveAfterMs: 160 })])], [provider], gatewayOf());
    expect(records).toMatchObject([{ outcome: "ok", endMs: 160 }]);
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
    const others = [105, 395].map((atMs) => request(`r${atMs}`, { atMs }));
    const { records } = play([openPhase([request("r0"), ...others])], [provider], gateway, { timeoutMs: 400 });
    // The first chunk of r0 comes at 110 and waits for another request until 205. When the client leaves at 400, a chunk
    // would wait as long again, so the second one, of 310, is taken to have done so; at 510 the last one does not wait at all,
    // so the second would have been through in time.
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
    const provider = scriptedProvider("a", [refused, answerAt10]);
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
  const broken = (afterChunks: number, how: "cut" | "stall" | "truncate" | "malformed" | "error-event"): Script => {
    const breaks: BrokenAnswer = how === "error-event" ? { afterChunks, how, status: 500 } : { afterChunks, how };
    return { kind: "answer", chunksAtMs: [40, 80, 120], broken: breaks };
  };

  it.each([
    { how: "cut", through: gatewayOf(), outcome: "cut-stream", reason: "no-finish-reason" },
    { how: "cut", through: directProfile, outcome: "cut-stream", reason: "closed-early" },
    { how: "truncate", through: directProfile, outcome: "cut-stream", reason: "no-finish-reason" },
    { how: "malformed", through: directProfile, outcome: "malformed", reason: "invalid-json" },
    { how: "error-event", through: gatewayOf(), outcome: "cut-stream", reason: "server_error" },
  ] as const)("is never retried: $how through $through.name", ({ how, through, outcome, reason }) => {
    const provider = scriptedProvider("a", [broken(2, how)]);
    const { records } = play([openPhase([request("r0")])], [provider], through, {
      platform: { retries: { max: 2, on: [200, 500] } },
    });
    expect(records).toMatchObject([
      {
        outcome,
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
