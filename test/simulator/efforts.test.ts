/** Clients whose library tries again, and people who send again by hand, worked out by hand. All times in milliseconds. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { clientRetries } from "../../behavior/routing/client-retries.ts";
import { resendsOf } from "../../behavior/routing/resends.ts";
import { randomStream } from "../../core/random.ts";
import { e2eMs } from "../../core/record.ts";
import { plainFleet } from "../../core/scenario/plain-fleet.ts";
import type { ClientRetries, ResendSpec } from "../../core/scenario/traffic-spec.ts";
import {
  answerAt10,
  closedPhase,
  costlyGateway,
  gatewayOf,
  openPhase,
  play,
  request,
  type Script,
  scriptedProvider,
} from "./scripted-platform.ts";

const down: Script = { kind: "status", status: 503, afterMs: 10 };
const steady: ClientRetries = {
  max: 2,
  backoff: { baseMs: 500, capMs: 8_000, jitter: "none" },
  honourRetryAfter: true,
};
const retryAgain = clientRetries(steady, randomStream(1));
/** Sends again whatever fails, and what has not begun after a second. */
const eager: ResendSpec = {
  share: 1,
  patience: { kind: "constant", value: 1_000 },
  pause: { kind: "constant", value: 100 },
  max: 5,
};
const resends = resendsOf(eager, randomStream(1));

describe("a client whose library tries again", () => {
  it("sees the last answer only, and its latency counts from the first try", () => {
    const a = scriptedProvider("a", [down, down, answerAt10]);
    const { records } = play([openPhase([request("r0")])], [a], gatewayOf(), { retryAgain });
    expect(a.calls).toMatchObject([
      { atMs: 0, attempt: 1 },
      { atMs: 510, attempt: 2 },
      { atMs: 1_520, attempt: 3 },
    ]);
    expect(records).toMatchObject([
      { key: "r0", intendedMs: 0, sentMs: 0, endMs: 1_530, outcome: "ok", upstreamCalls: 3, clientTries: 3 },
    ]);
  });

  it("gives up after its last try", () => {
    const a = scriptedProvider("a", [down]);
    const { records, statistics } = play([openPhase([request("r0")])], [a], gatewayOf(), { retryAgain });
    expect(records).toMatchObject([{ status: 503, endMs: 1_530, clientTries: 3 }]);
    expect(statistics.conservation).toEqual({ arrived: 1, completed: 0, failed: 1, inFlight: 0 });
  });

  it("waits as long as an answer asks for", () => {
    const a = scriptedProvider("a", [{ kind: "status", status: 429, afterMs: 10, retryAfterMs: 3_000 }, answerAt10]);
    play([openPhase([request("r0")])], [a], gatewayOf(), { retryAgain });
    expect(a.calls.map(({ atMs }) => atMs)).toEqual([0, 3_010]);
  });

  it("multiplies what the gateway tries again by itself", () => {
    const a = scriptedProvider("a", [down]);
    const { records } = play([openPhase([request("r0")])], [a], gatewayOf(), {
      retryAgain,
      platform: { retries: { max: 1, on: [503] } },
    });
    expect(records).toMatchObject([{ upstreamCalls: 6, clientTries: 3 }]);
  });

  it("pays for a try that the gateway goes on with after the client has given it up", () => {
    const a = scriptedProvider("a", [{ kind: "answer", chunksAtMs: [3_000, 3_001] }, answerAt10]);
    const { records } = play([openPhase([request("r0")])], [a], gatewayOf(), { retryAgain, timeoutMs: 1_000 });
    // Given up at 1,000, tried again at 1,500, answered at 1,510; the first call ends at 3,001.
    expect(records).toMatchObject([
      { endMs: 1_510, outcome: "ok", outputTokens: 1, wastedTokens: 2, cost: 30, upstreamCalls: 2, clientTries: 2 },
    ]);
  });

  it("does not ask again for a stream that has begun", () => {
    const a = scriptedProvider("a", [{ kind: "answer", chunksAtMs: [10, 5_000] }]);
    const { records } = play([openPhase([request("r0")])], [a], gatewayOf(), { retryAgain, timeoutMs: 1_000 });
    expect(records).toMatchObject([{ outcome: "timeout", endMs: 1_000 }]);
    expect(records[0]).not.toHaveProperty("clientTries");
  });

  it("leaves between two tries if that is when it wants to leave", () => {
    const a = scriptedProvider("a", [down]);
    const { records } = play([openPhase([request("r0", { leaveAfterMs: 300 })])], [a], gatewayOf(), { retryAgain });
    expect(records).toMatchObject([{ outcome: "aborted", reason: "client-left", endMs: 300, upstreamCalls: 1 }]);
  });

  it("thinks after the last answer, in a closed phase", () => {
    const a = scriptedProvider("a", [down, answerAt10]);
    const script = [request("r0"), request("r1", { thinkMs: 100 })];
    play([closedPhase([script])], [a], gatewayOf(), { retryAgain });
    expect(a.calls.map(({ atMs }) => atMs)).toEqual([0, 510, 620]);
  });

  it("never tries more often than it may, nor its person, and its time adds up, whatever happens upstream", () => {
    const scripts: readonly Script[] = [down, answerAt10, { kind: "hang" }, { kind: "reset", afterMs: 5 }];
    const anyScripts = fc.array(fc.constantFrom(...scripts), { minLength: 1, maxLength: 12 });
    const anyRequests = fc.array(fc.record({ gapMs: fc.nat({ max: 400 }), stream: fc.boolean() }), { maxLength: 8 });
    fc.assert(
      fc.property(anyScripts, anyRequests, fc.nat({ max: 3 }), fc.nat({ max: 2 }), (upstream, asked, max, byHand) => {
        let atMs = 0;
        const requests = asked.map(({ gapMs, stream }, index) =>
          request(`r${index}`, { atMs: (atMs += gapMs), stream }),
        );
        const { records } = play([openPhase(requests)], [scriptedProvider("a", upstream)], costlyGateway, {
          retryAgain: clientRetries({ ...steady, max }, randomStream(1)),
          resends: resendsOf({ ...eager, share: 0.8, max: byHand }, randomStream(1)),
          timeoutMs: 700,
          platform: { retries: { max: 1, on: [503] } },
          explain: true,
        });
        expect(records).toHaveLength(requests.length);
        for (const record of records) {
          expect(record.resends ?? 0).toBeLessThanOrEqual(byHand);
          expect(record.clientTries ?? 1).toBeLessThanOrEqual((max + 1) * (byHand + 1));
          expect(record.upstreamCalls).toBeLessThanOrEqual(2 * (record.clientTries ?? 1));
          const spentMs = Object.values(record.spent ?? {}).reduce((sum, partMs) => sum + partMs, 0);
          expect(spentMs).toBeCloseTo(e2eMs(record), 1);
        }
      }),
      { seed: 1 },
    );
  });
});

describe("a person who sends again by hand", () => {
  it("does so after a pause when a request has failed, and it is one record, counted from the first time", () => {
    const a = scriptedProvider("a", [down, down, answerAt10]);
    const { records, statistics } = play([openPhase([request("r0")])], [a], gatewayOf(), { resends });
    expect(a.calls).toMatchObject([
      { atMs: 0, attempt: 1 },
      { atMs: 110, attempt: 2 },
      { atMs: 220, attempt: 3 },
    ]);
    expect(records).toMatchObject([{ intendedMs: 0, endMs: 230, outcome: "ok", clientTries: 3, resends: 2 }]);
    expect(statistics.conservation).toEqual({ arrived: 1, completed: 1, failed: 0, inFlight: 0 });
  });

  it("does so at once when patience is over, while the first call goes on and is paid for", () => {
    const a = scriptedProvider("a", [{ kind: "answer", chunksAtMs: [3_000, 3_001] }, answerAt10]);
    const { records } = play([openPhase([request("r0")])], [a], gatewayOf(), { resends });
    expect(a.calls.map(({ atMs }) => atMs)).toEqual([0, 1_000]);
    expect(records).toMatchObject([
      { endMs: 1_010, outcome: "ok", upstreamCalls: 2, resends: 1, outputTokens: 1, wastedTokens: 2, cost: 30 },
    ]);
  });

  it("is patient for an answer to begin, and stays for one that has, however long it is", () => {
    const slow: Script = { kind: "answer", chunksAtMs: [900, 1_500, 5_000] };
    for (const gateway of [gatewayOf(), costlyGateway]) {
      const a = scriptedProvider("a", [slow]);
      const { records } = play([openPhase([request("r0")])], [a], gateway, { resends, explain: true });
      expect(a.calls).toHaveLength(1);
      const [record] = records;
      expect(record).toMatchObject({ outcome: "ok", chunks: 3, outputTokens: 3, wastedTokens: 0 });
      expect(record).not.toHaveProperty("resends");
      expect((record?.firstTokenMs ?? 0) - 900).toBeLessThan(5);
      expect((record?.endMs ?? 0) - 5_000).toBeLessThan(10);
      const spentMs = Object.values(record?.spent ?? {}).reduce((sum, partMs) => sum + partMs, 0);
      expect(spentMs).toBeCloseTo(record === undefined ? 0 : e2eMs(record), 1);
    }
  });

  it("is patient for the whole of an answer that comes in one piece", () => {
    const a = scriptedProvider("a", [{ kind: "answer", chunksAtMs: [900, 1_500] }, answerAt10]);
    const { records } = play([openPhase([request("r0", { stream: false })])], [a], gatewayOf(), { resends });
    expect(records).toMatchObject([{ endMs: 1_010, outcome: "ok", resends: 1 }]);
  });

  it("stays with an answer that has begun until the client's time limit, and then sends again", () => {
    const stalls: Script = { kind: "answer", chunksAtMs: [500, 600, 700], broken: { afterChunks: 2, how: "stall" } };
    const a = scriptedProvider("a", [stalls, answerAt10]);
    const { records } = play([openPhase([request("r0")])], [a], gatewayOf(), { resends, timeoutMs: 2_000 });
    expect(a.calls.map(({ atMs }) => atMs)).toEqual([0, 2_100]);
    expect(records).toMatchObject([{ outcome: "ok", endMs: 2_110, chunks: 1, resends: 1 }]);
  });

  it("sends an answer again that broke off", () => {
    const cut: Script = { kind: "answer", chunksAtMs: [10, 20], broken: { afterChunks: 1, how: "cut" } };
    const a = scriptedProvider("a", [cut, answerAt10]);
    const { records } = play([openPhase([request("r0")])], [a], gatewayOf(), { resends, retryAgain });
    expect(records).toMatchObject([{ outcome: "ok", endMs: 120, clientTries: 2, resends: 1 }]);
  });

  it("leaves its library the time to try again, and sets it going anew", () => {
    const a = scriptedProvider("a", [down, down, down, down, answerAt10]);
    const patient = resendsOf({ ...eager, patience: { kind: "constant", value: 10_000 } }, randomStream(1));
    const { records } = play([openPhase([request("r0")])], [a], gatewayOf(), { resends: patient, retryAgain });
    // Tries at 0, 510 and 1,520; failed for good at 1,530, by hand at 1,630, and by the library at 2,140.
    expect(a.calls.map(({ atMs }) => atMs)).toEqual([0, 510, 1_520, 1_630, 2_140]);
    expect(records).toMatchObject([{ endMs: 2_150, clientTries: 5, resends: 1 }]);
  });

  it("does not wait for a library that would try again later than that", () => {
    const a = scriptedProvider("a", [{ kind: "status", status: 429, afterMs: 10, retryAfterMs: 3_000 }, answerAt10]);
    const { records } = play([openPhase([request("r0")])], [a], gatewayOf(), { resends, retryAgain });
    expect(a.calls.map(({ atMs }) => atMs)).toEqual([0, 1_000]);
    expect(records).toMatchObject([{ endMs: 1_010, clientTries: 2, resends: 1 }]);
  });

  it("leaves, if that comes first, and has what came when it leaves later", () => {
    const a = scriptedProvider("a", [{ kind: "hang" }]);
    const leaving = [300, 1_300].map((leaveAfterMs, index) => request(`r${index}`, { leaveAfterMs }));
    const { records } = play([openPhase(leaving)], [a], gatewayOf(), { resends });
    expect(records).toMatchObject([
      { key: "r0", outcome: "aborted", endMs: 300, upstreamCalls: 1 },
      { key: "r1", outcome: "aborted", endMs: 1_300, upstreamCalls: 2, resends: 1 },
    ]);
    expect(records[0]).not.toHaveProperty("resends");
  });

  it("fails like anybody when it has sent a request as often as it would", () => {
    const a = scriptedProvider("a", [{ kind: "hang" }]);
    const twice = resendsOf({ ...eager, max: 1 }, randomStream(1));
    const { records } = play([openPhase([request("r0")])], [a], gatewayOf(), { resends: twice, timeoutMs: 5_000 });
    expect(records).toMatchObject([{ outcome: "timeout", reason: "client-timeout", endMs: 6_000, resends: 1 }]);
  });

  it("keeps a full copy busy with calls for people who have given up", () => {
    const a = scriptedProvider("a", [{ kind: "answer", chunksAtMs: [900] }]);
    const phases = [openPhase([request("r0"), request("r1")])];
    const platform = { fleet: { ...plainFleet, concurrency: 1 } };
    const { records } = play(phases, [a], gatewayOf(), { resends, platform });
    // r1 is served from 900 on and sent again at 1,000, served from 1,800 and sent again at 2,000, and so on five times.
    expect(a.calls.map(({ atMs }) => atMs)).toEqual([0, 900, 1_800, 2_700, 3_600, 4_500, 5_400]);
    expect(records.find(({ key }) => key === "r1")).toMatchObject({ endMs: 6_300, resends: 5, wastedTokens: 5 });
    const [, alone] = play(phases, [scriptedProvider("a", [{ kind: "answer", chunksAtMs: [900] }])], gatewayOf(), {
      platform,
    }).records;
    expect(alone).toMatchObject({ endMs: 1_800, wastedTokens: 0 });
  });
});
