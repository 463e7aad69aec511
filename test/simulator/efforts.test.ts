/** Clients whose library tries again, worked out by hand. All times in milliseconds. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { clientRetries } from "../../behavior/routing/client-retries.ts";
import { randomStream } from "../../core/random.ts";
import { e2eMs } from "../../core/record.ts";
import type { ClientRetries } from "../../core/scenario/traffic-spec.ts";
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

  it("never tries more often than it may, and its time adds up, whatever happens upstream", () => {
    const scripts: readonly Script[] = [down, answerAt10, { kind: "hang" }, { kind: "reset", afterMs: 5 }];
    const anyScripts = fc.array(fc.constantFrom(...scripts), { minLength: 1, maxLength: 12 });
    const anyRequests = fc.array(fc.record({ gapMs: fc.nat({ max: 400 }), stream: fc.boolean() }), { maxLength: 8 });
    fc.assert(
      fc.property(anyScripts, anyRequests, fc.integer({ min: 0, max: 3 }), (upstream, asked, max) => {
        let atMs = 0;
        const requests = asked.map(({ gapMs, stream }, index) =>
          request(`r${index}`, { atMs: (atMs += gapMs), stream }),
        );
        const { records } = play([openPhase(requests)], [scriptedProvider("a", upstream)], costlyGateway, {
          retryAgain: clientRetries({ ...steady, max }, randomStream(1)),
          timeoutMs: 700,
          platform: { retries: { max: 1, on: [503] } },
          explain: true,
        });
        expect(records).toHaveLength(requests.length);
        for (const record of records) {
          expect(record.clientTries ?? 1).toBeLessThanOrEqual(max + 1);
          expect(record.upstreamCalls).toBeLessThanOrEqual(2 * (max + 1));
          const spentMs = Object.values(record.spent ?? {}).reduce((sum, partMs) => sum + partMs, 0);
          expect(spentMs).toBeCloseTo(e2eMs(record), 1);
        }
      }),
    );
  });
});
