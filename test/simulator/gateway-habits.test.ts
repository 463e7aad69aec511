/** What gateways do about failures by themselves, as their profiles say it, worked out by hand. All times in milliseconds. */
import { describe, expect, it } from "vitest";
import type { Failover } from "../../behavior/gateway-profile.ts";
import { litellmProfile } from "../../behavior/gateway-profiles/litellm.ts";
import { tensorzeroProfile } from "../../behavior/gateway-profiles/tensorzero.ts";
import {
  answerAt10,
  gatewayOf,
  openPhase,
  type Play,
  play,
  request,
  type Script,
  type ScriptedProvider,
  scriptedProvider,
} from "./scripted-platform.ts";

const failing = (status: number, retryAfterMs?: number): Script => ({
  kind: "status",
  status,
  afterMs: 10,
  ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
});

function played(
  failover: Failover,
  providers: readonly ScriptedProvider[],
  {
    arrivals = [0],
    max = 2,
    on = [429, 500, 503],
  }: { arrivals?: readonly number[]; max?: number; on?: readonly number[] } = {},
): Play {
  const requests = arrivals.map((atMs, index) => request(`r${index}`, { atMs }));
  return play([openPhase(requests)], providers, gatewayOf({ failover }), { platform: { retries: { max, on } } });
}

const calledAt = (provider: ScriptedProvider): readonly number[] => provider.calls.map(({ atMs }) => atMs);
const ends = ({ records }: Play): readonly (readonly [number, number])[] =>
  records.map(({ status, endMs }) => [status, endMs]);
const steady: Failover = { backoffMs: 100, connectionStatus: 500 };

describe("a gateway's own waits", () => {
  it("double up to their bound", () => {
    const a = scriptedProvider("a", [failing(500), failing(500), failing(500), answerAt10]);
    played({ ...steady, backoffMsMax: 150 }, [a], { max: 3 });
    expect(calledAt(a)).toEqual([0, 110, 270, 430]); // waits 100, 150, 150
  });

  it("take up to so much longer, each request and each wait in its own way, the same with every seed", () => {
    const waits = (failover: Failover): readonly number[] => {
      const a = scriptedProvider("a", [failing(500), failing(500), answerAt10]);
      played(failover, [a]);
      const [, second = 0, third = 0] = calledAt(a);
      return [second - 10, third - second - 10];
    };
    const [first = 0, second = 0] = waits({ ...steady, jitterMs: 50 });
    expect(first).toBeGreaterThan(100);
    expect(first).toBeLessThan(150);
    expect(second).toBeGreaterThan(200);
    expect(second).toBeLessThan(250);
    expect(first - 100).not.toBeCloseTo(second - 200, 6);
    expect(waits({ ...steady, jitterMs: 50 })).toEqual([first, second]);
    // The same draws, as shares of the waits themselves.
    const [shareOfFirst = 0, shareOfSecond = 0] = waits({ ...steady, jitterShare: 1 });
    expect(shareOfFirst).toBeCloseTo(100 + 2 * (first - 100), 6);
    expect(shareOfSecond).toBeCloseTo(200 + 4 * (second - 200), 6);
  });

  it("are what the provider asks for, where it asks for no more than the gateway bears", () => {
    const a = scriptedProvider("a", [failing(429, 700), failing(429, 9_000), answerAt10]);
    played({ ...steady, retryAfterMsMax: 1_000 }, [a]);
    expect(calledAt(a)).toEqual([0, 710, 920]); // 700 as asked, then 200 by itself
  });

  it("end with one more after the last try, before the next provider is asked or the client hears of it", () => {
    const a = scriptedProvider("a", [failing(500), failing(500)]);
    const b = scriptedProvider("b", [failing(500), failing(500)]);
    const run = played({ ...steady, waitsAfterLast: true }, [a, b], { max: 1 });
    expect(calledAt(a)).toEqual([0, 110]);
    expect(calledAt(b)).toEqual([320, 430]); // 120, and 200 for nothing
    expect(ends(run)).toEqual([[500, 640]]);
  });

  it("do not come after a failure that is never repeated, nor where nothing is", () => {
    const habits: Failover = { ...steady, waitsAfterLast: true, repeats: { never: [400], asTold: [429] } };
    expect(ends(played(habits, [scriptedProvider("a", [failing(400)])]))).toEqual([[400, 10]]);
    expect(ends(played(habits, [scriptedProvider("a", [failing(503)])], { max: 0 }))).toEqual([[503, 10]]);
  });
});

describe("which failures a gateway repeats", () => {
  const habits: Failover = { ...steady, repeats: { never: [400], asTold: [429] } };
  it.each([
    { status: 400, on: [400], calls: 1, why: "never, whatever it was told" },
    { status: 429, on: [], calls: 1, why: "not, where it was not told to" },
    { status: 429, on: [429], calls: 3, why: "as it was told" },
    { status: 503, on: [], calls: 3, why: "always" },
  ])("$status with $on: $why", ({ status, on, calls }) => {
    const a = scriptedProvider("a", [failing(status), failing(status), failing(status)]);
    played(habits, [a], { on });
    expect(a.calls).toHaveLength(calls);
  });

  it("falls back after any failure where that is its habit", () => {
    const [a, b] = [scriptedProvider("a", [failing(400)]), scriptedProvider("b", [answerAt10])];
    expect(ends(played({ ...habits, fallsBackAlways: true }, [a, b], { on: [] }))).toEqual([[200, 20]]);
    expect(
      ends(played(habits, [scriptedProvider("a", [failing(400)]), scriptedProvider("b", [])], { on: [] })),
    ).toEqual([[400, 10]]);
  });
});

describe("LiteLLM", () => {
  it("leaves a provider alone for 5 s after one 404, and its clients get 429 meanwhile", () => {
    const a = scriptedProvider("a", [failing(404), answerAt10]);
    const failover = { ...steady, pause: litellmProfile.failover?.pause };
    const run = played(failover, [a], { arrivals: [0, 1_000, 5_011] });
    expect(ends(run)).toEqual([
      [404, 10],
      [429, 1_000],
      [200, 5_021],
    ]);
    expect(run.events.map(({ kind, atMs }) => [kind, atMs])).toEqual([["cooldown", 10]]);
  });

  it("goes to the next provider at once while the first is left alone", () => {
    const [a, b] = [scriptedProvider("a", [failing(401)]), scriptedProvider("b", [answerAt10, answerAt10])];
    const failover: Failover = { ...steady, fallsBackAlways: true, pause: { statuses: [401], forMs: 5_000 } };
    expect(ends(played(failover, [a, b], { arrivals: [0, 1_000], max: 0 }))).toEqual([
      [200, 20],
      [200, 1_010],
    ]);
    expect(a.calls).toHaveLength(1);
  });
});

describe("TensorZero", () => {
  it("asks all providers without a wait, then waits and begins the route again; its clients see 502 for everything", () => {
    const [a, b] = [
      scriptedProvider("a", [failing(401), failing(401)]),
      scriptedProvider("b", [failing(429, 700), failing(429)]),
    ];
    const { failover } = tensorzeroProfile;
    if (failover === undefined) throw new Error("it has habits");
    const run = played({ ...failover, backoffMs: 100, jitterShare: 0 }, [a, b], { max: 1, on: [] });
    expect(calledAt(a)).toEqual([0, 120]);
    expect(calledAt(b)).toEqual([10, 130]);
    expect(run.records).toMatchObject([
      { status: 502, outcome: "server-error", reason: "http-502", upstreamCalls: 4, endMs: 140 },
    ]);
  });
});
