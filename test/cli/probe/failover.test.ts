import { describe, expect, it } from "vitest";
import { failoverFrom, type FailoverSeen } from "../../../cli/probe/failover.ts";
import type { ProbeAnswer } from "../../../cli/probe/findings.ts";
import { answer } from "./answers.ts";

/** What a gateway did that repeats 429 and 5xx twice, after 1 and 2 s. */
const plain: Readonly<Record<string, Partial<ProbeAnswer>>> = {
  "400": { status: 400, calls: 1, waitsMs: [] },
  "401, key revoked": { status: 401, calls: 1, waitsMs: [] },
  "404": { status: 404, calls: 1, waitsMs: [] },
  "429": { status: 429, waitsMs: [1_010, 2_010] },
  "429, retry-after 3 s": { status: 429, waitsMs: [1_020, 2_010], retryAfterPassedOn: true },
  "500": { status: 500, waitsMs: [1_030, 2_020], tookMs: 3_200 },
  "503": { status: 503, waitsMs: [1_010, 2_010] },
  "503, streamed": { status: 503, waitsMs: [1_050, 2_090] },
  overloaded: { status: 503, waitsMs: [1_010, 2_010] },
  "connection reset": { status: 500, waitsMs: [1_000, 2_000] },
};

function seen(changes: typeof plain, more: Partial<FailoverSeen> = {}): FailoverSeen {
  const answers = Object.entries(plain).map(([question, as]) => answer({ question, ...as, ...changes[question] }));
  const retryOn = [429, 500, 502, 503, 504];
  return { answers, retryOn, callsBeforeFallback: 3, fallsBackAfterRefusal: false, ...more };
}

describe("what the simulator plays of a gateway's failures", () => {
  it("is nothing but its wait and its status for a connection, where it does as it is told", () => {
    expect(failoverFrom(seen({}))).toEqual({ backoffMs: 1_010, connectionStatus: 500 });
  });

  it("is no wait where nothing was repeated", () => {
    const never = Object.fromEntries(Object.keys(plain).map((question) => [question, { calls: 1, waitsMs: [] }]));
    expect(failoverFrom({ ...seen(never), retryOn: [] })).toEqual({ backoffMs: 0, connectionStatus: 500 });
  });

  it("has as much jitter as the waits differ by, fixed where the second ones differ as much", () => {
    const jittered = {
      "429": { waitsMs: [500, 1_000] },
      "500": { waitsMs: [700, 1_700], tookMs: 2_500 },
      "503": { waitsMs: [900, 1_300] },
      "503, streamed": { waitsMs: [1_000, 1_100] },
      overloaded: { waitsMs: [1_200, 1_500] },
    };
    // 5 waits over 700 ms: 6 / 4 of that, from a quarter of it below the least.
    expect(failoverFrom(seen(jittered))).toMatchObject({ backoffMs: 325, jitterMs: 1_050 });
    const growing = { ...jittered, "429": { waitsMs: [500, 300] }, "500": { waitsMs: [700, 4_000], tookMs: 5_000 } };
    expect(failoverFrom(seen(growing))).toMatchObject({ backoffMs: 325, jitterShare: 1 });
  });

  it("obeys retry-after where it waits so long for it and not without, and hides it where it is not passed on", () => {
    const obeying = { "429, retry-after 3 s": { waitsMs: [3_100, 3_400], retryAfterPassedOn: false } };
    expect(failoverFrom(seen(obeying))).toMatchObject({ retryAfterMsMax: 60_000, hidesRetryAfter: true });
    const slow = { ...obeying, "429": { waitsMs: [3_000, 6_000] } };
    expect(failoverFrom(seen(slow)).retryAfterMsMax).toBeUndefined();
  });

  it("waits once more after the last try where its client hears of it so late", () => {
    expect(failoverFrom(seen({ "500": { tookMs: 5_100 } }))).toMatchObject({ waitsAfterLast: true });
  });

  it("repeats what it is not told to, tells everything with one status, falls back always, and from the start", () => {
    const all = Object.fromEntries(
      Object.keys(plain).map((question) => [question, { status: 502, calls: 3, waitsMs: [1_000, 2_000] }]),
    );
    expect(failoverFrom(seen(all, { callsBeforeFallback: 1, fallsBackAfterRefusal: true }))).toMatchObject({
      connectionStatus: 502,
      repeats: { never: [], asTold: [] },
      fallsBackAlways: true,
      retriesRoute: true,
      failureStatus: 502,
    });
    const deaf = failoverFrom(seen({ "503": { calls: 1, waitsMs: [] } }));
    expect(deaf.repeats).toEqual({ never: [400, 401, 404, 503], asTold: [] });
  });
});
