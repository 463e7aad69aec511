/**
 * Timelines through the simulated gateway, worked out by hand. All times in milliseconds.
 */
import { describe, expect, it } from "vitest";
import { directProfile, type GatewayProfile } from "../../behavior/gateway-profile.ts";
import type { RequestRecord } from "../../core/record.ts";
import {
  answerAt10,
  costlyGateway,
  gatewayOf,
  openPhase,
  play,
  request,
  type Script,
  scriptedProvider,
} from "./scripted-platform.ts";

const status = (code: number): Script => ({ kind: "status", status: code, afterMs: 10 });
const reset: Script = { kind: "reset", afterMs: 10 };

describe("a gateway that serves", () => {
  it("does the work of two requests in turn on one event loop", () => {
    const provider = scriptedProvider("a", [answerAt10]);
    const whole = { stream: false };
    const { records } = play([openPhase([request("r0", whole), request("r1", whole)])], [provider], costlyGateway);
    // r0 is worked on 0..2, r1 2..4; r0 is back at 12 and done at 13, r1 back at 14 and done at 15.
    expect(provider.calls.map((call) => call.atMs)).toEqual([2, 4]);
    expect(times(records)).toEqual([
      { key: "r0", firstTokenMs: 13.5, endMs: 13.5 },
      { key: "r1", firstTokenMs: 15.5, endMs: 15.5 },
    ]);
  });

  it("needs less for a request that finds the event loop at work, which waits again before it is sent", () => {
    const provider = scriptedProvider("a", [answerAt10]);
    const gateway = { ...costlyGateway, busyRequestShare: 0.25, requestTurns: 2 };
    const whole = { stream: false };
    const { records } = play([openPhase([request("r0", whole), request("r1", whole)])], [provider], gateway);
    // r0 is worked on 0..2. r1 waits 2, is worked on 2..2.5, and waits 2 once more. Their ends, at 12 and 14.5, find nothing to
    // wait for.
    expect(provider.calls.map((call) => call.atMs)).toEqual([2, 4.5]);
    expect(times(records)).toEqual([
      { key: "r0", firstTokenMs: 13.5, endMs: 13.5 },
      { key: "r1", firstTokenMs: 16, endMs: 16 },
    ]);
  });

  it("makes the end of one request wait for the start of the next", () => {
    const provider = scriptedProvider("a", [answerAt10]);
    const whole = { stream: false };
    const { records } = play(
      [openPhase([request("r0", whole), request("r1", { ...whole, atMs: 11 })])],
      [provider],
      costlyGateway,
    );
    // r0 is back at 12, while r1 is worked on 11..13, and done at 14.
    expect(records[0]).toMatchObject({ key: "r0", endMs: 14.5 });
  });

  it("goes on with a stream once its client has the end of it, and the next request waits for that", () => {
    const [streamed, whole] = [request("r0", { stream: true }), request("r1", { stream: false, atMs: 14 })];
    const endsAt = (gateway: GatewayProfile): readonly (number | undefined)[] => {
      const { records } = play([openPhase([streamed, whole])], [scriptedProvider("a", [answerAt10])], gateway);
      return ["r0", "r1"].map((name) => records.find(({ key }) => key === name)?.endMs);
    };
    // r0 is worked on 0..2, its one chunk comes at 12 and is read 12..13, its end is done at 14. r1 comes at 14 and is worked on 14..16,
    // or 18..20 where the gateway is busy with r0 until 18.
    expect(endsAt(costlyGateway)).toEqual([14.5, 27.5]);
    expect(endsAt({ ...costlyGateway, streamCpuMs: 4 })).toEqual([14.5, 31.5]);
  });

  it("deals requests out to its replicas in turn", () => {
    const provider = scriptedProvider("a", [answerAt10]);
    const requests = ["r0", "r1", "r2"].map((key) => request(key, { stream: false }));
    const { statistics } = play([openPhase(requests)], [provider], costlyGateway, { platform: { replicas: 2 } });
    expect(provider.calls.map((call) => call.atMs)).toEqual([2, 2, 4]);
    expect(statistics.replicas.map((replica) => replica.jobs)).toEqual([4, 2]);
  });

  it("makes its own times longer, but not the provider's, when the scenario runs faster than the wall", () => {
    const provider = scriptedProvider("a", [status(503), { kind: "answer", chunksAtMs: [10, 20] }]);
    const gateway = { ...costlyGateway, firstChunkDelayMs: 25 };
    const { records } = play([openPhase([request("r0")])], [provider], gateway, {
      timeScale: 10,
      platform: { retries: { max: 1, on: [503] } },
    });
    // Called at 20, refused at 30, retried 10,000 later after 20 of work: at 10,050. First chunk there at 10,060, worked on
    // until 10,070, held until 10,320; then it passes with the second until 10,330, the end until 10,340; the network takes 5.
    expect(provider.calls.map((call) => call.atMs)).toEqual([20, 10_050]);
    expect(records[0]).toMatchObject({ firstTokenMs: 10_335, endMs: 10_345 });
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
    const { records } = play([openPhase([request("r0", { stream: false })])], [provider], costlyGateway, {
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

function times(records: readonly RequestRecord[]): readonly Pick<RequestRecord, "key" | "firstTokenMs" | "endMs">[] {
  return records.map(({ key, firstTokenMs, endMs }) => ({ key, firstTokenMs, endMs }));
}
